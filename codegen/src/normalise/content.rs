//! Formats and content types of text: keeps those with a Rust type, notes secrets, says the others in words.

use super::Document;
use super::media_types::answer_kind;
use crate::config::Config;
use crate::error::Result;
use crate::ir::AnswerKind;
use crate::json::{Map, Value, json};
use crate::notes::{self, note};
use crate::pointer::Pointer;
use crate::walk::each_schema;

/// Formats with a Rust type, or that only repeat the JSON type.
const TYPED: &[&str] = &[
    "uuid",
    "date-time",
    "date",
    "int128",
    "int16",
    "int32",
    "int64",
    "uint128",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "float",
    "double",
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let mut lost = Vec::new();
    let mut open = config.sensitive.clone();
    each_schema(&mut document.root, &mut |here, schema| {
        if !open.is_empty() {
            open.remove(&notes::source(schema));
        }
        take_secret(schema, config);
        if notes::is_file(schema) {
            return;
        }
        lost.extend(say_content(schema, "contentMediaType", "content"));
        lost.extend(say_content(schema, "contentEncoding", "encoding"));
        if schema.remove("readOnly") == Some(Value::Bool(true)) {
            note(schema, |note| note.read_only = true);
        }
        let is_raw = || is_raw(&here.pointer());
        lost.extend(keep_typed_format(schema, is_raw));
        if let Some(format) = schema.get("format").and_then(Value::as_str)
            && !schema.contains_key("type")
        {
            let kind = type_of(format);
            schema.insert("type".to_owned(), json!(kind));
        }
    });
    for (pointer, what, why) in lost {
        document.lose(pointer, what, why);
    }
    for pointer in open {
        document.does_not_fit(
            pointer,
            "diptych.toml calls this place sensitive, but there is no schema",
        );
    }
    Ok(())
}

/// What is lost: where, what, and why.
type Lost = (Pointer, String, &'static str);

/// Says in words what a text is the form of. A part of a form is sent as that.
fn say_content(schema: &mut Map, key: &'static str, called: &str) -> Option<Lost> {
    let Some(Value::String(said)) = schema.remove(key) else {
        return None;
    };
    let what = format!("{called}: {said}");
    note(schema, |note| note.limits.push(what.clone()));
    let why = "the value stays text, as JSON carries it";
    (!notes::is_part(schema)).then(|| (notes::source(schema).child(key), what, why))
}

/// Takes out a format without a Rust type, and says it in words. `is_raw` tells whether the value travels as bytes.
fn keep_typed_format(schema: &mut Map, is_raw: impl FnOnce() -> bool) -> Option<Lost> {
    let format = schema.get("format")?.as_str()?;
    if TYPED.contains(&format) {
        return None;
    }
    let format = format.to_owned();
    schema.remove("format");
    // A password is a secret, and bytes are what they are.
    if format == "password" || format == "binary" && is_raw() {
        return None;
    }
    let what = format!("format: {format}");
    note(schema, |note| note.limits.push(what.clone()));
    let why = "no Rust type is common for it; the value is as JSON has it";
    Some((notes::source(schema).child("format"), what, why))
}

/// The JSON type of a value of this format.
fn type_of(format: &str) -> &'static str {
    match format {
        "float" | "double" => "number",
        other if other.contains("int") => "integer",
        _ => "string",
    }
}

/// Whether the schema is that of a body or an answer which travels as bytes.
fn is_raw(place: &Pointer) -> bool {
    let keys: Vec<String> = place.keys().collect();
    match keys.as_slice() {
        [.., content, media_type, schema] if content == "content" && schema == "schema" => {
            answer_kind(media_type, &Value::Null) == AnswerKind::Bytes
        }
        _ => false,
    }
}

fn take_secret(schema: &mut Map, config: &Config) {
    let write_only = schema.remove("writeOnly") == Some(Value::Bool(true));
    let password = schema.get("format") == Some(&json!("password"));
    let named = !config.sensitive.is_empty() && config.sensitive.contains(&notes::source(schema));
    if write_only {
        note(schema, |note| note.write_only = true);
    }
    if write_only || password || named {
        note(schema, |note| note.secret = true);
    }
}
