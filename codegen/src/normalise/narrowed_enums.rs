//! Says beside an `allOf` which texts its parts leave: `allOf: [Kind, {enum: [a, b]}]` is an enum of its own.

use super::Document;
use super::references::{component, component_schemas};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::walk::{each_schema, some_schema};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let narrows = |schema: &Map| {
        let parts = schema.get("allOf").and_then(Value::as_array);
        parts.is_some_and(|parts| parts.iter().any(|part| texts(part).is_some()))
    };
    if !some_schema(&mut document.root, narrows) {
        return Ok(());
    }
    let schemas = component_schemas(&document.root);
    each_schema(&mut document.root, &mut |_, schema| {
        if let Some(left) = left(schema, &schemas) {
            schema.insert("type".to_owned(), json!("string"));
            schema.insert("enum".to_owned(), Value::Array(left));
            if let Some(Value::Array(parts)) = schema.get_mut("allOf") {
                parts.retain(|part| texts(part).is_none());
            }
            if schema["allOf"] == json!([]) {
                schema.remove("allOf");
            }
        }
    });
    Ok(())
}

/// The texts that all parts allow, where one of them narrows another.
fn left(schema: &Map, schemas: &Value) -> Option<Vec<Value>> {
    let parts = schema.get("allOf")?.as_array()?;
    let own = parts.iter().find_map(texts)?;
    if schema.contains_key("enum") || parts.iter().any(|part| part["properties"].is_object()) {
        return None;
    }
    let mut left = own.clone();
    for part in parts {
        if let Some(others) = texts(part).or_else(|| shared(part, schemas)) {
            left.retain(|text| others.contains(text));
        }
    }
    (!left.is_empty()).then_some(left)
}

/// The texts that a schema itself allows.
fn texts(schema: &Value) -> Option<&Vec<Value>> {
    let texts = schema["enum"].as_array()?;
    let are_texts = !texts.is_empty() && texts.iter().all(Value::is_string);
    are_texts.then_some(texts)
}

/// The texts of the component that a schema is.
fn shared<'s>(schema: &Value, schemas: &'s Value) -> Option<&'s Vec<Value>> {
    let mut name = component(schema["$ref"].as_str()?)?;
    for _ in 0..LINKS {
        let target = schemas.get(&name)?;
        match target["$ref"].as_str().and_then(component) {
            Some(further) => name = further,
            None => return texts(target),
        }
    }
    None
}

/// The longest chain of references that is followed.
const LINKS: usize = 100;
