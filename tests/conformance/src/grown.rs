//! A description as a later release of the server may give it: with more of everything, and nothing else changed.
//!
//! `xtask` includes this file too: it checks users' code against the client of such a description.

use serde_json::{Map, Value, json};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// The description with one optional parameter more for each operation, one optional field for each type with fields,
/// one value for each enumeration, and one operation with types of its own.
///
/// # Errors
///
/// When the text is no JSON.
pub fn grown(description: &str) -> serde_json::Result<String> {
    let mut document: Value = serde_json::from_str(description)?;
    each_object(&mut document, &mut enlarge);
    let operations = members(&mut document, "paths")
        .flat_map(|path| path.as_object_mut().into_iter().flatten())
        .filter(|(method, _)| METHODS.contains(&method.as_str()));
    for (_, operation) in operations {
        push(operation, "parameters", optional_parameter());
    }
    for schema in components(&mut document) {
        if let Some(Value::Object(fields)) = schema.get_mut("properties") {
            fields.insert("grown_field".to_owned(), json!({ "type": "string" }));
        }
    }
    document["paths"]["/grown/{id}"] = operation();
    document["components"]["schemas"]["GrownThing"] = thing();
    serde_json::to_string(&document)
}

fn components(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    members(&mut document["components"], "schemas")
}

fn members<'v>(value: &'v mut Value, key: &str) -> impl Iterator<Item = &'v mut Value> {
    let map = value.get_mut(key).and_then(Value::as_object_mut);
    map.into_iter().flat_map(Map::values_mut)
}

fn push(value: &mut Value, key: &str, item: Value) {
    if let Some(map) = value.as_object_mut()
        && let Value::Array(items) = map.entry(key).or_insert_with(|| json!([]))
    {
        items.push(item);
    }
}

/// One value alone is a constant, and no enumeration.
fn enlarge(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && values.len() > 1
        && values.iter().all(Value::is_string)
    {
        values.push(json!("GROWN_VALUE"));
    }
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            change(map);
            map.values_mut().for_each(|part| each_object(part, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|part| each_object(part, change)),
        _ => {}
    }
}

fn optional_parameter() -> Value {
    json!({ "name": "grown_parameter", "in": "query", "required": false, "schema": { "type": "string" } })
}

fn operation() -> Value {
    let thing =
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/GrownThing" } } });
    json!({ "post": {
        "operationId": "grow_thing",
        "tags": ["Grown"],
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
        "requestBody": { "required": true, "content": thing },
        "responses": { "200": { "description": "", "content": thing } },
    } })
}

fn thing() -> Value {
    json!({ "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } })
}
