//! The checksum of a schema, which Prefect computes of Python's JSON text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The checksum of the fields of a schema, as the server computes it.
pub(super) fn checksum(fields: &Map<String, Value>) -> String {
    let mut fields = fields.clone();
    remove_nested(&mut fields, "secret_fields");
    drop_definitions_of_blocks(&mut fields);
    let mut text = String::from("[[");
    write_object(&mut text, &fields);
    text.push_str("], {}]");
    let mut checksum = String::from("sha256:");
    for byte in Sha256::digest(text) {
        let _ = write!(checksum, "{byte:02x}");
    }
    checksum
}

/// Removes a key from an object and the objects in it, but not from those in its lists, as Prefect's classes do.
pub(super) fn remove_nested(object: &mut Map<String, Value>, key: &str) {
    object.remove(key);
    for inner in object.values_mut().filter_map(Value::as_object_mut) {
        remove_nested(inner, key);
    }
}

/// Nested blocks have checksums of their own; what else is referred to counts.
fn drop_definitions_of_blocks(fields: &mut Map<String, Value>) {
    let mut referred = BTreeSet::new();
    let all = Value::Object(std::mem::take(fields));
    find_references(&all, &mut referred);
    if let Value::Object(all) = all {
        *fields = all;
    }
    let Some(Value::Object(definitions)) = fields.get_mut("definitions") else {
        return;
    };
    let counts = |name: &String, definition: &Value| {
        referred.contains(name) && definition.get("block_type_slug").is_none_or(Value::is_null)
    };
    let kept: Map<String, Value> = std::mem::take(definitions)
        .into_iter()
        .filter(|(name, definition)| counts(name, definition))
        .collect();
    if kept.is_empty() {
        fields.remove("definitions");
    } else {
        *definitions = kept;
    }
}

/// The definitions that are referred to from somewhere.
pub(super) fn find_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                found.insert(reference.replace("#/definitions/", ""));
            }
            for value in object.values() {
                find_references(value, found);
            }
        }
        Value::Array(values) => {
            for value in values {
                find_references(value, found);
            }
        }
        _ => {}
    }
}

/// As `json.dumps(…, sort_keys=True)` does.
fn write_json(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => write_float(text, float),
            _ => {
                let _ = write!(text, "{number}");
            }
        },
        Value::String(string) => write_string(text, string),
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_json(text, value);
            }
            text.push(']');
        }
        Value::Object(object) => write_object(text, object),
    }
}

fn write_object(text: &mut String, object: &Map<String, Value>) {
    let mut entries: Vec<_> = object.iter().collect();
    // The order of bytes in UTF-8 is that of code points.
    entries.sort_by(|one, other| one.0.cmp(other.0));
    text.push('{');
    for (index, (key, value)) in entries.into_iter().enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        write_string(text, key);
        text.push_str(": ");
        write_json(text, value);
    }
    text.push('}');
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(letter),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}

/// As Python's `repr`: the shortest digits that mean the number, with an exponent below 1e-4 and from 1e16.
fn write_float(text: &mut String, float: f64) {
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..16).contains(&exponent) {
        let plain = format!("{float}");
        text.push_str(&plain);
        if !plain.contains('.') {
            text.push_str(".0");
        }
        return;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(text, "{digits}e{sign}{:02}", exponent.abs());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(fields: &Value) -> String {
        checksum(fields.as_object().unwrap())
    }

    #[test]
    fn the_examples_have_the_checksums_that_the_server_gave_them() {
        let simple = json!({
            "title": "Simple", "type": "object", "required": ["message"],
            "properties": {
                "message": {"title": "Message", "type": "string", "position": 0},
                "count": {"default": 1, "title": "Count", "type": "integer", "position": 1},
            },
            "block_type_slug": "h5-simple", "secret_fields": [], "block_schema_references": {},
        });
        assert_eq!(
            of(&simple),
            "sha256:9fc96f90ae3ebbef9f580be6c64ba16cf41d08829bde067ee5d9e7ec275ed25e"
        );
        let inner = json!({
            "title": "Inner", "type": "object", "required": ["token"], "description": "An inner block.",
            "properties": {
                "token": {"title": "Token", "type": "string", "format": "password", "writeOnly": true, "position": 0},
                "n": {"default": 3, "title": "N", "type": "integer", "position": 1},
            },
            "block_type_slug": "h5-inner", "secret_fields": ["token"], "block_schema_references": {},
        });
        assert_eq!(
            of(&inner),
            "sha256:7cade803518df689d4341884f7a29b4690bddd2ea3b7845b4992a031c380adc8"
        );
    }

    #[test]
    fn numbers_are_written_as_python_writes_them() {
        let written = |value: Value| {
            let mut text = String::new();
            write_json(&mut text, &value);
            text
        };
        let floats = [
            (0.5, "0.5"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (5e-324, "5e-324"),
        ];
        for (float, text) in floats {
            assert_eq!(written(json!(float)), text);
        }
        assert_eq!(written(json!(u64::MAX)), "18446744073709551615");
        assert_eq!(written(json!(i64::MIN)), "-9223372036854775808");
        assert_eq!(
            written(json!("ä\u{1F600}\u{7f}/<\u{1}\"")),
            r#""\u00e4\ud83d\ude00\u007f/<\u0001\"""#
        );
        assert_eq!(
            written(json!({"b": [1, null], "a": true})),
            r#"{"a": true, "b": [1, null]}"#
        );
    }
}
