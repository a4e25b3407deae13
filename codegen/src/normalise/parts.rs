//! Puts shared parameters, bodies and answers into the operations that use them, so that one place has to be read.

use std::collections::BTreeSet;

use super::Document;
use super::encodings::encodings_mut;
use super::media_types::{chosen_body, essence, is_json};
use crate::config::Config;
use crate::error::{Error, Problems, Result};
use crate::json::{Map, Value, json};
use crate::pointer::Pointer;
use crate::template;
use crate::walk::{each_operation, is_method, values};

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

/// The specification says that these are no parameters: the body, the answer and the credentials say them.
fn ignore_reserved(place: &Pointer, operation: &mut Map, lost: &mut Vec<Lost>) {
    let Some(Value::Array(parameters)) = operation.get_mut("parameters") else {
        return;
    };
    let place = place.child("parameters");
    let mut index = 0;
    parameters.retain(|parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        let is_reserved = parameter["in"] == "header"
            && ["accept", "authorization", "content-type"]
                .iter()
                .any(|reserved| name.eq_ignore_ascii_case(reserved));
        if is_reserved {
            let why = "OpenAPI ignores parameters with this name; the client says it itself";
            lost.push((place.child(index), format!("the header `{name}`"), why));
        }
        // The specification advises against it, and a value of another type is never empty.
        let kind = parameter["schema"]["type"].as_str();
        if parameter["allowEmptyValue"] == true && kind.is_some_and(|kind| kind != "string") {
            let why = "what is sent is a value of its type";
            let place = place.child(index).child("allowEmptyValue");
            lost.push((place, format!("`allowEmptyValue` of `{name}`"), why));
        }
        if parameter["in"] == "path" && parameter["allowReserved"] == true {
            let why = "what is in a path is percent-encoded all the same";
            let place = place.child(index).child("allowReserved");
            lost.push((place, format!("`allowReserved` of `{name}`"), why));
        }
        index += 1;
        !is_reserved
    });
}

/// What the path's template names is a parameter, also where none is described; what it does not name is none.
fn match_template(place: &Pointer, path: &str, operation: &mut Map, lost: &mut Vec<Lost>) {
    let names = template_names(path);
    let in_template: BTreeSet<&str> = names.iter().copied().collect();
    let mut missing = in_template.clone();
    let mut parameters = match operation.remove("parameters") {
        Some(Value::Array(parameters)) => parameters,
        _ => Vec::new(),
    };
    let here = place.child("parameters");
    parameters.retain(|parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        let is_path = parameter["in"] == "path";
        let is_lost = is_path && !in_template.contains(name);
        if is_path {
            missing.remove(name);
        }
        if is_lost {
            let what = format!("the path's parameter `{name}`");
            lost.push((here.clone(), what, "the path does not name it"));
        }
        !is_lost
    });
    for name in names {
        if missing.contains(name) {
            let what = format!("the description of the path's parameter `{name}`");
            lost.push((place.clone(), what, "it is read as text"));
            parameters.push(json!({ "name": name, "in": "path", "schema": { "type": "string" } }));
        }
    }
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(parameters));
    }
}

/// The parameters that a path may have. What is said of each names the path.
const NAMED: usize = 200;

/// `/a/{b}/{c}` names `b` and `c`.
fn template_names(path: &str) -> Vec<&str> {
    let mut known = BTreeSet::new();
    let names = template::names(path);
    names.filter(|name| known.insert(*name)).collect()
}

fn check_parameters(place: &Pointer, operation: &Map, problems: &mut Problems) {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    for (index, parameter) in parameters.into_iter().flatten().enumerate() {
        let place = place.child("parameters").child(index);
        if !parameter["name"].is_string() {
            problems.add(place.child("name"), "a parameter must have a name");
        }
        match parameter["in"].as_str() {
            Some("path" | "query" | "header" | "cookie") => {}
            Some("querystring") => problems.add(
                place.child("in"),
                "a parameter that is the whole query has `content`: a form, or JSON",
            ),
            _ => problems.add(
                place.child("in"),
                "`in` must be path, query, header or cookie",
            ),
        }
        if !parameter["schema"].is_object() {
            problems.add(
                place.child("schema"),
                "a parameter must have a `schema`, or `content` of one media type",
            );
        }
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

/// The extension of a parameter that travels as JSON text.
pub(crate) const AS_JSON: &str = "x-diptych-json";

/// The extension of a parameter that is the whole query: as a form, or as JSON.
pub(crate) const AS_WHOLE: &str = "x-diptych-whole";

/// A parameter with `content` is its schema, written as JSON, or a text that the caller writes.
fn read_content(place: &Pointer, operation: &mut Map, lost: &mut Vec<Lost>) {
    let place = place.child("parameters");
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for (index, parameter) in parameters.into_iter().flatten().enumerate() {
        let Some(map) = parameter.as_object_mut() else {
            continue;
        };
        let content = map.remove("content").unwrap_or_default();
        let Some((media_type, entry)) = content.as_object().and_then(|all| all.iter().next())
        else {
            continue;
        };
        let mut schema = entry.get("schema").cloned().unwrap_or_else(|| json!({}));
        if map.get("in").is_some_and(|place| place == "querystring") {
            if let Some(form) = whole_query(media_type) {
                map.insert("in".to_owned(), json!("query"));
                map.insert(AS_WHOLE.to_owned(), json!(form));
                map.insert("schema".to_owned(), schema);
            }
            continue;
        }
        if is_json(media_type) {
            map.insert(AS_JSON.to_owned(), json!(true));
        } else if !is_scalar(&schema) {
            let place = place.child(index).child("content").child(media_type);
            let why = "the caller writes it as a text";
            lost.push((place, "the type".to_owned(), why));
            schema = json!({ "type": "string" });
        }
        map.insert("schema".to_owned(), schema);
    }
}

/// How a whole query of this media type is written, where it can be.
fn whole_query(media_type: &str) -> Option<&'static str> {
    match essence(media_type).as_str() {
        "application/x-www-form-urlencoded" => Some("form"),
        _ if is_json(media_type) => Some("json"),
        _ => None,
    }
}

fn is_scalar(schema: &Value) -> bool {
    let kind = schema["type"].as_str().unwrap_or_default();
    ["string", "integer", "number", "boolean"].contains(&kind)
}

/// Keeps of each parameter what the request needs.
fn bare_parameters(operation: &mut Map) {
    const KEPT: &[&str] = &[
        "name",
        "in",
        "required",
        "schema",
        "description",
        "deprecated",
        "style",
        "explode",
        "allowReserved",
        AS_JSON,
        AS_WHOLE,
    ];
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for map in parameters
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        if map.get("in").is_some_and(|place| place == "path") {
            map.insert("required".to_owned(), Value::Bool(true));
        }
        map.retain(|key, _| KEPT.contains(&key));
        if !map.get("description").is_some_and(Value::is_string) {
            map.remove("description");
        }
        for flag in ["deprecated", "explode", "allowReserved"] {
            if !map.get(flag).is_some_and(Value::is_boolean) {
                map.remove(flag);
            }
        }
        say_cookie_style(map);
        drop_usual_style(map);
    }
}

/// 3.2's style of cookies is the usual one, but for the percent-encoding, which it has not.
fn say_cookie_style(map: &mut Map) {
    if map.get("in").is_some_and(|place| place == "cookie") {
        map.remove("allowReserved");
        if map.get("style").is_some_and(|style| style == "cookie") {
            map.remove("style");
            map.insert("allowReserved".to_owned(), json!(true));
        }
    }
}

/// A style that the place has by itself is not said.
fn drop_usual_style(map: &mut Map) {
    let usual = match map.get("in").and_then(Value::as_str) {
        Some("query" | "cookie") => "form",
        _ => "simple",
    };
    let style = map.get("style").and_then(Value::as_str).unwrap_or(usual);
    let style = style.to_owned();
    if map.get("explode") == Some(&json!(style == "form")) {
        map.remove("explode");
    }
    if style == usual {
        map.remove("style");
    }
    if map.get("allowReserved") == Some(&json!(false)) {
        map.remove("allowReserved");
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
