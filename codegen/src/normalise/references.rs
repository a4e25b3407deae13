//! Refuses references that lead nowhere, outside the document, or only to each other.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Document;
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::pointer::Pointer;
use crate::walk::each_schema;

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut problems = Problems::default();
    let root = &document.root;
    check(root, root, &Pointer::root(), false, &mut problems);
    problems.into_result()?;
    let mut problems = Problems::default();
    check_schemas(&mut document.root, &mut problems);
    check_cycles(&document.root, &mut problems);
    problems.into_result()
}

/// `named` says that the keys are names that the author gave, and no keywords.
fn check(root: &Value, value: &Value, place: &Pointer, named: bool, problems: &mut Problems) {
    match value {
        Value::Object(map) => {
            let target = map.get("$ref").filter(|_| !named);
            if let Some(rule) = target.and_then(|target| broken(root, target)) {
                problems.add(place.child("$ref"), rule);
            }
            for (key, child) in map.iter().filter(|(key, _)| named || !is_data(key)) {
                let named = !named && has_names(key);
                check(root, child, &place.child(key), named, problems);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                check(root, child, &place.child(index), false, problems);
            }
        }
        _ => {}
    }
}

/// Examples and defaults are data: a `$ref` in them is no reference. Nor is one in an extension.
fn is_data(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "const" | "enum") || key.starts_with("x-")
}

fn has_names(key: &str) -> bool {
    const NAMED: &[&str] = &[
        "$defs",
        "callbacks",
        "content",
        "headers",
        "links",
        "parameters",
        "pathItems",
        "paths",
        "patternProperties",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "securitySchemes",
        "webhooks",
    ];
    NAMED.contains(&key)
}

fn broken(root: &Value, target: &Value) -> Option<String> {
    let target = target.as_str()?;
    if !target.starts_with("#/") {
        return Some(format!(
            "`{target}` is outside the document; put the schema under /components/schemas"
        ));
    }
    let mut seen = vec![target];
    let mut next = target;
    loop {
        let Some(value) = next.strip_prefix('#').and_then(|place| root.pointer(place)) else {
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

/// A type's name is its component's, so a schema elsewhere can't be referred to.
fn check_schemas(root: &mut Value, problems: &mut Problems) {
    each_schema(root, &mut |place, schema| {
        let target = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = target.filter(|target| component(target).is_none()) {
            problems.add(
                place.pointer().child("$ref"),
                format!("`{target}` is no component; move what it means under /components/schemas"),
            );
        }
    });
}

/// The component that a schema's reference names.
pub(super) fn component(target: &str) -> Option<String> {
    let name = target.strip_prefix("#/components/schemas/")?;
    (!name.contains('/')).then(|| name.to_owned())
}

/// A schema that is a part of itself, with no property or item in between, says nothing and has no Rust type.
fn check_cycles(root: &Value, problems: &mut Problems) {
    let schemas = root
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        let mut open = Vec::new();
        parts(schema, &mut open);
        let mut seen = BTreeSet::new();
        while let Some(part) = open.pop() {
            if part == *name {
                problems.add(
                    Pointer::schema(name),
                    "the schema is a part of itself (through `$ref`, `allOf`, `anyOf` or `oneOf`); break the cycle",
                );
                break;
            }
            if let Some(schema) = schemas.and_then(|schemas| schemas.get(&part))
                && seen.insert(part)
            {
                parts(schema, &mut open);
            }
        }
    }
}

fn parts(schema: &Value, found: &mut Vec<String>) {
    found.extend(
        schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(component),
    );
    for key in ["allOf", "anyOf", "oneOf"] {
        let branches = schema.get(key).and_then(Value::as_array);
        branches
            .into_iter()
            .flatten()
            .for_each(|branch| parts(branch, found));
    }
}
