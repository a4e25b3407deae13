//! Which definitions of a schema refer to which.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The definitions that are referred to from somewhere.
pub(crate) fn find_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                found.insert(reference.replace("#/definitions/", ""));
            }
            for value in object.values() {
                find_references(value, found);
            }
        }
        Value::Array(values) => {
            for value in values {
                find_references(value, found);
            }
        }
        _ => {}
    }
}

/// The definition that a schema refers to.
pub(crate) fn definition_of(schema: &Map<String, Value>) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/definitions/")
}

/// A definition that refers to itself, if there is one.
pub(crate) fn self_referring(root: &Value) -> Option<String> {
    let mut referring: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let definitions = root.get("definitions").and_then(Value::as_object);
    for (name, definition) in definitions.into_iter().flat_map(Map::iter) {
        let referred = referring.entry(name.clone()).or_default();
        find_references(definition, referred);
    }
    // What refers to nothing that is left is in no cycle.
    loop {
        let left: BTreeSet<String> = referring.keys().cloned().collect();
        referring.retain(|_, referred| !referred.is_disjoint(&left));
        match referring.first_key_value() {
            Some((name, _)) if referring.len() == left.len() => return Some(name.clone()),
            Some(_) => {}
            None => return None,
        }
    }
}
