//! Puts shared parameters, bodies and answers into the operations that use them, so that one place has to be read.

use serde_json::{Map, Value};

use super::Document;
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::pointer::Pointer;
use crate::walk::each_operation;

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut problems = Problems::default();
    let before = document.root.clone();
    each_operation(&mut document.root, &mut |place, operation| {
        let keys: Vec<String> = place.keys().collect();
        let shared = before["paths"][&keys[1]]["parameters"].as_array();
        share_parameters(operation, shared, &before);
        resolve_parts(operation, &before);
        check_parameters(place, operation, &mut problems);
    });
    drop_shared(&mut document.root);
    problems.into_result()
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
    match target.and_then(|target| root.pointer(&target[1..])) {
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

fn drop_shared(root: &mut Value) {
    if let Some(Value::Object(components)) = root.get_mut("components") {
        components.retain(|key, _| key == "schemas");
    }
    if let Some(Value::Object(paths)) = root.get_mut("paths") {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.remove("parameters");
        }
    }
}
