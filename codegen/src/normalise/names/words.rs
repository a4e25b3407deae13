//! Which schemas have a name, and what those are called after that have none.

use std::collections::BTreeMap;

use crate::json::{Map, Value};
use crate::notes::{self, Union, read};

/// What branches without a name are called after: their title, the value that tells them apart, the field that only they
/// must have, or what they are.
pub(in crate::normalise) fn branch_words(branches: &[Value], union: Option<&Union>) -> Vec<String> {
    let mut askers: BTreeMap<&str, usize> = BTreeMap::new();
    for name in branches.iter().flat_map(required) {
        *askers.entry(name).or_default() += 1;
    }
    let words = branches.iter().enumerate().map(|(index, branch)| {
        let values = union.and_then(|union| union.values.get(index));
        let own = required(branch).find(|name| askers[name] == 1);
        branch_word(branch, values.map(Vec::as_slice), own)
    });
    words.collect()
}

fn required(branch: &Value) -> impl Iterator<Item = &str> {
    let required = branch["required"].items();
    required.filter_map(Value::as_str)
}

fn branch_word(branch: &Value, values: Option<&[String]>, own: Option<&str>) -> String {
    const LONGEST: usize = 40;
    let kind = || branch["type"].as_str().unwrap_or("part").to_owned();
    let says_more = ["properties", "oneOf", "anyOf"];
    if !says_more.iter().any(|key| branch.get(key).is_some()) {
        return kind();
    }
    let written = branch["title"].as_str().map(str::to_owned);
    let title = written.or_else(|| branch.as_object().and_then(|map| read(map).title));
    let value = match values {
        Some([only]) => Some(only.clone()),
        _ => None,
    };
    let words = [title, value, own.map(str::to_owned)];
    let fits = |word: &String| word.len() <= LONGEST && word.chars().any(char::is_alphanumeric);
    words.into_iter().flatten().find(fits).unwrap_or_else(kind)
}

/// Whether a schema could have a name, or could have parts that have one.
pub(super) fn says_more(schema: &Map) -> bool {
    const KEYS: &[&str] = &[
        "additionalProperties",
        "allOf",
        "anyOf",
        "enum",
        "items",
        "oneOf",
        "properties",
    ];
    schema.keys().any(|key| KEYS.contains(&key))
}

/// Objects with properties, enums and unions; constants stay where they are, as nobody has to name them.
pub(super) fn is_nameable(schema: &Value) -> bool {
    let constant = schema
        .as_object()
        .is_some_and(|map| notes::constant(map).is_some());
    let object = schema["properties"]
        .as_object()
        .is_some_and(|properties| !properties.is_empty());
    let narrows = ["properties", "required", "additionalProperties"];
    let merged = schema["allOf"].as_array().is_some_and(|parts| {
        parts.len() > 1 || narrows.iter().any(|key| schema.get(*key).is_some())
    });
    let enumeration = schema["enum"].is_array() && schema["type"] == "string";
    !constant && (object || merged || enumeration || schema["oneOf"].is_array())
}
