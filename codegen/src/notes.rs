//! What `OpenAPI` 3.0 cannot say, or says in ways that readers differ in, beside the canonical document.
//!
//! While the passes run, a note travels inside its schema under `KEY`, so that it moves with the schema when the
//! schema is hoisted or renamed. The last pass takes the notes out and keys them by their final pointer.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::ir::Part;
use crate::json::{Map, Value};
use crate::pointer::Pointer;

/// The extension under which a note travels.
pub(crate) const KEY: &str = "x-diptych";

/// Everything noted, by the final place of the schema. Nothing depends on its order.
pub type Notes = HashMap<Pointer, Note>;

/// What is noted about one schema.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own in the description"
)]
#[non_exhaustive]
pub struct Note {
    /// Where the schema stands in the description as it was given.
    pub source: Pointer,
    /// The title.
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// Limits in words, such as `at least 0`.
    pub limits: Vec<String>,
    /// Whether the description calls it deprecated.
    pub deprecated: bool,
    /// Whether null is allowed.
    pub nullable: bool,
    /// Whether the value is a secret (`format: password`, `writeOnly`).
    pub secret: bool,
    /// Whether the value only comes from the server (`readOnly`).
    pub read_only: bool,
    /// Whether the value only goes to the server (`writeOnly`).
    pub write_only: bool,
    /// Whether the value is a file in a form.
    pub file: bool,
    /// Whether the value may only be there under a condition: what else is said of it says more.
    pub conditional: bool,
    /// How the value is written as a part of a form, where its schema says so.
    pub part: Option<Part>,
    /// What the server takes when the value is absent.
    pub default: Option<Value>,
    /// The only value allowed, which may be null.
    pub constant: Option<Value>,
    /// The only values allowed, where they are no texts.
    pub known: Vec<Value>,
    /// The component whose properties `0`, `1`, … are the items of this tuple.
    pub tuple: Option<String>,
    /// How the branches of a union are told apart.
    pub union: Option<Union>,
}

/// How the branches of a union are told apart.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Union {
    /// The property whose values tell the branches apart, where there is one.
    pub tag: Option<String>,
    /// Its values, branch by branch; empty without a tag.
    pub values: Vec<Vec<String>>,
    /// The branch of every other value, and of none.
    pub fallback: Option<usize>,
}

/// Of a schema of which nothing is noted.
pub(crate) static NOTHING: LazyLock<Note> = LazyLock::new(Note::default);

/// Changes the note of a schema.
pub(crate) fn note(schema: &mut Map, change: impl FnOnce(&mut Note)) {
    let mut note = take(schema);
    change(&mut note);
    schema.insert(KEY, written(note));
}

/// The note of a schema, which it has no longer.
pub(crate) fn take(schema: &mut Map) -> Note {
    schema.remove(KEY).map(of).unwrap_or_default()
}

/// A note as it travels. Most say only where the schema stood, which is a text: an object would take ten times the room.
fn written(note: Note) -> Value {
    let mut map = Map::new();
    let texts = |texts: Vec<String>| (!texts.is_empty()).then(|| Value::from(texts));
    let flag = |is_set: bool| is_set.then_some(Value::Bool(true));
    let entries = [
        ("title", note.title.map(Value::from)),
        ("description", note.description.map(Value::from)),
        ("limits", texts(note.limits)),
        ("deprecated", flag(note.deprecated)),
        ("nullable", flag(note.nullable)),
        ("secret", flag(note.secret)),
        ("read_only", flag(note.read_only)),
        ("write_only", flag(note.write_only)),
        ("file", flag(note.file)),
        ("conditional", flag(note.conditional)),
        ("part", note.part.map(part_written)),
        ("default", note.default),
        ("constant", note.constant),
        (
            "known",
            (!note.known.is_empty()).then_some(Value::Array(note.known)),
        ),
        ("tuple", note.tuple.map(Value::from)),
        ("union", note.union.map(Union::written)),
    ];
    for (key, value) in entries {
        if let Some(value) = value {
            map.insert(key, value);
        }
    }
    let source = Value::String(note.source.into());
    if map.is_empty() {
        return source;
    }
    map.insert("source", source);
    Value::Object(map)
}

/// What [`written`] wrote.
fn of(value: Value) -> Note {
    let mut map = match value {
        Value::Object(map) => map,
        place => {
            return Note {
                source: place_of(Some(&place)),
                ..Note::default()
            };
        }
    };
    let is_set = |key: &str| map.contains_key(key);
    Note {
        source: place_of(map.get("source")),
        deprecated: is_set("deprecated"),
        nullable: is_set("nullable"),
        secret: is_set("secret"),
        read_only: is_set("read_only"),
        write_only: is_set("write_only"),
        file: is_set("file"),
        conditional: is_set("conditional"),
        limits: texts(&map["limits"]),
        title: text(map.remove("title")),
        description: text(map.remove("description")),
        part: map.get("part").and_then(part_of),
        default: map.remove("default"),
        constant: map.remove("constant"),
        known: list(map.remove("known")),
        tuple: text(map.remove("tuple")),
        union: map.get("union").map(Union::of),
    }
}

fn part_written(part: Part) -> Value {
    let mut map = Map::from_iter([("media_type", part.media_type.into())]);
    map.extend(part.encoding.map(|encoding| ("encoding", encoding.into())));
    Value::Object(map)
}

fn part_of(value: &Value) -> Option<Part> {
    Some(Part {
        media_type: value["media_type"].as_str()?.to_owned(),
        encoding: value["encoding"].as_str().map(str::to_owned),
    })
}

impl Note {
    /// That a schema stood at a place, and no more.
    pub(crate) fn at(place: &Pointer) -> Self {
        Self {
            source: place.clone(),
            ..Self::default()
        }
    }
}

impl Union {
    fn written(self) -> Value {
        let values = self.values.into_iter().map(Value::from).collect();
        let mut map = Map::from_iter([("tag", self.tag.into()), ("values", values)]);
        map.extend(self.fallback.map(|index| ("fallback", index.into())));
        Value::Object(map)
    }

    fn of(value: &Value) -> Self {
        let values = value["values"].items();
        let fallback = value["fallback"].as_u64();
        Self {
            tag: text(Some(value["tag"].clone())),
            values: values.map(texts).collect(),
            fallback: fallback.and_then(|index| usize::try_from(index).ok()),
        }
    }
}

fn place_of(value: Option<&Value>) -> Pointer {
    value
        .and_then(Value::as_str)
        .map(Pointer::from)
        .unwrap_or_default()
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn texts(value: &Value) -> Vec<String> {
    let all = value.items();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// The note of a schema, empty where there is none.
pub(crate) fn read(schema: &Map) -> Note {
    schema.get(KEY).cloned().map(of).unwrap_or_default()
}

/// A copy of the schema without notes: what two schemas are compared by before anything is noted but where they stand.
pub(crate) fn bare(schema: &Value) -> Value {
    let mut bare = schema.clone();
    bare.remove_everywhere(KEY);
    bare
}

/// What the schema means, as text: equal for those that one type can be. Of the notes, only documentation has no part in
/// it; the items of a tuple are asked of their carrier.
pub(crate) fn meaning(schema: &Value, carrier: &dyn Fn(&str) -> Option<Value>) -> String {
    let mut meaning = schema.clone();
    leave_meaning(&mut meaning, carrier);
    meaning.to_string()
}

/// What is noted, but is said in the documentation only.
const SAID: &[&str] = &[
    "deprecated",
    "description",
    "known",
    "limits",
    "source",
    "title",
];

fn leave_meaning(value: &mut Value, carrier: &dyn Fn(&str) -> Option<Value>) {
    match value {
        Value::Object(map) => {
            let note = map.remove(KEY);
            map.values_mut()
                .for_each(|child| leave_meaning(child, carrier));
            if let Some(Value::Object(mut note)) = note {
                note.retain(|key, _| !SAID.contains(&key));
                // The carrier notes of itself what the tuple does.
                let items = note["tuple"].as_str().and_then(carrier);
                if let Some(mut items) = items.map(|mut carried| carried["properties"].take()) {
                    leave_meaning(&mut items, carrier);
                    note.insert("tuple", items);
                }
                if !note.is_empty() {
                    map.insert(KEY, Value::Object(note));
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| leave_meaning(item, carrier)),
        _ => {}
    }
}

/// Where the schema stands in the description as it was given.
pub(crate) fn source(schema: &Map) -> Pointer {
    match schema.get(KEY) {
        Some(Value::Object(note)) => place_of(note.get("source")),
        place => place_of(place),
    }
}

/// The only value that the schema allows, which may be null.
pub(crate) fn constant(schema: &Map) -> Option<&Value> {
    noted(schema, "constant")
}

/// The component whose properties are the items of the tuple that the schema is.
pub(crate) fn tuple(schema: &Map) -> Option<&str> {
    noted(schema, "tuple")?.as_str()
}

/// Whether it is said of the schema how it is written as a part of a form.
pub(crate) fn is_part(schema: &Map) -> bool {
    noted(schema, "part").is_some()
}

/// Whether the schema is that of a file in a form.
pub(crate) fn is_file(schema: &Map) -> bool {
    noted(schema, "file") == Some(&Value::Bool(true))
}

/// The property that tells the branches of the union apart that the schema is.
pub(crate) fn tag(schema: &Map) -> Option<&str> {
    noted(schema, "union")?["tag"].as_str()
}

/// Whether null is noted.
pub(crate) fn is_nullable(schema: &Map) -> bool {
    noted(schema, "nullable").is_some()
}

fn noted<'s>(schema: &'s Map, key: &str) -> Option<&'s Value> {
    schema.get(KEY)?.get(key)
}
