//! Which schemas have a name, and what those are called after that have none.

use crate::json::{Map, Value};
use crate::notes::{self, Union, read};

/// What a branch without a name is called after: its title, the value that tells it apart, or what it is.
pub(super) fn branch_word(branch: &Value, union: Option<&Union>, index: usize) -> String {
    const LONGEST: usize = 40;
    let title = branch.as_object().and_then(|map| read(map).title);
    let values = union.and_then(|union| union.values.get(index));
    let value = values.and_then(|values| match values.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    });
    let words = [title, value].into_iter().flatten();
    let mut words =
        words.filter(|word| word.len() <= LONGEST && word.chars().any(char::is_alphanumeric));
    let word = words.next().filter(|_| branch["properties"].is_object());
    word.unwrap_or_else(|| branch["type"].as_str().unwrap_or("part").to_owned())
}

/// Whether a schema could have a name, or could have parts that have one.
pub(super) fn says_more(schema: &Map) -> bool {
    const KEYS: &[&str] = &[
        "additionalProperties",
        "allOf",
        "anyOf",
        "enum",
        "items",
        "oneOf",
        "properties",
    ];
    schema.keys().any(|key| KEYS.contains(&key))
}

/// Objects with properties, enums and unions; constants stay where they are, as nobody has to name them.
pub(super) fn is_nameable(schema: &Value) -> bool {
    let constant = schema
        .as_object()
        .is_some_and(|map| notes::constant(map).is_some());
    let object = schema["properties"]
        .as_object()
        .is_some_and(|properties| !properties.is_empty());
    let narrows = ["properties", "required", "additionalProperties"];
    let merged = schema["allOf"].as_array().is_some_and(|parts| {
        parts.len() > 1 || narrows.iter().any(|key| schema.get(*key).is_some())
    });
    let enumeration = schema["enum"].is_array() && schema["type"] == "string";
    !constant && (object || merged || enumeration || schema["oneOf"].is_array())
}
