//! Says `const` as an `enum` of one value, and notes the constant: the client always sends it and never asks for it.

use serde_json::{Value, json};

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::notes::note;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    each_schema(&mut document.root, &mut |_, schema| {
        let constant = match (schema.remove("const"), schema.get("enum")) {
            (Some(value), _) => value,
            (None, Some(Value::Array(values))) if values.len() == 1 => values[0].clone(),
            _ => return,
        };
        schema.remove("enum");
        let Some(kind) = kind(&constant) else {
            // A list or an object has no literal in the client: it is an enum of one value, said in words.
            schema.insert("enum".to_owned(), json!([constant]));
            return;
        };
        schema.insert("type".to_owned(), json!(kind));
        if constant.is_null() {
            return;
        }
        if constant.is_string() {
            schema.insert("enum".to_owned(), json!([constant]));
        }
        note(schema, |note| note.constant = Some(constant));
    });
    Ok(())
}

fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_f64() => Some("number"),
        Value::Number(_) => Some("integer"),
        Value::Null => Some("null"),
        Value::Array(_) | Value::Object(_) => None,
    }
}
