//! progenitor's client of anybody's description: what it can't take is left out, and named.

use diptych::reference::reference;
use serde_json::{Value, json};

fn description(paths: &Value, schemas: &Value) -> String {
    let description = json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    description.to_string()
}

fn read(id: &str, schema: &Value) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    json!({ "get": { "operationId": id, "responses": { "200": { "description": "ok", "content": content } } } })
}

#[test]
fn a_description_of_3_1_becomes_progenitors_client() {
    let pet = json!({ "type": ["object", "null"], "properties": { "name": { "type": ["string", "null"] } } });
    let paths = json!({ "/pet": read("pet", &json!({ "$ref": "#/components/schemas/Pet" })) });
    let made = reference(&description(&paths, &json!({ "Pet": pet })), "").unwrap();
    assert!(made.left_out.is_empty(), "{:?}", made.left_out);
    assert!(made.client.contains("pub async fn pet"), "{}", made.client);
    assert!(made.client.contains("pub struct Pet"), "{}", made.client);
}

#[test]
fn what_progenitor_cannot_take_is_named_and_the_rest_is_there() {
    let form = json!({ "content": { "multipart/form-data": { "schema": { "type": "object" } } } });
    let paths = json!({
        "/pet": read("pet", &json!({ "$ref": "#/components/schemas/Pet" })),
        "/order": read("order", &json!({ "$ref": "#/components/schemas/Order" })),
        "/file": { "put": { "operationId": "upload", "requestBody": form, "responses": { "204": { "description": "ok" } } } },
    });
    // Its variants have one name in Rust; progenitor panics.
    let order = json!({ "type": "string", "enum": ["ASC", "asc", "DESC", "desc"] });
    let schemas = json!({
        "Pet": { "type": "object", "properties": { "order": { "$ref": "#/components/schemas/Order" } } },
        "Order": order,
    });
    let made = reference(&description(&paths, &schemas), "").unwrap();
    let places: Vec<&str> = made
        .left_out
        .iter()
        .map(|problem| problem.pointer.as_str())
        .collect();
    assert_eq!(places, ["/components/schemas/Order", "/paths/~1file/put"]);
    let rule = &made.left_out[1].rule;
    assert!(rule.contains("multipart/form-data"), "{rule}");
    for kept in ["pub async fn pet", "pub async fn order", "pub struct Pet"] {
        assert!(made.client.contains(kept), "{kept}");
    }
}
