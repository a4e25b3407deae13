//! Marks bodies and answers of plain text that are one value with a type of its own: a number, a flag, an enum, a date, a UUID,
//! also where a component says it. Of forms that are answered, those whose names and values are described.

use super::Document;
use super::media_types::{PLAIN, is_form, is_plain_text};
use super::references::{component_schemas, only_component};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::walk::each_operation;

mod pairs;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut are_some = false;
    each_plain_text(&mut document.root, &mut |_, _| are_some = true);
    if !are_some {
        return Ok(());
    }
    let schemas = component_schemas(&document.root);
    each_plain_text(&mut document.root, &mut |media_type, entry| {
        let schema = &entry["schema"];
        let kind = if is_form(media_type) {
            pairs::are_described(schema, &schemas).then_some("pairs")
        } else {
            kind(schema, &schemas)
        };
        if let Some(kind) = kind {
            entry[PLAIN] = json!(kind);
        }
    });
    Ok(())
}

/// Visits the bodies and answers that are plain text or forms.
fn each_plain_text(root: &mut Value, visit: &mut dyn FnMut(&str, &mut Value)) {
    each_operation(root, &mut |_, operation| {
        let (mut body, mut responses) = (None, None);
        for (key, value) in operation.iter_mut() {
            match key {
                "requestBody" => body = Some(value),
                "responses" => responses = value.as_object_mut(),
                _ => {}
            }
        }
        let responses = responses.into_iter().flat_map(Map::values_mut);
        for part in responses.chain(body) {
            let content = part.get_mut("content").and_then(Value::as_object_mut);
            let texts = content.into_iter().flatten();
            let texts =
                texts.filter(|(media_type, _)| is_plain_text(media_type) || is_form(media_type));
            texts.for_each(|(media_type, entry)| {
                // What a description has at the place of a mark is not ours.
                if let Some(entry) = entry.as_object_mut() {
                    entry.remove(PLAIN);
                }
                visit(media_type, entry);
            });
        }
    });
}

/// How many components and parts lead to a value.
const DEPTH: usize = 20;

/// The schema itself, behind references and parts that are one.
fn followed<'v>(mut schema: &'v Value, schemas: &'v Value) -> &'v Value {
    for _ in 0..DEPTH {
        let Some(name) = schema.as_object().and_then(only_component) else {
            break;
        };
        schema = &schemas[name];
    }
    schema
}

/// What the one value is, where the schema says so: text, or as JSON has it.
fn kind(schema: &Value, schemas: &Value) -> Option<&'static str> {
    let schema = followed(schema, schemas);
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut kinds = kinds
        .iter()
        .filter_map(Value::as_str)
        .filter(|kind| *kind != "null");
    let kind = match (kinds.next(), kinds.next()) {
        (Some(only), None) => only,
        (None, _) => "string",
        _ => return None,
    };
    let format = schema["format"].as_str().unwrap_or_default();
    let is_typed = ["date", "date-time", "uuid"].contains(&format);
    let texts = schema["enum"].as_array();
    let are_texts = texts.is_some_and(|texts| texts.iter().any(Value::is_string));
    match kind {
        "boolean" | "integer" | "number" => Some("json"),
        "string" if is_typed || are_texts => Some("text"),
        _ => None,
    }
}
