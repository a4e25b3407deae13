//! Values as Python's `str` and `repr` show them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::python_json::write_number;

/// As Python's `str`.
pub(super) fn str_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr_text(other),
    }
}

/// As Python's `repr`.
pub(super) fn repr_text(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => {
            let mut text = String::new();
            write_number(&mut text, number);
            text
        }
        Value::String(text) => quoted(text),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(repr_text).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(object) => {
            let entry =
                |(key, value): (&String, &Value)| format!("{}: {}", quoted(key), repr_text(value));
            let entries: Vec<_> = object.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// As Python's `repr` of a text.
pub(crate) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if letter == quote => {
                quoted.push('\\');
                quoted.push(letter);
            }
            letter if letter < ' ' || letter == '\u{7f}' => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push(quote);
    quoted
}
