//! Says `const` as an `enum` of one value, and notes the constant: the client always sends it and never asks for it.

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Value, json};
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
        schema.insert("type".to_owned(), json!(kind(&constant)));
        // What is said in words too, where the constant may be left out.
        if matches!(
            constant,
            Value::String(_) | Value::Array(_) | Value::Object(_)
        ) {
            schema.insert("enum".to_owned(), json!([&constant]));
        }
        note(schema, |note| note.constant = Some(constant));
    });
    Ok(())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Null => "null",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
