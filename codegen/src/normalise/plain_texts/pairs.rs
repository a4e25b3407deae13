//! Forms that are answered: which of them have names and values of types of their own.

use super::{DEPTH, followed};
use crate::json::{Map, Value};
use crate::normalise::kinds::is_null;
use crate::normalise::references::component;

/// Whether a schema is one of names and values that can be read. Which branch of a union a text is can't be told.
pub(super) fn are_described(schema: &Value, schemas: &Value) -> bool {
    says_names(schema, schemas, DEPTH)
}

fn says_names(schema: &Value, schemas: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    if let Some(target) = schema["$ref"].as_str() {
        let component = component(target).map(|name| &schemas[&name]);
        return component.is_some_and(|schema| says_names(schema, schemas, depth));
    }
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    if is_union(schema) || !parts.all(|part| says_names(part, schemas, depth)) {
        return false;
    }
    let values = schema["properties"].as_object();
    let mut values = values.into_iter().flat_map(Map::values);
    let keys = ["properties", "additionalProperties", "allOf"];
    keys.iter().any(|key| schema.get(key).is_some())
        && values.all(|value| !is_union(followed(value, schemas)))
}

/// Whether several branches are left beside null.
fn is_union(schema: &Value) -> bool {
    ["oneOf", "anyOf"].iter().any(|key| {
        let branches = schema[*key].as_array().into_iter().flatten();
        branches.filter(|branch| !is_null(branch)).count() > 1
    })
}
