//! Brings the headers of answers into one form: what each is called, and the plain type that its text has.
//!
//! `X-Total: {$ref: "#/components/headers/Total"}` becomes `X-Total: {schema: {type: integer}}`. What no header's text can
//! say is read as text.

use super::Document;
use super::limits::widen;
use super::media_types::is_json;
use super::references::followed;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::pointer::Pointer;
use crate::walk::{methods, single};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let root = &document.root;
    let mut plain = Vec::new();
    let mut lost = Vec::new();
    let mut collect = |place: &Pointer, responses: &Value| {
        for (status, response) in responses.entries() {
            let headers = plain_headers(root, &response["headers"]);
            let place_of = |name: &str| place.child(status).child("headers").child(name);
            for (name, header) in response["headers"].entries() {
                if let Some(why) = untyped(root, followed(root, header)) {
                    lost.push((place_of(name), why));
                }
            }
            if !headers.is_empty() {
                plain.push((place.child(status).child("headers"), headers));
            }
        }
    };
    let shared = Pointer::root().child("components").child("responses");
    collect(&shared, &root["components"]["responses"]);
    for (path, item) in root["paths"].entries() {
        let place = Pointer::root().child("paths").child(path);
        for method in methods(item) {
            let place = place.child(&method).child("responses");
            collect(&place, &item[&method]["responses"]);
        }
    }
    for (place, headers) in plain {
        if let Some(value) = document.root.pointer_mut(place.as_str()) {
            *value = Value::Object(headers);
        }
    }
    for (place, why) in lost {
        document.lose(place, "the type", why);
    }
    Ok(())
}

/// Why what the header has is the caller's to read: it is an object, written by a style, or JSON.
fn untyped(root: &Value, header: &Value) -> Option<&'static str> {
    if let Some((media_type, entry)) = header["content"].entries().next() {
        let is_described = entry["schema"]
            .as_object()
            .is_some_and(|schema| !schema.is_empty());
        return (is_described && is_json(media_type)).then_some("the header is read as any JSON");
    }
    let schema = followed(root, &header["schema"]);
    let is_of_fields = schema["type"] == "object" || schema.get("properties").is_some();
    is_of_fields.then_some("the header is read as text")
}

fn plain_headers(root: &Value, headers: &Value) -> Map {
    let headers = headers.entries().map(|(name, header)| {
        let header = followed(root, header);
        let mut plain = single("schema", schema(root, header));
        for key in ["description", "required", "deprecated"] {
            if let Some(value) = header.get(key) {
                plain[key] = value.clone();
            }
        }
        (name.to_owned(), plain)
    });
    headers.collect()
}

fn schema(root: &Value, header: &Value) -> Value {
    if let Some((media_type, _)) = header["content"].entries().next() {
        return if is_json(media_type) {
            json!({})
        } else {
            json!({ "type": "string" })
        };
    }
    let schema = plain(root, &header["schema"]);
    let items = plain(root, &followed(root, &header["schema"])["items"]);
    match schema["type"].as_str() {
        Some("array") if items["type"] != "array" => json!({ "type": "array", "items": items }),
        Some("array") => json!({ "type": "array", "items": { "type": "string" } }),
        _ => schema,
    }
}

/// How many parts of parts are followed.
const DEPTH: usize = 50;

/// What says how many bits a number has.
const BITS: &[&str] = &[
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maximum",
    "minimum",
];

/// A type and its format, where they are those of one plain value.
fn plain(root: &Value, schema: &Value) -> Value {
    const PLAIN: &[&str] = &["array", "boolean", "integer", "number", "string"];
    let mut schema = followed(root, schema);
    for _ in 0..DEPTH {
        let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) else {
            break;
        };
        schema = followed(root, only);
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect::<Vec<_>>(),
    };
    let kinds: Vec<&str> = kinds.into_iter().filter(|kind| *kind != "null").collect();
    match kinds.as_slice() {
        [kind] if PLAIN.contains(kind) => {
            let mut plain = Map::from_iter([("type", json!(*kind))]);
            let said = BITS.iter().filter_map(|key| Some((*key, schema.get(key)?)));
            plain.extend(said.map(|(key, value)| (key, value.clone())));
            widen(&mut plain);
            plain.retain(|key, value| key == "type" || key == "format" && value.is_string());
            Value::Object(plain)
        }
        _ => json!({ "type": "string" }),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::json::json;

    #[test]
    fn a_header_that_is_an_object_is_a_loss() {
        let header = |schema| json!({ "schema": schema });
        let headers = json!({
            "X-Object": header(json!({ "type": "object", "properties": { "a": {} } })),
            "X-List": header(json!({ "type": "array", "items": { "type": "integer" } })),
        });
        let answer = json!({ "description": "ok", "headers": headers });
        let root = json!({
            "openapi": "3.1.0",
            "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "responses": { "204": answer } } } },
        });
        let canonical = crate::normalise::normalise(root, &Config::default()).unwrap();
        let lost: Vec<&str> = { canonical.losses.iter() }
            .map(|loss| loss.pointer.as_str())
            .collect();
        assert_eq!(lost, ["/paths/~1a/get/responses/204/headers/X-Object"]);
    }
}
