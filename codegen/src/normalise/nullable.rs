//! Says null the way 3.0 does: `anyOf [T, null]` and `type: [T, null]` become `T` with `nullable: true`.
//!
//! A component is never nullable itself: each reference to it is, so that the component's type stays plain.

use std::collections::BTreeSet;

use super::Document;
use super::kinds::{is_null, is_of};
use super::limits::is_limit_of;
use super::references::component;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::notes::{self, KEY, Note, note, read};
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut components = BTreeSet::new();
    each_schema(&mut document.root, &mut |place, schema| {
        split_type_list(schema);
        drop_null_from_enum(schema);
        for key in ["anyOf", "oneOf"] {
            take_null_branch(schema, key);
        }
        match place.component() {
            Some(name) if is_nullable(schema) => {
                components.insert(name.to_owned());
            }
            _ => mark(schema),
        }
    });
    while !components.is_empty() {
        components = hand_on(document, &components);
    }
    Ok(())
}

fn is_nullable(schema: &Map) -> bool {
    let old = schema.get("nullable") == Some(&json!(true));
    old || notes::is_nullable(schema)
}

/// Makes each reference to these components nullable, and the components plain. The result are the components that
/// are only such a reference.
fn hand_on(document: &mut Document, components: &BTreeSet<String>) -> BTreeSet<String> {
    let mut next = BTreeSet::new();
    each_schema(&mut document.root, &mut |place, schema| {
        let name = place.component();
        if name.is_some_and(|name| components.contains(name)) {
            schema.remove("nullable");
            note(schema, |note| note.nullable = false);
            return;
        }
        let target = schema.get("$ref").and_then(Value::as_str);
        if !target
            .and_then(component)
            .is_some_and(|target| components.contains(&target))
        {
            return;
        }
        // What all parts of an `allOf` are is said beside the `allOf`.
        if place.is_part() {
            return;
        }
        note(schema, |note| note.nullable = true);
        next.extend(name.map(str::to_owned));
    });
    // Marking wraps the reference, which must not be visited as another one.
    each_schema(&mut document.root, &mut |place, schema| {
        if place.component().is_none() && schema.contains_key("$ref") {
            mark(schema);
        }
    });
    next
}

/// `type: [A, B]` becomes `anyOf`, which the rest of this pass and the next ones know.
fn split_type_list(schema: &mut Map) {
    let kind = schema.get("type");
    if !kind.is_some_and(|kind| kind.is_array() || kind == "null") {
        return;
    }
    let kinds = match schema.remove("type") {
        Some(Value::Array(kinds)) => kinds,
        kind => Vec::from_iter(kind),
    };
    let has_null = kinds.contains(&json!("null"));
    let kinds: Vec<Value> = kinds.into_iter().filter(|kind| kind != "null").collect();
    if has_null {
        note(schema, |note| note.nullable = true);
    }
    if kinds.is_empty() {
        // It has one value only, where nothing else is said.
        let is_alone = !["anyOf", "oneOf", "allOf", "$ref"]
            .iter()
            .any(|key| schema.contains_key(key));
        if is_alone {
            note(schema, |note| note.constant = Some(Value::Null));
        }
        return;
    }
    if let [kind] = kinds.as_slice() {
        schema.insert("type".to_owned(), kind.clone());
        return;
    }
    let shared = schema.get(KEY).cloned();
    let branches = kinds.into_iter().map(|kind| of_kind(schema, kind));
    let branches: Vec<Value> = branches.collect();
    schema.clear();
    schema.extend(shared.map(|value| (KEY.to_owned(), value)));
    schema.insert("anyOf".to_owned(), Value::Array(branches));
}

/// What a schema of several kinds says of one of them.
fn of_kind(schema: &Map, kind: Value) -> Value {
    const OF_LISTS: &[&str] = &["items", "prefixItems"];
    const OF_OBJECTS: &[&str] = &["properties", "required", "additionalProperties"];
    const OF_TEXTS: &[&str] = &["contentEncoding", "contentMediaType"];
    let name = kind.as_str().unwrap_or_default();
    let of_numbers = schema.get("format").is_some_and(is_of_numbers);
    let is_said = |key: &str| match name {
        "object" => !OF_LISTS.contains(&key),
        "array" => !OF_OBJECTS.contains(&key),
        "string" if key == "format" => !of_numbers,
        "integer" | "number" if key == "format" => of_numbers,
        "string" => OF_TEXTS.contains(&key) || is_limit_of(key, "string"),
        _ => is_limit_of(key, name),
    };
    let mut branch = schema.clone();
    branch.retain(|key, _| key == "enum" || key != KEY && is_said(key));
    if let Some(Value::Array(mut values)) = branch.remove("enum") {
        values.retain(|value| is_of(value, name));
        if !values.is_empty() {
            branch.insert("enum", Value::Array(values));
        }
    }
    branch.insert("type", kind);
    Value::Object(branch)
}

fn is_of_numbers(format: &Value) -> bool {
    let format = format.as_str().unwrap_or_default();
    let digits = format
        .trim_start_matches('u')
        .strip_prefix("int")
        .unwrap_or("-");
    matches!(format, "double" | "float") || digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn drop_null_from_enum(schema: &mut Map) {
    let Some(Value::Array(values)) = schema.get_mut("enum") else {
        return;
    };
    let before = values.len();
    values.retain(|value| !value.is_null());
    let (left, had_null) = (values.len(), values.len() < before);
    if left == 0 {
        schema.remove("enum");
    }
    if had_null {
        note(schema, |note| note.nullable = true);
    }
}

fn take_null_branch(schema: &mut Map, key: &str) {
    let Some(Value::Array(branches)) = schema.get_mut(key) else {
        return;
    };
    let before = branches.len();
    branches.retain(|branch| !is_null(branch));
    let had_null = branches.len() < before;
    let only = if branches.len() == 1 {
        branches.pop()
    } else {
        None
    };
    if had_null {
        note(schema, |note| note.nullable = true);
    }
    if let Some(Value::Object(branch)) = only {
        schema.remove(key);
        absorb(schema, branch);
    }
}

/// The only branch left takes the place of the whole; what the whole says about itself stays.
fn absorb(schema: &mut Map, branch: Map) {
    let outer = read(schema);
    let inner = read(&branch);
    for (key, value) in branch {
        schema.entry(key).or_insert(value);
    }
    let merged = Note {
        source: outer.source,
        title: outer.title.or(inner.title),
        description: outer.description.or(inner.description),
        nullable: outer.nullable || inner.nullable,
        default: outer.default.or(inner.default),
        deprecated: outer.deprecated || inner.deprecated,
        ..inner
    };
    note(schema, |note| *note = merged);
    split_type_list(schema);
}

/// 3.0 allows `nullable` only beside `type`, and readers of 3.0 take it as an array anywhere else, so a reference is
/// wrapped.
fn mark(schema: &mut Map) {
    if schema.remove("nullable") == Some(Value::Bool(true)) {
        note(schema, |note| note.nullable = true);
    }
    if !notes::is_nullable(schema) {
        return;
    }
    // What may be null is not always the same, unless it is never anything else.
    note(schema, |note| {
        note.constant = note.constant.take().filter(Value::is_null);
    });
    let typed = ["type", "anyOf", "oneOf", "allOf"];
    if typed.iter().any(|key| schema.contains_key(key)) {
        schema.insert("nullable".to_owned(), json!(true));
    } else if let Some(target) = schema.remove("$ref") {
        schema.insert("allOf".to_owned(), json!([{ "$ref": target }]));
        schema.insert("nullable".to_owned(), json!(true));
    }
}
