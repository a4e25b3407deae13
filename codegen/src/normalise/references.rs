//! Refuses references that lead nowhere, outside the document, or only to each other.

use serde_json::{Map, Value};

use super::Document;
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::pointer::Pointer;

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut problems = Problems::default();
    check(
        &document.root,
        &document.root,
        &Pointer::root(),
        &mut problems,
    );
    problems.into_result()
}

fn check(root: &Value, value: &Value, place: &Pointer, problems: &mut Problems) {
    match value {
        Value::Object(map) => {
            if let Some(rule) = map.get("$ref").and_then(|target| broken(root, target)) {
                problems.add(place.child("$ref"), rule);
            }
            for (key, child) in map.iter().filter(|(key, _)| !is_data(key, map)) {
                check(root, child, &place.child(key), problems);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                check(root, child, &place.child(index), problems);
            }
        }
        _ => {}
    }
}

/// Examples and defaults are data: a `$ref` in them is no reference.
fn is_data(key: &str, map: &Map<String, Value>) -> bool {
    matches!(key, "example" | "examples" | "default" | "const" | "enum")
        && !map.contains_key("$ref")
}

fn broken(root: &Value, target: &Value) -> Option<String> {
    let Some(target) = target.as_str() else {
        return None; // A property that is called `$ref`.
    };
    if !target.starts_with("#/") {
        return Some(format!(
            "`{target}` is outside the document; put the schema under /components/schemas"
        ));
    }
    let mut seen = vec![target];
    let mut next = target;
    loop {
        let Some(value) = root.pointer(&next[1..]) else {
            return Some(format!(
                "`{next}` does not exist; add it or correct the reference"
            ));
        };
        match value.get("$ref").and_then(Value::as_str) {
            None => return None,
            Some(further) if seen.contains(&further) => {
                return Some(format!(
                    "`{target}` is cyclic: it only refers back to itself"
                ));
            }
            Some(further) => {
                seen.push(further);
                next = further;
            }
        }
    }
}
