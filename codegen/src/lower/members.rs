//! An object's members, with those that it takes over through `allOf`.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::{Placed, Reader, reference};
use crate::json::{Map, Value};
use crate::pointer::Pointer;

/// What an object is made of.
#[derive(Default)]
pub(super) struct Members<'c> {
    /// What must be there, in the author's order.
    pub(super) required: Vec<String>,
    /// The properties by their JSON name.
    pub(super) properties: BTreeMap<String, Placed<'c>>,
    /// What may stand beside the properties, as the first part that allows something says.
    pub(super) additional: Option<Placed<'c>>,
    /// The unions among the parts, whose branches have properties of their own.
    pub(super) unions: Vec<Pointer>,
    /// The properties that are not taken, as another part says that they are something else.
    pub(super) contradicting: Vec<Pointer>,
    seen: BTreeSet<String>,
    /// What is in `required`.
    asked: BTreeSet<String>,
}

/// The members of an object.
pub(super) fn of<'c>(reader: &Reader<'c>, schema: &'c Value, place: &Pointer) -> Members<'c> {
    let mut members = Members::default();
    members.collect(reader, schema, place, 0);
    members
}

impl<'c> Members<'c> {
    /// A schema's own properties come before those of its parts. A component that comes by two ways is read once.
    fn collect(&mut self, reader: &Reader<'c>, schema: &'c Value, place: &Pointer, depth: usize) {
        if !reader.room.take(1, depth, place) {
            return;
        }
        if let Some(name) = reference(schema) {
            if self.seen.insert(name.to_owned()) {
                let place = Pointer::schema(name);
                self.collect(reader, reader.component(name), &place, depth + 1);
            }
            return;
        }
        if schema["oneOf"].is_array() {
            self.unions.push(place.clone());
            return;
        }
        let own = schema["properties"].as_object();
        if depth > 0 && !reader.room.take(own.map_or(0, Map::len), depth, place) {
            return;
        }
        for (name, property) in own.into_iter().flatten() {
            self.property(reader, name, property, place);
        }
        let entry = schema
            .get("additionalProperties")
            .filter(|entry| **entry != Value::Bool(false));
        if let (None, Some(entry)) = (&self.additional, entry) {
            self.additional = Some((entry, place.child("additionalProperties")));
        }
        for (index, part) in schema["allOf"].items().enumerate() {
            let place = place.child("allOf").child(index);
            self.collect(reader, part, &place, depth + 1);
        }
        let required = schema["required"].as_array();
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if self.asked.insert(name.to_owned()) {
                self.required.push(name.to_owned());
            }
        }
    }

    /// The part that says most of a property wins: its only value, what it is made of, or its type. Of those that say as
    /// much, it is the first.
    fn property(&mut self, reader: &Reader<'c>, name: &str, property: &'c Value, place: &Pointer) {
        let here = place.child("properties").child(name);
        let telling = |schema: &Value, place: &Pointer| {
            let note = reader.note(place);
            let is_sure = !note.conditional;
            (is_sure, note.constant.is_some(), says(schema))
        };
        let Some((known, there)) = self.properties.get(name) else {
            self.properties.insert(name.to_owned(), (property, here));
            return;
        };
        let stays = telling(known, there) >= telling(property, &here);
        if contradict(known, property) {
            self.contradicting
                .push(if stays { here.clone() } else { there.clone() });
        }
        if !stays {
            self.properties.insert(name.to_owned(), (property, here));
        }
    }
}

/// Whether no value is of both types, as far as they are said.
fn contradict(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one["type"].as_str(), other["type"].as_str()) else {
        return false;
    };
    let is_number = |kind: &str| matches!(kind, "integer" | "number");
    one != other && !(is_number(one) && is_number(other))
}

/// How much a schema says: nothing, a type, or what the type is made of.
fn says(schema: &Value) -> Says {
    const MADE_OF: &[&str] = &[
        "$ref",
        "additionalProperties",
        "allOf",
        "enum",
        "format",
        "items",
        "oneOf",
        "properties",
    ];
    let is_said = |key: &&str| match &schema[*key] {
        Value::Object(map) => !map.is_empty(),
        Value::Bool(_) | Value::Null => false,
        _ => true,
    };
    match schema["type"].as_str() {
        _ if MADE_OF.iter().any(is_said) => Says::MadeOf,
        Some(_) => Says::Type,
        None => Says::Nothing,
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    Nothing,
    Type,
    MadeOf,
}

/// Whether a schema is an object with fields, also where its parts make it one.
pub(super) fn is_object(reader: &Reader<'_>, schema: &Value, place: &Pointer) -> bool {
    let mut found = Kinds::default();
    found.collect(reader, schema, place, 0);
    found.is_object()
}

/// What the parts of a schema are.
#[derive(Default)]
struct Kinds {
    fields: bool,
    others: bool,
    /// The components that were looked at on the way here.
    seen: BTreeSet<String>,
    /// Whether one of them came again.
    leads_back: bool,
}

impl Kinds {
    fn is_object(&self) -> bool {
        self.fields && !self.others
    }

    /// A branch that leads back to where one came from says nothing that the others don't.
    fn branches(&mut self, reader: &Reader<'_>, branches: &[Value], place: &Pointer, depth: usize) {
        for branch in branches {
            if self.others {
                return;
            }
            let mut found = Self {
                seen: self.seen.clone(),
                ..Self::default()
            };
            found.collect(reader, branch, place, depth + 1);
            let says_nothing = found.leads_back && !found.fields && !found.others;
            self.fields |= found.is_object();
            self.others |= !found.is_object() && !says_nothing;
        }
    }

    fn collect(&mut self, reader: &Reader<'_>, schema: &Value, place: &Pointer, depth: usize) {
        if !reader.room.take(1, depth, place) {
            return;
        }
        if let Some(name) = reference(schema) {
            if self.seen.insert(name.to_owned()) {
                self.collect(reader, reader.component(name), place, depth + 1);
            } else {
                self.leads_back = true;
            }
            return;
        }
        if let Some(branches) = schema["oneOf"].as_array() {
            self.branches(reader, branches, place, depth);
            return;
        }
        let is_other = schema.get("type").is_some_and(|kind| kind != "object");
        self.others |= is_other || schema["enum"].is_array() || schema["items"].is_object();
        self.fields |= schema["properties"]
            .as_object()
            .is_some_and(|properties| !properties.is_empty());
        self.fields |= schema.get("additionalProperties") == Some(&Value::Bool(false));
        let parts = schema["allOf"].items();
        parts.for_each(|part| self.collect(reader, part, place, depth + 1));
    }
}

/// The parts of a schema that say what its values are; an empty schema says nothing.
pub(super) fn telling<'c>(schema: &'c Value, place: &Pointer) -> Vec<Placed<'c>> {
    let parts = schema["allOf"].items();
    let placed = parts
        .enumerate()
        .map(|(index, part)| (part, place.child("allOf").child(index)));
    placed
        .filter(|(part, _)| part.as_object().is_some_and(|map| !map.is_empty()))
        .collect()
}
