//! The first stage: text to a JSON document that is known to be `OpenAPI` 3.0, 3.1 or 3.2.

use crate::error::{Error, Problem, Result};
use crate::json::{Map, TWICE, Value};
use crate::pointer::Pointer;

mod located;
mod twice;
mod walked;
mod written;
mod yaml;

pub(crate) use located::{Position, positions};
pub(crate) use yaml::on_large_stack;

/// Reads a description from JSON or YAML.
///
/// # Errors
///
/// When the text is neither, is not an object, or is not `OpenAPI` 3.0, 3.1 or 3.2.
pub fn parse(text: &str) -> Result<Value> {
    Ok(parse_and_tell(text)?.0)
}

/// As [`parse`], and says which keys come twice in one object: the last one is read.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_and_tell(text: &str) -> Result<(Value, Vec<Problem>)> {
    let mut document = read_text(text)?;
    if !document.is_object() {
        return Err(Error::at(
            Pointer::root(),
            "the description must be an object with `openapi`, `info` and `paths`",
        ));
    }
    let mut twice = Vec::new();
    if room_for_places(&document)? {
        twice = twice::take(&mut document, text);
    }
    say_versions(&mut document);
    fill_what_is_empty(&mut document);
    check_version(&document)?;
    for key in ["info", "paths"] {
        if !document.get(key).is_some_and(Value::is_object) {
            return Err(Error::at(
                Pointer::root().child(key),
                format!("`{key}` must be an object; is the description truncated?"),
            ));
        }
    }
    for (parent, key) in [("", "components"), ("/components", "schemas")] {
        let place = Pointer::from(parent).child(key);
        if document
            .pointer(place.as_str())
            .is_some_and(|value| !value.is_object())
        {
            return Err(Error::at(place, format!("`{key}` must be an object")));
        }
    }
    Ok((document, twice))
}

/// How long the pointers to all values of a description may be together. Each stage keeps some of them.
const POINTERS: usize = 400_000_000;

/// Refuses a description whose places can't be named within bounds: long names around many values. The result is whether an
/// object has a key twice.
fn room_for_places(document: &Value) -> Result<bool> {
    let mut left = POINTERS;
    match name_places(document, 0, &mut left) {
        Some(is_any_twice) => Ok(is_any_twice),
        None => Err(Error::at(
            Pointer::root(),
            "the description nests too deep in too many places, or its names are too long: what it is made of can't be named",
        )),
    }
}

fn name_places(value: &Value, length: usize, left: &mut usize) -> Option<bool> {
    *left = left.checked_sub(length)?;
    let mut is_any_twice = false;
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                is_any_twice |= key == TWICE;
                is_any_twice |= name_places(child, length + key.len() + 1, left)?;
            }
        }
        Value::Array(items) => {
            for child in items {
                is_any_twice |= name_places(child, length + 6, left)?;
            }
        }
        _ => {}
    }
    Some(is_any_twice)
}

/// Whether a version is of a minor version: `3.1.1` is of `3.1`, and so is `3.1`.
fn is_of(version: &str, minor: &str) -> bool {
    let rest = version.strip_prefix(minor);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

pub(crate) fn read_text(text: &str) -> Result<Value> {
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text).or_else(|error| {
            let refusal = not_text("JSON", &error);
            // YAML may begin so as well; what only ends too early is no more of it.
            if error.is_syntax() {
                read_yaml(text).map_err(|_| refusal)
            } else {
                Err(refusal)
            }
        });
    }
    read_yaml(text).map_err(|error| not_text("YAML", &error))
}

fn read_yaml(text: &str) -> std::result::Result<Value, serde_saphyr::Error> {
    let mut document = yaml::read(text)?;
    written::keep(&mut document, text);
    Ok(document)
}

fn not_text(format: &str, error: &dyn std::fmt::Display) -> Error {
    Error::at(
        Pointer::root(),
        format!("the description is not {format}: {error}"),
    )
}

/// YAML reads `openapi: 3.1` and `version: 1.0` as numbers, where texts are meant.
fn say_versions(document: &mut Value) {
    for place in ["/openapi", "/info/version", "/info/title"] {
        if let Some(found) = document.pointer_mut(place)
            && found.is_number()
        {
            *found = Value::String(found.to_string());
        }
    }
}

/// `paths:` with nothing behind it has no paths; other keys with nothing behind them are not there. What a client can do
/// without need not be said, whatever the version: who the description is of, and its paths where it has anything else.
fn fill_what_is_empty(document: &mut Value) {
    let Some(map) = document.as_object_mut() else {
        return;
    };
    let says_more = ["paths", "components", "webhooks"]
        .iter()
        .any(|key| map.contains_key(key));
    map.retain(|_, value| !value.is_null());
    for key in ["components", "info"] {
        if let Some(Value::Object(map)) = map.get_mut(key) {
            map.retain(|_, value| !value.is_null());
        }
    }
    if !says_more {
        return;
    }
    let empty = || Value::Object(Map::new());
    map.entry("paths").or_insert_with(empty);
    if let Value::Object(info) = map.entry("info").or_insert_with(empty) {
        for (key, word) in [("title", "API"), ("version", "0")] {
            info.entry(key).or_insert_with(|| word.into());
        }
    }
}

const VERSIONS: &[&str] = &["3.0", "3.1", "3.2"];

fn check_version(document: &Value) -> Result<()> {
    let version = document.get("openapi").and_then(Value::as_str);
    match version {
        Some(text) if VERSIONS.iter().any(|minor| is_of(text, minor)) => Ok(()),
        Some(text) => Err(Error::at(
            Pointer::root().child("openapi"),
            format!("OpenAPI {text} is not supported; 3.0, 3.1 and 3.2 are"),
        )),
        None if document.get("swagger").is_some() => Err(Error::at(
            Pointer::root().child("swagger"),
            "Swagger 2.0 is not supported; convert the description to OpenAPI 3.0 or 3.1",
        )),
        None => Err(Error::at(
            Pointer::root().child("openapi"),
            "`openapi` must name the version, such as \"3.1.0\"",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn json_and_yaml_give_the_same_document() {
        let json = r#"{"openapi": "3.0.3", "info": {"title": "t"}, "paths": {"/a": {}}}"#;
        let yaml = "openapi: 3.0.3\ninfo:\n  title: t\npaths:\n  /a: {}\n";
        assert_eq!(parse(json).unwrap(), parse(yaml).unwrap());
    }

    #[test]
    fn yamls_words_stay_words() {
        let yaml = "openapi: 3.1.0\ninfo: {x: [SE, NO, yes, y, on, true]}\ncomponents: {}\n";
        let document = parse(yaml).unwrap();
        let expected = crate::json::json!(["SE", "NO", "yes", "y", "on", true]);
        assert_eq!(document["info"]["x"], expected);
        assert_eq!(document["paths"], crate::json::json!({}));
    }

    #[test]
    fn versions_may_be_written_as_numbers() {
        let yaml = "openapi: 3.1\ninfo: {title: 404, version: 1.0}\npaths: {}\n";
        let document = parse(yaml).unwrap();
        assert_eq!(document["openapi"], "3.1");
        assert_eq!(document["info"]["version"], "1.0");
        assert_eq!(document["info"]["title"], "404");
    }

    #[test]
    fn what_a_client_can_do_without_need_not_be_said() {
        let document = parse("openapi: 3.0.3\ncomponents: {schemas: {}}\n").unwrap();
        assert_eq!(document["info"]["title"], "API");
        assert_eq!(document["info"]["version"], "0");
        assert_eq!(document["paths"], crate::json::json!({}));
        let document = parse("openapi: 3.1.0\ninfo: {title: Pets, version:}\npaths:\n").unwrap();
        assert_eq!(document["info"]["title"], "Pets");
        assert_eq!(document["info"]["version"], "0");
        assert!(parse("openapi: 3.1.0\ninfo: Pets\npaths: {}\n").is_err());
    }

    #[test]
    fn what_is_no_description_is_refused_with_its_place() {
        let message = |text: &str| parse(text).unwrap_err().to_string();
        assert!(message("{\"openapi\": \"3.1.0\", ").starts_with("/: the description is not JSON"));
        assert!(parse("{openapi: 3.1.0, info: {title: t, version: 1}, paths: {}}").is_ok());
        assert!(message("a: [1").starts_with("/: the description is not YAML"));
        assert_eq!(
            message(r#"{"openapi": "3.3.0"}"#),
            "/openapi: OpenAPI 3.3.0 is not supported; 3.0, 3.1 and 3.2 are"
        );
        assert!(message(r#"{"swagger": "2.0"}"#).starts_with("/swagger: Swagger 2.0"));
        assert!(message("just words").starts_with("/: the description must be an object"));
        assert!(message("").starts_with("/: the description"));
        assert!(message(r#"{"openapi": "3.1.0", "info": {}}"#).starts_with("/paths: `paths`"));
    }
}
