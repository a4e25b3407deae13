//! What authors write otherwise than `OpenAPI` does, where it is plain what they mean.

use super::{Form, KEYWORDS, KINDS};
use crate::json::{Map, Value};

/// YAML reads `1.10`, `404` or `true` as what they look like, where a schema says that they are texts.
pub(super) fn say_text(value: &mut Value) {
    if value.is_number() || value.is_boolean() {
        *value = Value::String(value.to_string());
    }
}

/// A flag in quotes, or as YAML 1.1 has it.
pub(super) fn say_flag(value: &mut Value) {
    let Some(text) = value.as_str() else { return };
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => *value = Value::Bool(true),
        "false" | "no" | "off" | "n" => *value = Value::Bool(false),
        _ => {}
    }
}

/// A number in quotes.
fn say_number(value: &mut Value) {
    let number = value
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    if let Some(number @ Value::Number(_)) = number {
        *value = number;
    }
}

/// What programming languages and databases call JSON's types, and its format where the name says it.
fn say_kind(schema: &mut Map) {
    let Some(Value::String(kind)) = schema.get("type") else {
        return;
    };
    let lower = kind.to_ascii_lowercase();
    let (kind, format) = match lower.as_str() {
        "any" | "mixed" | "" => {
            schema.remove("type");
            return;
        }
        "bool" => ("boolean", None),
        "int" => ("integer", None),
        "int32" => ("integer", Some("int32")),
        "int64" | "long" => ("integer", Some("int64")),
        "decimal" | "numeric" => ("number", None),
        "double" => ("number", Some("double")),
        "float" => ("number", Some("float")),
        "str" | "text" => ("string", None),
        "date" => ("string", Some("date")),
        "date-time" | "datetime" => ("string", Some("date-time")),
        "uuid" | "guid" => ("string", Some("uuid")),
        "binary" | "file" => ("string", Some("binary")),
        "dict" | "map" => ("object", None),
        "list" => ("array", None),
        _ => return,
    };
    schema.insert("type".to_owned(), kind.into());
    if let Some(format) = format {
        schema.entry("format").or_insert_with(|| format.into());
    }
}

/// A single text where a list of them stands, and texts that YAML reads as something else.
pub(super) fn say_list(parent: &mut Value, key: &str) {
    match parent.get_mut(key) {
        Some(Value::Array(values)) => {
            values.retain(|value| !value.is_null());
            values.iter_mut().for_each(say_text);
        }
        Some(value @ Value::String(_)) => *value = Value::Array(vec![value.take()]),
        _ => {}
    }
}

/// The schema of a parameter that has it in the parameter itself, as Swagger 2.0 wrote it. Where nothing is said, it is text;
/// the result is whether that is so.
pub(super) fn say_schema(parameter: &mut Map) -> bool {
    const OTHERS: &[&str] = &["$ref", "content", "schema"];
    const OF_PARAMETER: &[&str] = &["deprecated", "description", "required"];
    if OTHERS
        .iter()
        .any(|key| parameter.get(key).is_some_and(|value| !value.is_null()))
    {
        return false;
    }
    let keys = KEYWORDS.iter().map(|(key, _)| *key).chain(["default"]);
    let keys = keys.filter(|key| !OF_PARAMETER.contains(key));
    let mut schema: Map = keys
        .filter_map(|key| Some((key.to_owned(), parameter.remove(key)?)))
        .collect();
    let is_said = !schema.is_empty();
    schema.entry("type").or_insert_with(|| "string".into());
    parameter.insert("schema".to_owned(), Value::Object(schema));
    !is_said
}

/// What some frameworks call the format of UUIDs.
fn say_uuid(schema: &mut Map) {
    if let Some(Value::String(format)) = schema.get_mut("format") {
        let version = format
            .get(..4)
            .filter(|start| start.eq_ignore_ascii_case("uuid"));
        let version = version.and_then(|_| format.get(4..));
        let is_uuid = version.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        if is_uuid || format.eq_ignore_ascii_case("guid") {
            "uuid".clone_into(format);
        }
    }
}

/// Brings a schema's keywords into the form that they have. The one that stands where it has no meaning is taken out, and
/// named.
pub(super) fn settle(schema: &mut Map) -> Option<&'static str> {
    say_uuid(schema);
    say_kind(schema);
    let is_text = schema.get("type").is_some_and(|kind| kind == "string");
    for (key, form) in KEYWORDS {
        if let Some(value) = schema.get_mut(key) {
            keyword(value, *form);
        }
    }
    if is_text {
        for key in ["enum", "const", "default"] {
            match schema.get_mut(key) {
                Some(Value::Array(values)) => values.iter_mut().for_each(say_text),
                Some(value) => say_text(value),
                None => {}
            }
        }
    }
    if schema
        .get("allOf")
        .is_some_and(|parts| parts.as_array().is_some_and(Vec::is_empty))
    {
        schema.remove("allOf");
    }
    // What JSON Schema said of tuples before 2020.
    if schema.get("items").is_some_and(Value::is_array)
        && let Some(items) = schema.remove("items")
    {
        schema.entry("prefixItems").or_insert(items);
        if let Some(rest) = schema.remove("additionalItems") {
            schema.insert("items".to_owned(), rest);
        }
    }
    // A tuple that may end earlier is a list, as is one with others behind it.
    let items = schema
        .get("prefixItems")
        .and_then(Value::as_array)
        .map(Vec::len);
    let least = schema.get("minItems").and_then(Value::as_u64);
    if let (Some(items), Some(least)) = (items, least)
        && usize::try_from(least).is_ok_and(|least| least < items)
    {
        schema.insert("items".to_owned(), Value::Object(Map::new()));
    }
    // Before draft 4, a property said itself that it must be there.
    let is_flag = schema.get("required").is_some_and(Value::is_boolean);
    is_flag.then(|| schema.remove("required").map(|_| "required"))?
}

fn keyword(value: &mut Value, form: Form) {
    match (form, &mut *value) {
        (Form::Text, value) => say_text(value),
        (Form::Texts, Value::Array(values)) => values.iter_mut().for_each(say_text),
        (Form::Flag | Form::NumberOrFlag | Form::SchemaOrFlag, value @ Value::String(_)) => {
            say_flag(value);
            if matches!(form, Form::NumberOrFlag) {
                say_number(value);
            }
        }
        (Form::Number, value @ Value::String(_)) => say_number(value),
        // YAML reads `[string, null]` so.
        (Form::Kinds, Value::Array(kinds)) => {
            for kind in kinds.iter_mut().filter(|kind| kind.is_null()) {
                *kind = Value::String("null".to_owned());
            }
        }
        (Form::Kinds, Value::String(kind)) => {
            let lower = kind.to_ascii_lowercase();
            if KINDS.contains(&lower.as_str()) {
                *kind = lower;
            }
        }
        _ => {}
    }
}
