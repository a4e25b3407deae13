//! The kinds of values, as `type` calls them.

use crate::json::{Map, Value};
use crate::notes::KEY;

/// The kind of a value.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a value is of a kind: every whole number is a number.
pub(super) fn is_of(value: &Value, name: &str) -> bool {
    let kind = kind(value);
    kind == name || kind == "integer" && name == "number"
}

/// Whether objects are among the kinds that a schema names; one that names none has all.
pub(super) fn may_be_object(schema: &Map) -> bool {
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        Some(kind) => kind == "object",
        None => true,
    }
}

/// Whether a branch of a union is null alone. `{nullable: true}` beside another branch is how schemars says it in 3.0.
pub(super) fn is_null(branch: &Value) -> bool {
    let is_only_nullable = |map: &Map| {
        let mut keys = map.keys().filter(|key| *key != KEY);
        map.get("nullable") == Some(&Value::Bool(true)) && keys.all(|key| key == "nullable")
    };
    branch["type"] == "null" || branch.as_object().is_some_and(is_only_nullable)
}
