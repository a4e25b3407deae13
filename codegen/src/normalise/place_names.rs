//! What schemas that are no components are called.

use std::collections::BTreeMap;

use crate::naming::{singular, type_name};
use crate::pointer::Pointer;

/// The name of a schema, of the operation and the names on the way to it: as the type that it becomes is called later, but for
/// operations that share a name.
pub(super) fn of(place: &Pointer, operations: &BTreeMap<Pointer, String>) -> String {
    let keys: Vec<String> = place.keys().collect();
    let operation = operation_of(&keys, operations);
    let (mut name, within) = match operation {
        Some(name) => (name.clone(), &keys[3..]),
        None => (String::new(), keys.as_slice()),
    };
    let mut is_given = false;
    for key in within {
        let word = match key.as_str() {
            key if is_given => key,
            "items" => {
                name = singular(&name);
                ""
            }
            key => word(key),
        };
        is_given = !is_given && NAMING.contains(&key.as_str());
        if !word.is_empty() {
            name = format!("{name} {word}");
        }
    }
    type_name(&name)
}

/// What the operation is called that a place belongs to.
pub(super) fn operation_of<'o>(
    keys: &[String],
    operations: &'o BTreeMap<Pointer, String>,
) -> Option<&'o String> {
    match keys {
        [paths, path, method, ..] if paths == "paths" => {
            let place = Pointer::root().child(paths).child(path).child(method);
            operations.get(&place)
        }
        _ => None,
    }
}

/// Behind these stands a name that the description gives.
const NAMING: &[&str] = &["paths", "properties", "schemas"];

/// What the structure of a description is called in a name.
fn word(key: &str) -> &str {
    const STRUCTURE: &[&str] = &[
        "allOf",
        "anyOf",
        "components",
        "content",
        "oneOf",
        "parameters",
        "paths",
        "properties",
        "schema",
        "schemas",
    ];
    match key {
        "additionalProperties" => "value",
        "requestBody" => "request",
        "responses" => "answer",
        key if STRUCTURE.contains(&key) || key.contains("json") => "",
        key if key.bytes().all(|byte| byte.is_ascii_digit()) => "",
        key => key,
    }
}
