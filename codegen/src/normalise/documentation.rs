//! Moves titles, descriptions and deprecations into the notes, and drops examples and foreign extensions.

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value};
use crate::notes::{self, KEY, note};
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut lost = Vec::new();
    each_schema(&mut document.root, &mut |_, schema| {
        if let Some(Value::String(text)) = schema.remove("title") {
            note(schema, |note| note.title = Some(text));
        }
        if let Some(Value::String(text)) = schema.remove("description") {
            note(schema, |note| note.description = Some(text));
        }
        if let Some(Value::Bool(true)) = schema.remove("deprecated") {
            note(schema, |note| note.deprecated = true);
        }
        let place = notes::source(schema);
        let unread = UNREAD.iter().filter(|key| schema.contains_key(key));
        lost.extend(unread.map(|key| (place.child(key), format!("`{key}`"))));
        drop_annotations(schema);
    });
    for (pointer, what) in lost {
        document.lose(pointer, what, "it changes no type; the server checks it");
    }
    Ok(())
}

/// Only keywords that say something about the value stay; an unknown key is an annotation by JSON Schema's rule.
fn drop_annotations(schema: &mut Map) {
    schema.retain(|key, _| key == KEY || KEYWORDS.contains(&key));
}

/// Keywords that restrict values in ways that no Rust type says.
const UNREAD: &[&str] = &[
    "$dynamicRef",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

pub(super) const KEYWORDS: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contentEncoding",
    "contentMediaType",
    "default",
    "discriminator",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "readOnly",
    "required",
    "type",
    "uniqueItems",
    "writeOnly",
];
