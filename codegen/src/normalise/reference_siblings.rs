//! Moves what stands beside a `$ref` into its note: 3.0 ignores siblings, 3.1 means them. What makes another type of it
//! there is a part of an `allOf`.

use super::documentation::KEYWORDS;
use super::{Document, is_of_3_0};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::notes::{self, KEY, Note, note};
use crate::pointer::Pointer;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut lost: Vec<(Pointer, String)> = Vec::new();
    let are_meant = !is_of_3_0(&document.root);
    each_schema(&mut document.root, &mut |place, schema| {
        if !schema.contains_key("$ref") {
            return;
        }
        if are_meant && !place.is_part() {
            take_parts(schema);
        }
        if !schema.contains_key("$ref") {
            return;
        }
        let siblings: Vec<(String, Value)> = take_siblings(schema);
        let place = notes::source(schema);
        for (key, value) in siblings {
            if !keep(schema, &key, value) {
                lost.push((place.child(&key), key));
            }
        }
    });
    for (pointer, key) in lost.into_iter().filter(|(_, key)| !key.starts_with("x-")) {
        let what = format!("`{key}` beside a `$ref`");
        document.lose(
            pointer,
            what,
            "it narrows a schema that others share, which 3.0 cannot say",
        );
    }
    Ok(())
}

/// What says which fields or texts there are, and makes a type of its own.
const PARTS: &[&str] = &[
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "oneOf",
    "properties",
    "required",
];

/// What says which way a value goes stands beside the reference, as 3.0 has it.
const BESIDE: &[&str] = &["readOnly", "writeOnly"];

/// `{$ref, required}` becomes `{allOf: [{$ref}, {required}]}`.
fn take_parts(schema: &mut Map) {
    if !PARTS
        .iter()
        .chain(BESIDE)
        .any(|key| schema.contains_key(key))
    {
        return;
    }
    let source = notes::source(schema);
    let mut part = Map::new();
    for key in PARTS {
        part.extend(schema.remove(key).map(|value| (*key, value)));
    }
    let mut parts = vec![json!({ "$ref": schema.remove("$ref") })];
    if !part.is_empty() {
        note(&mut part, |note| note.source = source);
        parts.push(Value::Object(part));
    }
    schema.insert("allOf".to_owned(), Value::Array(parts));
}

fn take_siblings(schema: &mut Map) -> Vec<(String, Value)> {
    let keys: Vec<String> = schema
        .keys()
        .filter(|key| *key != "$ref" && *key != KEY)
        .map(str::to_owned)
        .collect();
    keys.into_iter()
        .filter_map(|key| {
            let value = schema.remove(&key)?;
            Some((key, value))
        })
        .collect()
}

/// Whether the sibling has a place in the note, or says nothing about the value as no keyword of JSON Schema.
fn keep(schema: &mut Map, key: &str, value: Value) -> bool {
    const NOTED: &[&str] = &["default", "deprecated", "description", "nullable", "title"];
    let set = |note: &mut Note| match (key, value) {
        ("description", Value::String(text)) => note.description = Some(text),
        ("title", Value::String(text)) => note.title = Some(text),
        ("default", value) => note.default = Some(value),
        ("deprecated", Value::Bool(value)) => note.deprecated = value,
        ("nullable", Value::Bool(value)) => note.nullable = value,
        _ => {}
    };
    note(schema, set);
    NOTED.contains(&key) || !KEYWORDS.contains(&key)
}
