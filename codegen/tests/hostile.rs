//! Descriptions of a few lines that stand for more than a machine has: each ends, in files or in an error with its place.
//! Without limits, each of them takes hours or all memory.

use serde_json::{Map, Value, json};

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn outcome(schemas: &Map<String, Value>, paths: &Value) -> Result<usize, String> {
    let description = json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    let files = diptych::generate(&description.to_string(), "");
    files
        .map(|files| files.len())
        .map_err(|error| error.to_string())
}

/// What is left out of a description that is generated all the same.
fn left_out(schemas: &Map<String, Value>) -> Vec<String> {
    let description = json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": {},
        "components": { "schemas": schemas },
    });
    let generated = diptych::generate_and_tell(&description.to_string(), "").unwrap();
    let skipped = generated.skipped.iter();
    skipped.map(ToString::to_string).collect()
}

/// `A0` to `A<count>`, where each is made from its own and the next one's name.
fn chain(count: usize, each: impl Fn(&str, &str) -> Value) -> Map<String, Value> {
    let name = |index: usize| format!("A{index}");
    let links = (0..count).map(|index| (name(index), each(&name(index), &name(index + 1))));
    links
        .chain([(name(count), json!({ "type": "string" }))])
        .collect()
}

#[test]
fn a_tuple_that_doubles_with_each_step() {
    let pair = |next: &str| json!({ "type": "array", "prefixItems": [reference(next), reference(next)], "items": false });
    let mut schemas = chain(60, |_, next| pair(next));
    let union = json!({ "oneOf": [reference("A0"), { "type": "integer" }] });
    schemas.insert("U".to_owned(), union);
    assert!(outcome(&schemas, &json!({})).is_ok());
}

#[test]
fn parts_of_parts_of_parts() {
    let own =
        |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } } });
    let schemas = chain(
        1_000,
        |name, next| json!({ "allOf": [reference(next), own(name)] }),
    );
    let left_out = left_out(&schemas);
    assert_eq!(left_out.len(), 901, "only those that go too deep");
    let too_deep = |line: &String| line.contains("levels deep");
    assert!(left_out.iter().all(too_deep), "{left_out:?}");
    assert!(
        left_out[0].starts_with("/components/schemas/A0: "),
        "{left_out:?}"
    );
}

/// Unions whose branches take over the unions again: each is one, whatever the others are.
#[test]
fn unions_that_take_each_other_over() {
    const COUNT: usize = 12;
    let mut schemas = Map::new();
    for index in 0..COUNT {
        let branches = (0..COUNT).map(|other| {
            let name = format!("A{other}");
            let own = json!({ "properties": { format!("p{index}"): {} } });
            json!({ "allOf": [reference(&name), own] })
        });
        let branches: Vec<Value> = branches.collect();
        let schema = json!({ "allOf": [{ "oneOf": branches }], "properties": { "own": {} } });
        schemas.insert(format!("A{index}"), schema);
    }
    let plain = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
    schemas.insert("Plain".to_owned(), plain);
    let left_out = left_out(&schemas);
    let is_plain = |line: &String| line.contains("Plain");
    assert!(!left_out.iter().any(is_plain), "{left_out:?}");
}

#[test]
fn a_chain_of_bases_with_all_their_descendants() {
    let mut schemas = Map::new();
    for index in 0..400 {
        let mut schema = json!({ "discriminator": { "propertyName": "k" } });
        if index > 0 {
            schema["allOf"] = json!([reference(&format!("A{}", index - 1))]);
        }
        schemas.insert(format!("A{index}"), schema);
    }
    let error = outcome(&schemas, &json!({})).unwrap_err();
    assert!(error.contains("descendants"), "{error}");
}

#[test]
fn a_shared_part_that_is_used_everywhere() {
    let properties: Map<String, Value> = (0..1_000)
        .map(|index| (format!("p{index}"), json!({ "type": "string" })))
        .collect();
    let shared = json!({
        "content": { "application/json": { "schema": { "type": "object", "properties": properties } } }
    });
    let mut paths = json!({ "/0": { "put": { "requestBody": shared, "responses": {} } } });
    for index in 1..1_000 {
        paths[format!("/{index}")] = json!({
            "put": { "requestBody": { "$ref": "#/paths/~10/put/requestBody" }, "responses": {} }
        });
    }
    let error = outcome(&Map::new(), &paths).unwrap_err();
    assert!(error.contains("a million values"), "{error}");
}

#[test]
fn long_chains_and_circles_of_names() {
    let list = |next: &str| json!({ "type": "array", "items": reference(next) });
    assert!(outcome(&chain(300, |_, next| list(next)), &json!({})).is_ok());
    assert!(outcome(&chain(300, |_, next| reference(next)), &json!({})).is_ok());
    let mut circle = chain(300, |_, next| list(next));
    circle.insert("A300".to_owned(), list("A0"));
    assert!(outcome(&circle, &json!({})).is_ok());
    let mut circle = chain(300, |_, next| reference(next));
    circle.insert("A300".to_owned(), reference("A0"));
    assert!(outcome(&circle, &json!({})).is_ok());
}

#[test]
fn a_path_of_thousands_of_parameters() {
    let parts: Vec<String> = (0..20_000).map(|index| format!("/{{p{index}}}")).collect();
    let path = parts.concat();
    let operation = json!({ "get": { "responses": {} } });
    let paths = Map::from_iter([(path, operation.clone()), ("/a/{b}".to_owned(), operation)]);
    assert!(outcome(&Map::new(), &Value::Object(paths)).is_ok());
}

#[test]
fn a_tag_for_each_of_hundreds_of_thousands_of_texts() {
    let target = "#/components/schemas/A";
    let mapping: Map<String, Value> = (0..150_000)
        .map(|index| (format!("t{index}"), json!(target)))
        .collect();
    let object = json!({ "type": "object", "properties": { "k": { "type": "string" } } });
    let told_by = json!({ "propertyName": "k", "mapping": mapping });
    let union = json!({ "oneOf": [reference("A"), reference("B")], "discriminator": told_by });
    let schemas = [("A", object.clone()), ("B", object), ("U", union)];
    let schemas = schemas.map(|(name, schema)| (name.to_owned(), schema));
    assert!(outcome(&Map::from_iter(schemas), &json!({})).is_ok());
}

/// Parameters are compared with those before them by their names.
#[test]
fn thousands_of_parameters() {
    let parameters: Vec<Value> = (0..20_000)
        .map(|index| json!({ "name": format!("p{index}"), "in": "query", "schema": {} }))
        .collect();
    let paths = json!({ "/a": { "get": { "parameters": parameters, "responses": {} } } });
    assert!(outcome(&Map::new(), &paths).is_ok());
}

#[test]
fn thousands_of_one_name() {
    let values: Vec<String> = (0..500)
        .map(|index| format!("{}a", "-".repeat(index)))
        .collect();
    let mut schemas = Map::new();
    schemas.insert("E".to_owned(), json!({ "type": "string", "enum": values }));
    assert!(outcome(&schemas, &json!({})).is_ok());
}

#[test]
fn a_name_that_is_long_around_many_others() {
    let properties: Map<String, Value> = (0..20_000)
        .map(|index| (format!("p{index}"), json!({ "type": "string" })))
        .collect();
    let mut schemas = Map::new();
    schemas.insert("A".repeat(20_000), json!({ "properties": properties }));
    let error = outcome(&schemas, &json!({})).unwrap_err();
    assert!(error.contains("too long"), "{error}");
}

#[test]
fn more_ways_to_say_who_asks_than_a_client_has_constructors() {
    let scheme = json!({ "type": "http", "scheme": "bearer" });
    let schemes: Map<String, Value> = (0..20_000)
        .map(|index| (format!("s{index}"), scheme.clone()))
        .collect();
    let description = json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "components": { "securitySchemes": schemes },
    });
    let files = diptych::generate(&description.to_string(), "").unwrap();
    assert!(files["security.rs"].contains("pub fn s10("));
    assert!(files["INVENTORY.md"].contains("security schemes beyond 1000"));
}

#[test]
fn unions_of_events_that_lead_to_themselves_by_many_ways() {
    let content = json!({ "text/event-stream": { "schema": reference("A0") } });
    let get = json!({ "responses": { "200": { "description": "", "content": content } } });
    let paths = json!({ "/a": { "get": get } });
    let ten = |next: &str| Value::from(vec![reference(next); 10]);
    let unions = chain(30, |_, next| json!({ "anyOf": ten(next) }));
    assert!(outcome(&unions, &paths).is_ok());
    let parts = chain(15, |_, next| json!({ "allOf": ten(next) }));
    assert!(outcome(&parts, &paths).is_ok());
}

#[test]
fn what_is_filled_in_by_many_in_a_long_chain() {
    let fills_in = json!({ "item": { "$dynamicAnchor": "item", "type": "integer" } });
    let mut schemas = chain(100, |_, next| {
        let item = json!({ "$dynamicRef": "#item" });
        json!({ "type": "object", "properties": { "next": reference(next), "item": item } })
    });
    schemas["A0"]["$defs"] = json!({ "any": { "$dynamicAnchor": "item" } });
    for index in 0..100 {
        let schema = json!({ "$ref": "#/components/schemas/A0", "$defs": fills_in });
        schemas.insert(format!("B{index}"), schema);
    }
    assert!(outcome(&schemas, &json!({})).is_ok());
}

/// Each branch of a branch takes the union over again, as a whole or in a property.
#[test]
fn unions_whose_branches_are_made_of_them() {
    let text =
        |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } } });
    let mut again = text("a");
    again["allOf"] = json!([reference("Whole")]);
    let inner = json!({ "oneOf": [again, text("b"), text("c")] });
    let whole = json!({ "anyOf": [{ "type": "string" }, inner, reference("Other")] });
    let part = json!({ "allOf": [text("d"), reference("Inside")] });
    let inside =
        json!({ "anyOf": [{ "type": "object", "properties": { "part": part } }, text("e")] });
    let inside =
        json!({ "anyOf": [{ "type": "string" }, inside, { "type": "array", "items": part }] });
    let schemas = Map::from_iter([
        ("Whole".to_owned(), whole),
        ("Other".to_owned(), text("f")),
        ("Inside".to_owned(), inside),
    ]);
    assert!(outcome(&schemas, &json!({})).is_ok());
}

/// Unions that are made of themselves by several ways, through the parts and branches of others.
#[test]
fn unions_that_hold_themselves_are_left_out_alone() {
    let all = |parts: &[Value]| json!({ "allOf": parts });
    let text = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let mut whole = all(&[
        text.clone(),
        all(&[
            reference("Any"),
            reference("Part"),
            all(&[reference("Whole")]),
        ]),
    ]);
    whole["anyOf"] = json!([reference("Whole"), reference("Text")]);
    let schemas = Map::from_iter([
        ("Whole".to_owned(), whole),
        (
            "Any".to_owned(),
            json!({ "anyOf": [reference("Whole"), text, reference("Text")] }),
        ),
        (
            "Part".to_owned(),
            all(&[all(&[reference("Whole")]), reference("Any")]),
        ),
        (
            "Text".to_owned(),
            json!({ "type": "object", "properties": { "t": { "type": "string" } } }),
        ),
        (
            "Pet".to_owned(),
            json!({ "properties": { "p": {} }, "oneOf": [reference("Cat"), reference("Text")] }),
        ),
        (
            "Cat".to_owned(),
            all(&[reference("Pet"), json!({ "properties": { "c": {} } })]),
        ),
    ]);
    let description = json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "components": { "schemas": schemas },
    });
    let generated = diptych::generate_and_tell(&description.to_string(), "").unwrap();
    let left_out: Vec<&str> = generated
        .skipped
        .iter()
        .map(|problem| problem.pointer.as_str())
        .collect();
    let schemas = "/components/schemas";
    assert_eq!(
        left_out,
        [
            format!("{schemas}/Any"),
            format!("{schemas}/Part"),
            format!("{schemas}/Whole")
        ]
    );
    assert!(generated.files["models/default.rs"].contains("pub struct PetText"));
}
