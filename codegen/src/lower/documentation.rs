//! Documentation from the notes.

use serde_json::Value;

use crate::notes::Note;

/// The description, or the title, or the name in words; then limits and the server's default.
pub(super) fn of_field(note: &Note, name: &str) -> String {
    let mut doc = main_text(note).unwrap_or_else(|| format!("{}.", sentence(name)));
    if !note.limits.is_empty() {
        doc.extend(["\n\nLimits: ", &note.limits.join("; "), "."]);
    }
    if let Some(default) = note.default.as_ref().filter(|default| is_telling(default)) {
        doc.extend(["\n\nThe server's default is `", &default.to_string(), "`."]);
    }
    doc
}

/// The description, or the name in words.
pub(super) fn of_type(note: &Note, name: &str) -> String {
    let text = note
        .description
        .clone()
        .filter(|text| !text.trim().is_empty());
    text.unwrap_or_else(|| format!("{}.", sentence(name)))
}

fn main_text(note: &Note) -> Option<String> {
    let description = note
        .description
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let text = description.map(str::to_owned);
    text.or_else(|| {
        note.title
            .as_deref()
            .map(|title| format!("{}.", sentence(title)))
    })
}

/// `flow_run_id` gives `Flow run id`.
fn sentence(name: &str) -> String {
    let words = heck::ToSnakeCase::to_snake_case(name).replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn is_telling(default: &Value) -> bool {
    match default {
        Value::Null => false,
        Value::String(text) => !text.is_empty() && !text.contains('`'),
        Value::Object(map) => !map.is_empty() && default.to_string().len() < 120,
        Value::Array(items) => !items.is_empty() && default.to_string().len() < 120,
        _ => true,
    }
}
