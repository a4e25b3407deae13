//! Puts shared parameters, bodies and answers into the operations that use them, so that one place has to be read.

use serde_json::{Map, Value};

use super::Document;
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::pointer::Pointer;
use crate::walk::{METHODS, each_operation};

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut problems = Problems::default();
    resolve_path_items(&mut document.root);
    let before = document.root.clone();
    let mut lost = Vec::new();
    each_operation(&mut document.root, &mut |place, operation| {
        let keys: Vec<String> = place.keys().collect();
        let shared = before["paths"][&keys[1]]["parameters"].as_array();
        share_parameters(operation, shared, &before);
        resolve_parts(operation, &before);
        check_parameters(place, operation, &mut problems);
        bare_parameters(place, operation, &mut lost);
        if operation.remove("callbacks").is_some() {
            lost.push((place.child("callbacks"), "callbacks".to_owned(), ONE_WAY));
        }
    });
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

const ONE_WAY: &str = "a client sends requests and receives none";

/// What is lost: where, what, and why.
type Lost = (Pointer, String, &'static str);

/// A path's own keys win over those of what it refers to.
fn resolve_path_items(root: &mut Value) {
    let before = root.clone();
    let Some(Value::Object(paths)) = root.get_mut("paths") else {
        return;
    };
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        let target = item.remove("$ref").unwrap_or_default();
        let found = target.as_str().and_then(|target| at(&before, target));
        if let Some(Value::Object(shared)) = found.map(|found| resolved(found, &before)) {
            for (key, value) in shared {
                item.entry(key).or_insert(value);
            }
        }
    }
}

fn at<'r>(root: &'r Value, target: &str) -> Option<&'r Value> {
    root.pointer(target.strip_prefix('#')?)
}

fn share_parameters(operation: &mut Map<String, Value>, shared: Option<&Vec<Value>>, root: &Value) {
    let own = operation
        .get("parameters")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut all: Vec<Value> = own.iter().map(|value| resolved(value, root)).collect();
    for value in shared.into_iter().flatten() {
        let value = resolved(value, root);
        let same = |other: &Value| other["name"] == value["name"] && other["in"] == value["in"];
        if !all.iter().any(same) {
            all.push(value);
        }
    }
    if !all.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(all));
    }
}

fn resolve_parts(operation: &mut Map<String, Value>, root: &Value) {
    if let Some(body) = operation.get_mut("requestBody") {
        *body = resolved(body, root);
    }
    if let Some(Value::Object(responses)) = operation.get_mut("responses") {
        for response in responses.values_mut() {
            *response = resolved(response, root);
        }
    }
}

/// References were checked before, so following them ends.
fn resolved(value: &Value, root: &Value) -> Value {
    let target = value.get("$ref").and_then(Value::as_str);
    match target.and_then(|target| at(root, target)) {
        Some(found) => resolved(found, root),
        None => value.clone(),
    }
}

fn check_parameters(place: &Pointer, operation: &Map<String, Value>, problems: &mut Problems) {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    for (index, parameter) in parameters.into_iter().flatten().enumerate() {
        let place = place.child("parameters").child(index);
        if !parameter["name"].is_string() {
            problems.add(place.child("name"), "a parameter must have a name");
        }
        match parameter["in"].as_str() {
            Some("path" | "query" | "header") => {}
            Some("cookie") => problems.add(
                place.child("in"),
                "cookie parameters are not supported; list the operation's path without it or send a header",
            ),
            _ => problems.add(place.child("in"), "`in` must be path, query, header or cookie"),
        }
        if !parameter["schema"].is_object() {
            problems.add(
                place.child("schema"),
                "a parameter must have a schema; parameters with `content` are not supported",
            );
        }
    }
}

/// Keeps of each parameter what the request needs. Objects and lists travel in one way only.
fn bare_parameters(place: &Pointer, operation: &mut Map<String, Value>, lost: &mut Vec<Lost>) {
    const KEPT: &[&str] = &[
        "name",
        "in",
        "required",
        "schema",
        "description",
        "deprecated",
    ];
    let Some(Value::Array(parameters)) = operation.get_mut("parameters") else {
        return;
    };
    for (index, parameter) in parameters.iter_mut().enumerate() {
        let place = place.child("parameters").child(index);
        let Some(map) = parameter.as_object_mut() else {
            continue;
        };
        let usual = match map.get("in").and_then(Value::as_str) {
            Some("query") => ("form", true),
            _ => ("simple", false),
        };
        let style = map.get("style").and_then(Value::as_str);
        if let Some(style) = style.filter(|style| *style != usual.0) {
            lost.push((place.child("style"), format!("the style `{style}`"), STYLE));
        }
        let explode = map.get("explode").and_then(Value::as_bool);
        if explode.is_some_and(|explode| explode != usual.1) && style != Some("deepObject") {
            let what = "the form of lists and objects (`explode`)".to_owned();
            lost.push((place.child("explode"), what, STYLE));
        }
        if map.get("in").is_some_and(|place| place == "path") {
            map.insert("required".to_owned(), Value::Bool(true));
        }
        map.retain(|key, _| KEPT.contains(&key.as_str()));
        if !map.get("description").is_some_and(Value::is_string) {
            map.remove("description");
        }
        if !map.get("deprecated").is_some_and(Value::is_boolean) {
            map.remove("deprecated");
        }
    }
}

const STYLE: &str = "lists are sent item by item, `name=a&name=b`, other values as text";

/// What the generator does not read has no place in the canonical document.
fn drop_shared(root: &mut Value) {
    let keep = |value: Option<&mut Value>, kept: &[&str]| {
        if let Some(Value::Object(map)) = value {
            map.retain(|key, _| kept.contains(&key.as_str()));
        }
    };
    keep(Some(root), &["openapi", "info", "paths", "components"]);
    keep(root.get_mut("info"), &["title", "version"]);
    keep(root.get_mut("components"), &["schemas"]);
    if let Some(Value::Object(paths)) = root.get_mut("paths") {
        paths.retain(|path, _| !path.starts_with("x-"));
        for item in paths.values_mut() {
            keep(Some(item), METHODS);
        }
    }
}
