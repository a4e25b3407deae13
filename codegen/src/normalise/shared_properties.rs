//! A property that several parts of an `allOf` describe as objects has the fields of all of them: the value must be what each
//! part says.
//!
//! Where one of these objects takes over the others, it says it all by itself.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::references::{component_name, component_schemas, only_component, own_component};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::notes::KEY;
use crate::pointer::Pointer;
use crate::walk::{each_schema, some_schema};

/// The properties of parts that are looked at in a whole description.
const LOOKED_AT: usize = 2_000_000;

/// How many parts of parts are followed.
const DEPTH: usize = 32;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let has_parts = |schema: &Map| {
        let parts = schema.get("allOf").and_then(Value::as_array);
        parts.is_some_and(|parts| parts.len() > 1 || schema.contains_key("properties"))
    };
    if !some_schema(&mut document.root, has_parts) {
        return Ok(());
    }
    let schemas = component_schemas(&document.root);
    let parts = Parts {
        schemas: &schemas,
        left: Cell::new(LOOKED_AT),
    };
    // What is made here is made of parts again, and is left as it is: parts may come back to themselves.
    let mut made: Vec<(Pointer, String, Value)> = Vec::new();
    each_schema(&mut document.root, &mut |place, schema| {
        if has_parts(schema) && !schema.contains_key("oneOf") {
            let wholes = parts.wholes(schema).into_iter();
            made.extend(wholes.map(|(name, whole)| (place.pointer(), name, whole)));
        }
    });
    for (place, name, whole) in made {
        let schema = document.root.pointer_mut(place.as_str());
        if let Some(Value::Object(schema)) = schema {
            put(schema, name, whole);
        }
    }
    Ok(())
}

/// The schema says the property itself; parts that are nowhere else need not.
fn put(schema: &mut Map, name: String, whole: Value) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten() {
        if let Some(Value::Object(properties)) = part.get_mut("properties") {
            properties.remove(&name);
        }
    }
    let own = schema.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(own) = own {
        own.insert(name, whole);
    }
}

/// What the parts say of each property, in their order.
type Said<'a> = BTreeMap<&'a str, Vec<&'a Value>>;

struct Parts<'s> {
    schemas: &'s Value,
    left: Cell<usize>,
}

impl Parts<'_> {
    /// What the properties are that several parts describe, where the first of these does not say it all.
    fn wholes(&self, schema: &Map) -> Vec<(String, Value)> {
        let mut said = Said::new();
        self.collect(schema, DEPTH, &mut BTreeSet::new(), &mut said);
        let several = said.into_iter().filter(|(_, said)| said.len() > 1);
        let wholes = several.filter_map(|(name, said)| Some((name.to_owned(), self.whole(&said)?)));
        wholes.collect()
    }

    /// A schema's own properties come before those of its parts, as they do where types are made.
    fn collect<'a>(
        &'a self,
        schema: &'a Map,
        depth: usize,
        seen: &mut BTreeSet<String>,
        said: &mut Said<'a>,
    ) {
        let own = schema.get("properties").and_then(Value::as_object);
        let left = self.left.get().checked_sub(1 + own.map_or(0, Map::len));
        let (Some(left), Some(depth)) = (left, depth.checked_sub(1)) else {
            return;
        };
        self.left.set(left);
        let target = schema.get("$ref").and_then(Value::as_str);
        if let Some(name) = target.and_then(component_name) {
            let component = self.schemas.get(name).and_then(Value::as_object);
            if let Some(component) = component.filter(|_| seen.insert(name.to_owned())) {
                self.collect(component, depth, seen, said);
            }
            return;
        }
        if schema.contains_key("oneOf") || schema.contains_key("anyOf") {
            return;
        }
        for (name, property) in own.into_iter().flatten() {
            let known = said.entry(name).or_default();
            if !known.iter().any(|known| is_same(known, property)) {
                known.push(property);
            }
        }
        let parts = schema.get("allOf").and_then(Value::as_array);
        for part in parts.into_iter().flatten().filter_map(Value::as_object) {
            self.collect(part, depth, seen, said);
        }
    }

    /// An object with what all of these say.
    fn whole(&self, said: &[&Value]) -> Option<Value> {
        if !said.iter().all(|schema| self.is_object(schema, DEPTH)) {
            return None;
        }
        let takes_over = |index: usize, other: usize| {
            let over = said[other].as_object().and_then(only_component);
            other != index && over.is_some_and(|over| self.reaches(said[index], over))
        };
        let needed = |other: &usize| !(0..said.len()).any(|index| takes_over(index, *other));
        let needed: Vec<usize> = (0..said.len()).filter(needed).collect();
        match needed.as_slice() {
            // Those that take over each other in a circle.
            [] | [0] => None,
            [index] => Some(said[*index].clone()),
            several => {
                let note = several.last().and_then(|index| said[*index].get(KEY));
                let parts = several.iter().map(|index| said[*index].clone());
                let parts = Value::Array(parts.collect());
                let mut whole = Map::from_iter([("allOf".to_owned(), parts)]);
                whole.extend(note.map(|note| (KEY.to_owned(), note.clone())));
                Some(Value::Object(whole))
            }
        }
    }

    /// Whether a schema has fields, and can be nothing but an object.
    fn is_object(&self, schema: &Value, depth: usize) -> bool {
        let (Some(own), Some(depth)) = (schema.as_object(), depth.checked_sub(1)) else {
            return false;
        };
        if let Some(name) = own_component(schema) {
            return self.is_object(&self.schemas[name], depth);
        }
        let is_other = OTHERS.iter().any(|key| own.contains_key(key))
            || own.get("type").is_some_and(|kind| kind != "object");
        let properties = schema["properties"].as_object();
        let mut parts = schema["allOf"].items();
        !is_other
            && (properties.is_some_and(|properties| !properties.is_empty())
                || parts.any(|part| self.is_object(part, depth)))
    }

    /// Whether a schema takes over a component.
    fn reaches(&self, schema: &Value, name: &str) -> bool {
        let mut open = vec![schema];
        let mut seen = BTreeSet::new();
        while let Some(schema) = open.pop() {
            let found = own_component(schema);
            if found == Some(name) {
                return true;
            }
            open.extend(schema["allOf"].items());
            if let Some(found) = found
                && seen.len() < DEPTH
                && seen.insert(found)
            {
                open.extend(self.schemas.get(found));
            }
        }
        false
    }
}

/// What a schema says that may be something else than an object.
const OTHERS: &[&str] = &[
    "anyOf",
    "const",
    "enum",
    "items",
    "not",
    "oneOf",
    "prefixItems",
];

/// Whether two schemas say the same, wherever they stand.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = |map: &Map| map.keys().filter(|key| *key != KEY).count();
            let said = one.iter().filter(|(key, _)| *key != KEY);
            keys(one) == keys(other) && { said }
                .all(|(key, value)| other.get(key).is_some_and(|other| is_same(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        _ => one == other,
    }
}
