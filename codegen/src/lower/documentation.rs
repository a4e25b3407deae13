//! Documentation from the notes.

use crate::json::Value;
use crate::naming::turns;
use crate::notes::Note;

/// The description, or a title that says more than the name does.
pub(super) fn of_field(note: &Note, name: &str) -> String {
    description(note)
        .or_else(|| {
            let title = sentence(note.title.as_deref()?);
            (title != sentence(name)).then(|| format!("{title}."))
        })
        .unwrap_or_default()
}

/// The limits and the server's default, in sentences.
pub(super) fn rules_of_field(note: &Note) -> Vec<String> {
    let limits = (!note.limits.is_empty()).then(|| format!("Limits: {}.", note.limits.join("; ")));
    let default = note.default.as_ref().filter(|default| is_telling(default));
    let default = default.map(|default| format!("The server's default is `{default}`."));
    limits.into_iter().chain(default).collect()
}

/// The description, or the name in words.
pub(super) fn of_type(note: &Note, name: &str) -> String {
    description(note).unwrap_or_else(|| format!("{}.", sentence(name)))
}

fn description(note: &Note) -> Option<String> {
    let text = note.description.as_deref()?.trim();
    let says = text.chars().any(|c| !turns(c) && !c.is_whitespace());
    says.then(|| text.to_owned())
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
