//! Says `const` as an `enum` of one value, and notes the constant: the client always sends it and never asks for it.

use super::Document;
use super::kinds::kind;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::notes::note;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    each_schema(&mut document.root, &mut |_, schema| {
        let Some(constant) = only_value(schema).cloned() else {
            return;
        };
        schema.remove("const");
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

/// The only value that a schema allows, as it is given.
pub(super) fn only_value(schema: &Map) -> Option<&Value> {
    let values = || schema.get("enum")?.as_array().map(Vec::as_slice);
    schema.get("const").or_else(|| match values() {
        Some([only]) => Some(only),
        _ => None,
    })
}
