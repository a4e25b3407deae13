//! What `OpenAPI` 3.0 cannot say, or says in ways that readers differ in, beside the canonical document.
//!
//! While the passes run, a note travels inside its schema under `KEY`, so that it moves with the schema when the
//! schema is hoisted or renamed. The last pass takes the notes out and keys them by their final pointer.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::pointer::Pointer;

/// The extension under which a note travels.
pub(crate) const KEY: &str = "x-diptych";

/// Everything noted, by the final place of the schema. Nothing depends on its order.
pub type Notes = HashMap<Pointer, Note>;

/// What is noted about one schema.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own in the description"
)]
#[non_exhaustive]
pub struct Note {
    /// Where the schema stands in the description as it was given.
    pub source: Pointer,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Limits in words, such as `at least 0`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// Whether the description calls it deprecated.
    #[serde(skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// Whether null is allowed.
    #[serde(skip_serializing_if = "is_false")]
    pub nullable: bool,
    /// Whether the value is a secret (`format: password`, `writeOnly`).
    #[serde(skip_serializing_if = "is_false")]
    pub secret: bool,
    /// Whether the value only comes from the server (`readOnly`).
    #[serde(skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// Whether the value only goes to the server (`writeOnly`).
    #[serde(skip_serializing_if = "is_false")]
    pub write_only: bool,
    /// Whether the value is a file in a form.
    #[serde(skip_serializing_if = "is_false")]
    pub file: bool,
    /// What the server takes when the value is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The only value allowed, which may be null.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub constant: Option<Value>,
    /// The only values allowed, where they are no texts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<Value>,
    /// The component whose properties `0`, `1`, … are the items of this tuple.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tuple: Option<String>,
    /// How the branches of a union are told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub union: Option<Union>,
}

/// How the branches of a union are told apart.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Union {
    /// The property whose values tell the branches apart, where there is one.
    pub tag: Option<String>,
    /// Its values, branch by branch; empty without a tag.
    pub values: Vec<Vec<String>>,
    /// The branch of every other value, and of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<usize>,
}

/// A meaning that the generated client does not keep, and why.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Loss {
    /// The place in the description as it was given.
    pub pointer: Pointer,
    /// What is lost.
    pub what: String,
    /// Why.
    pub why: String,
}

/// Changes the note of a schema.
pub(crate) fn note(schema: &mut Map<String, Value>, change: impl FnOnce(&mut Note)) {
    let mut note = take(schema);
    change(&mut note);
    schema.insert(KEY.to_owned(), written(note));
}

/// The note of a schema, which it has no longer.
pub(crate) fn take(schema: &mut Map<String, Value>) -> Note {
    schema.remove(KEY).map(of).unwrap_or_default()
}

/// A note as it travels. Most say only where the schema stood, which is a text: an object would take ten times the room.
fn written(note: Note) -> Value {
    let place = Note {
        source: note.source,
        ..Note::default()
    };
    let note = Note {
        source: place.source.clone(),
        ..note
    };
    if note == place {
        return Value::String(place.source.into());
    }
    serde_json::to_value(note).unwrap_or(Value::Null)
}

/// What [`written`] wrote.
fn of(value: Value) -> Note {
    match value {
        Value::String(place) => Note {
            source: Pointer::from(place),
            ..Note::default()
        },
        value => Note::deserialize(value).unwrap_or_default(),
    }
}

/// The note of a schema, empty where there is none.
pub(crate) fn read(schema: &Map<String, Value>) -> Note {
    match schema.get(KEY) {
        Some(Value::String(_)) => Note {
            source: source(schema),
            ..Note::default()
        },
        Some(value) => Note::deserialize(value).unwrap_or_default(),
        None => Note::default(),
    }
}

/// Where the schema stands in the description as it was given.
pub(crate) fn source(schema: &Map<String, Value>) -> Pointer {
    let source = match schema.get(KEY) {
        Some(Value::String(place)) => Some(place.as_str()),
        Some(note) => note["source"].as_str(),
        None => None,
    };
    source.map(Pointer::from).unwrap_or_default()
}

/// The only value that the schema allows, which may be null.
pub(crate) fn constant(schema: &Map<String, Value>) -> Option<&Value> {
    noted(schema, "constant")
}

/// Whether the schema is that of a file in a form.
pub(crate) fn is_file(schema: &Map<String, Value>) -> bool {
    noted(schema, "file") == Some(&Value::Bool(true))
}

fn noted<'s>(schema: &'s Map<String, Value>, key: &str) -> Option<&'s Value> {
    schema.get(KEY)?.get(key)
}

/// What is there is a value, also where it is null.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}
