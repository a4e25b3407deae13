//! The parameters of an operation: which of those that are described there are, and what of them the request needs.

use std::collections::BTreeSet;

use super::Lost;
use crate::error::Problems;
use crate::json::{Map, Value, json};
use crate::normalise::media_types::{essence, is_json};
use crate::normalise::other_methods::is_token;
use crate::normalise::styles::{AS_JSON, AS_WHOLE, ENCODING};
use crate::pointer::Pointer;
use crate::template;

/// The specification says that these are no parameters: the body, the answer and the credentials say them. What no request can
/// have is none either.
pub(super) fn ignore_reserved(place: &Pointer, operation: &mut Map, lost: &mut Vec<Lost>) {
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
        let is_unsayable = parameter["in"] == "header" && !is_token(name);
        if is_unsayable {
            let why = "HTTP has no header with such a name";
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
        !is_reserved && !is_unsayable
    });
}

/// What the path's template names is a parameter, also where none is described; what it does not name is none.
pub(super) fn match_template(
    place: &Pointer,
    path: &str,
    operation: &mut Map,
    lost: &mut Vec<Lost>,
) {
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
pub(super) const NAMED: usize = 200;

/// `/a/{b}/{c}` names `b` and `c`.
pub(super) fn template_names(path: &str) -> Vec<&str> {
    let mut known = BTreeSet::new();
    let names = template::names(path);
    names.filter(|name| known.insert(*name)).collect()
}

pub(super) fn check_parameters(place: &Pointer, operation: &Map, problems: &mut Problems) {
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

/// A parameter with `content` is its schema, written as JSON, or a text that the caller writes.
pub(super) fn read_content(place: &Pointer, operation: &mut Map, lost: &mut Vec<Lost>) {
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
                let encoding = entry.get("encoding").filter(|said| said.is_object());
                map.extend(encoding.map(|said| (ENCODING, said.clone())));
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
pub(super) fn bare_parameters(operation: &mut Map) {
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
        ENCODING,
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
