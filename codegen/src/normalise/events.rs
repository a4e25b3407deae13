//! Of events of the server, the description may say what they are made of (`data`, `event`, `id`, `retry`), or only what
//! their data is: that alone is kept, as the rest is the same for all.

use super::Document;
use super::constants::only_value;
use super::media_types::is_events;
use super::references::{component, component_schemas};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::pointer::Pointer;
use crate::walk::each_operation;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut are_some = false;
    each_events(&mut document.root, &mut |_, _| are_some = true);
    if !are_some {
        return Ok(());
    }
    let schemas = component_schemas(&document.root);
    let mut lost = Vec::new();
    let mut left = LOOKED_AT;
    each_events(&mut document.root, &mut |place, entry| {
        let mut events = Events {
            schemas: &schemas,
            left: &mut left,
            found: Vec::new(),
        };
        if events.collect(&entry["schema"], DEPTH) {
            let found = events.found;
            let (data, is_whole) = data(&found);
            entry["schema"] = data;
            lost.extend((!is_whole).then(|| place.child("schema")));
        }
    });
    for place in lost {
        let why = "that of some events is text and that of others is not: it is read as text";
        document.lose(place, "the type of the events' data", why);
    }
    Ok(())
}

/// Visits the answers that are events.
fn each_events(root: &mut Value, visit: &mut dyn FnMut(Pointer, &mut Value)) {
    each_operation(root, &mut |place, operation| {
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for (status, response) in responses.into_iter().flatten() {
            let place = place.child("responses").child(status).child("content");
            let content = response.get_mut("content").and_then(Value::as_object_mut);
            let events = content.into_iter().flatten();
            let events = events.filter(|(media_type, _)| is_events(media_type));
            events.for_each(|(media_type, entry)| visit(place.child(media_type), entry));
        }
    });
}

/// How deep unions of events are looked into.
const DEPTH: usize = 20;

/// The schemas that are looked at in a whole description: unions may lead to themselves by many ways.
const LOOKED_AT: usize = 100_000;

/// What the data of an event is.
#[derive(PartialEq)]
enum Data<'s> {
    Text,
    Json(&'s Value),
}

/// What is found of a union of events.
struct Events<'s, 'l> {
    schemas: &'s Value,
    left: &'l mut usize,
    found: Vec<Data<'s>>,
}

impl<'s> Events<'s, '_> {
    /// Finds what the data of each event of a union is, or of the one. The result is whether the schema says what events
    /// are made of.
    fn collect(&mut self, schema: &'s Value, depth: usize) -> bool {
        let (Some(schema), Some(below)) = (self.followed(schema), depth.checked_sub(1)) else {
            return false;
        };
        let branches = ["oneOf", "anyOf"]
            .iter()
            .find_map(|key| schema[*key].as_array());
        if let Some(branches) = branches {
            return branches.iter().all(|branch| self.collect(branch, below));
        }
        let mut data = None;
        let is_event = self.fields(schema, depth, &mut data) && data.is_some();
        // What only says that there is no more is none.
        if let Some(kind) = data.filter(|data| !is_end(data)).map(kind)
            && !self.found.contains(&kind)
        {
            self.found.push(kind);
        }
        is_event
    }

    /// Whether an event has these fields only, also as parts of an `allOf`. `data` is what the last of them says of it.
    fn fields(&mut self, schema: &'s Value, depth: usize, data: &mut Option<&'s Value>) -> bool {
        const FIELDS: &[&str] = &["comment", "data", "event", "id", "retry"];
        let (Some(schema), Some(below)) = (self.followed(schema), depth.checked_sub(1)) else {
            return false;
        };
        let mut parts = schema["allOf"].items();
        if !parts.all(|part| self.fields(part, below, data)) {
            return false;
        }
        let properties = schema["properties"].as_object();
        let mut names = properties.into_iter().flat_map(Map::keys);
        if let Some(said) = properties.and_then(|properties| properties.get("data")) {
            *data = Some(said);
        }
        names.all(|name| FIELDS.contains(&name))
    }

    /// The schema, or the component that it is; nothing once too much was looked at.
    fn followed(&mut self, schema: &'s Value) -> Option<&'s Value> {
        *self.left = self.left.checked_sub(1)?;
        let target = schema["$ref"].as_str().and_then(component);
        Some(target.map_or(schema, |name| &self.schemas[&name]))
    }
}

fn is_end(data: &Value) -> bool {
    data.as_object().and_then(only_value) == Some(&json!("[DONE]"))
}

/// The field is a text: it is JSON where its content is said to be, or where it is no text.
fn kind(data: &Value) -> Data<'_> {
    if data["contentSchema"].is_object() {
        return Data::Json(&data["contentSchema"]);
    }
    let says_more = ["$ref", "allOf", "anyOf", "oneOf", "properties", "type"]
        .iter()
        .any(|key| data.get(key).is_some());
    match data["type"].as_str() {
        Some("string") => Data::Text,
        _ if says_more => Data::Json(data),
        _ => Data::Text,
    }
}

/// The one schema of all data, and whether it says what is said of each.
fn data(found: &[Data<'_>]) -> (Value, bool) {
    let schemas: Vec<Value> = { found.iter() }
        .filter_map(|data| match data {
            Data::Json(schema) => Some((*schema).clone()),
            Data::Text => None,
        })
        .collect();
    let is_text = schemas.len() < found.len() || found.is_empty();
    match schemas.as_slice() {
        _ if is_text => (json!({ "type": "string" }), schemas.is_empty()),
        [only] => (only.clone(), true),
        _ => (json!({ "anyOf": schemas }), true),
    }
}
