//! What a schema says of itself, of its values, and of the union that it is.

use crate::json::{Map, Value, json};

/// What a schema says of itself, and not of its values.
const STAYS: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$schema",
    "anyOf",
    "default",
    "definitions",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "nullable",
    "oneOf",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Takes out what is said of values, for a component of its own.
pub(super) fn take_own(schema: &mut Map) -> Map {
    let mut own = Map::new();
    for (key, value) in std::mem::take(schema) {
        if STAYS.contains(&key.as_ref()) || key.starts_with("x-") {
            schema.insert(key, value);
        } else {
            own.insert(key, value);
        }
    }
    if let Some(target) = own.remove("$ref") {
        push_part(&mut own, json!({ "$ref": target }));
    }
    // One part that has no name is what is said.
    if own.len() == 1
        && let Some(Value::Array(parts)) = own.get_mut("allOf")
        && let [Value::Object(only)] = parts.as_mut_slice()
        && !only.contains_key("$ref")
    {
        return std::mem::take(only);
    }
    own
}

pub(super) fn push_part(schema: &mut Map, part: Value) {
    let parts = schema.entry("allOf").or_insert_with(|| json!([]));
    if let Some(parts) = parts.as_array_mut() {
        parts.push(part);
    }
}

/// What branches ask for may be described nowhere.
pub(super) fn keep_what_is_asked(schema: &mut Map, branches: &[Value]) {
    let asked = branches
        .iter()
        .filter_map(|branch| branch["required"].as_array());
    let mut asked = asked.flatten().filter_map(Value::as_str);
    let own = schema.get("properties").unwrap_or(&Value::Null);
    if asked.any(|name| own.get(name).is_none()) && !schema.contains_key("allOf") {
        schema
            .entry("additionalProperties")
            .or_insert_with(|| json!({}));
    }
}

pub(super) fn allows_only_objects(schema: &Map) -> bool {
    schema.get("type").is_some_and(|kind| kind == "object")
}

pub(super) fn own_may_be_null(own: &Map) -> bool {
    let kinds = own.get("type").and_then(Value::as_array);
    kinds.is_some_and(|kinds| kinds.contains(&json!("null")))
}
