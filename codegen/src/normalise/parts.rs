//! Puts shared parameters, bodies and answers into the operations that use them, so that one place has to be read.

use std::collections::BTreeSet;

use super::Document;
use super::encodings::encodings_mut;
use super::media_types::chosen_body;
use crate::config::Config;
use crate::error::{Error, Problems, Result};
use crate::json::{Map, Value, json};
use crate::pointer::Pointer;
use crate::walk::{each_operation, is_method, values};

mod parameters;

use parameters::{
    NAMED, bare_parameters, check_parameters, ignore_reserved, match_template, read_content,
    template_names,
};

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut problems = Problems::default();
    let left = resolve_path_items(&mut document.root);
    let before = shared(&mut document.root);
    let mut lost = Vec::new();
    let mut shared_parts = Shared {
        root: &before,
        left,
    };
    each_operation(&mut document.root, &mut |place, operation| {
        let keys: Vec<String> = place.keys().collect();
        let shared = before["paths"][&keys[1]]["parameters"].as_array();
        share_parameters(operation, shared, &mut shared_parts);
        resolve_parts(operation, &mut shared_parts);
        ignore_reserved(place, operation, &mut lost);
        read_content(place, operation, &mut lost);
        if template_names(&keys[1]).len() > NAMED {
            let rule = format!("a path has at most {NAMED} parameters");
            problems.add(place.clone(), rule);
            return;
        }
        match_template(place, &keys[1], operation, &mut lost);
        check_parameters(place, operation, &mut problems);
        bare_parameters(operation);
        drop_bare_body(place, operation, &mut lost);
        check_body(place, operation, &mut problems);
        if operation.remove("callbacks").is_some() {
            lost.push((place.child("callbacks"), "callbacks".to_owned(), ONE_WAY));
        }
    });
    if shared_parts.left == 0 {
        let rule = "the shared parts come to more than a million values where they are used; \
                    make components of their schemas";
        return Err(Error::at(Pointer::root().child("components"), rule));
    }
    if document.root.get("webhooks").is_some() {
        let place = Pointer::root().child("webhooks");
        lost.push((place, "webhooks".to_owned(), ONE_WAY));
    }
    for (pointer, what, why) in lost {
        document.lose(pointer, what, why);
    }
    drop_shared(&mut document.root);
    problems.into_result()
}

const ONE_WAY: &str =
    "a client sends requests and receives none; those who do have types of their bodies";

/// What is lost: where, what, and why.
type Lost = (Pointer, String, &'static str);

/// A path's own keys win over those of what it refers to. The result is how many values may still be copied.
pub(super) fn resolve_path_items(root: &mut Value) -> usize {
    let refers = |item: &Value| item.get("$ref").is_some();
    let paths = root["paths"].as_object();
    if !paths.is_some_and(|paths| paths.values().any(refers)) {
        return COPIED;
    }
    let before = shared(root);
    let mut parts = Shared {
        root: &before,
        left: COPIED,
    };
    let Some(Value::Object(paths)) = root.get_mut("paths") else {
        return parts.left;
    };
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        let Some(target) = item.remove("$ref") else {
            continue;
        };
        if let Value::Object(shared) = parts.resolved(&json!({ "$ref": target })) {
            for (key, value) in shared {
                item.entry(key).or_insert(value);
            }
        }
    }
    parts.left
}

/// A copy of the document for what operations share; schemas are none of it.
fn shared(root: &mut Value) -> Value {
    let schemas = root.pointer_mut("/components/schemas").map(Value::take);
    let copy = root.clone();
    if let Some(place) = root.pointer_mut("/components/schemas") {
        *place = schemas.unwrap_or_default();
    }
    copy
}

fn at<'r>(root: &'r Value, target: &str) -> Option<&'r Value> {
    root.pointer(target.strip_prefix('#')?)
}

/// The values that copies of shared parts may have in all.
const COPIED: usize = 1_000_000;

/// What the operations share.
struct Shared<'r> {
    root: &'r Value,
    /// How many values may still be copied.
    left: usize,
}

impl Shared<'_> {
    /// The part itself, where a reference stands for it; nothing once too much was copied.
    fn resolved(&mut self, value: &Value) -> Value {
        let found = followed(value, self.root);
        if !std::ptr::eq(found, value) {
            self.left = self.left.saturating_sub(values(found));
        }
        if self.left == 0 {
            return Value::Null;
        }
        found.clone()
    }
}

fn share_parameters(operation: &mut Map, shared: Option<&Vec<Value>>, parts: &mut Shared<'_>) {
    let own = operation
        .get("parameters")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut all: Vec<Value> = own.iter().map(|value| parts.resolved(value)).collect();
    let which = |value: &Value| (text(&value["name"]), text(&value["in"]));
    let mut known: BTreeSet<_> = all.iter().map(which).collect();
    for value in shared.into_iter().flatten() {
        parts.left = parts.left.saturating_sub(1);
        let value = parts.resolved(value);
        if known.insert(which(&value)) {
            all.push(value);
        }
    }
    if !all.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(all));
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn resolve_parts(operation: &mut Map, parts: &mut Shared<'_>) {
    if let Some(body) = operation.get_mut("requestBody") {
        *body = parts.resolved(body);
        resolve_content(body, parts);
    }
    if let Some(Value::Object(responses)) = operation.get_mut("responses") {
        for response in responses.values_mut() {
            *response = parts.resolved(response);
            resolve_content(response, parts);
        }
    }
}

/// 3.2 lets media types be shared too.
fn resolve_content(part: &mut Value, parts: &mut Shared<'_>) {
    let content = part.get_mut("content").and_then(Value::as_object_mut);
    for entry in content.into_iter().flat_map(Map::values_mut) {
        if entry["$ref"].is_string() {
            *entry = parts.resolved(entry);
        }
        resolve_headers(entry, parts);
    }
}

/// The headers of the parts of a body may be shared too.
fn resolve_headers(entry: &mut Value, parts: &mut Shared<'_>) {
    for encoding in encodings_mut(entry) {
        let headers = encoding.get_mut("headers").and_then(Value::as_object_mut);
        for header in headers.into_iter().flat_map(Map::values_mut) {
            if header["$ref"].is_string() {
                *header = parts.resolved(header);
            }
        }
    }
}

/// References were checked before, so following them ends.
fn followed<'v>(mut value: &'v Value, root: &'v Value) -> &'v Value {
    while let Some(found) = value["$ref"].as_str().and_then(|target| at(root, target)) {
        value = found;
    }
    value
}

/// A body of which nothing is said but that there is one, or what it is for, can't be written.
fn drop_bare_body(place: &Pointer, operation: &mut Map, lost: &mut Vec<Lost>) {
    let says = |key| {
        let body = operation.get("requestBody").and_then(Value::as_object);
        body.is_some_and(|body| body.contains_key(key))
    };
    if operation.contains_key("requestBody") && !says("content") && !says("$ref") {
        operation.remove("requestBody");
        let why = "no media type is said; none is sent";
        lost.push((place.child("requestBody"), "the body".to_owned(), why));
    }
}

fn check_body(place: &Pointer, operation: &Map, problems: &mut Problems) {
    let Some(body) = operation.get("requestBody") else {
        return;
    };
    let place = place.child("requestBody").child("content");
    let Some(content) = body["content"].as_object() else {
        problems.add(place, "a request body must have `content`");
        return;
    };
    if chosen_body(content).is_none() && !content.is_empty() {
        let found: Vec<&str> = content.keys().collect();
        let rule = format!("request bodies of these media types are not supported: {found:?}");
        problems.add(place, rule);
    }
}

/// What the generator does not read has no place in the canonical document.
fn drop_shared(root: &mut Value) {
    let keep = |value: Option<&mut Value>, kept: &[&str]| {
        if let Some(Value::Object(map)) = value {
            map.retain(|key, _| kept.contains(&key));
        }
    };
    keep(Some(root), &["openapi", "info", "paths", "components"]);
    keep(root.get_mut("info"), &["title", "version"]);
    keep(root.get_mut("components"), &["schemas"]);
    if let Some(Value::Object(paths)) = root.get_mut("paths") {
        paths.retain(|path, _| !path.starts_with("x-"));
        for item in paths.values_mut() {
            if let Some(item) = item.as_object_mut() {
                item.retain(|key, _| is_method(key));
            }
        }
    }
}
