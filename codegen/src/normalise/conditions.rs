//! What an object may have under a condition (`then`, `else`, `dependentSchemas`) is a property that may be left out: without a
//! field it could neither be sent nor be read. When it must be there, and with which values, the server checks.

use std::collections::BTreeMap;

use super::Document;
use super::kinds::may_be_object;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::notes::note;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    each_schema(&mut document.root, &mut |_, schema| {
        if !may_be_object(schema) {
            return;
        }
        let mut found = Found::new();
        for branch in branches(schema) {
            collect(branch, &mut found);
        }
        let own = schema.get("properties").and_then(Value::as_object);
        found.retain(|name, _| own.is_none_or(|own| !own.contains_key(name)));
        if found.is_empty() {
            return;
        }
        let own = schema.entry("properties").or_insert_with(|| json!({}));
        if let Value::Object(own) = own {
            own.extend(found.into_iter().map(|(name, said)| (name, one_of(said))));
        }
    });
    Ok(())
}

/// What is said of each property, each once.
type Found = BTreeMap<String, Vec<Value>>;

/// What is said of a value that meets a condition, or does not.
fn branches(schema: &Map) -> impl Iterator<Item = &Map> {
    let of_if = ["then", "else"]
        .into_iter()
        .filter(|_| schema.contains_key("if"));
    let of_if = of_if.filter_map(|key| schema.get(key));
    let by_name = ["dependentSchemas", "dependencies"].into_iter();
    let by_name = by_name.filter_map(|key| schema.get(key)?.as_object());
    let all = of_if.chain(by_name.flat_map(Map::values));
    all.filter_map(Value::as_object)
}

/// The properties that a branch names, itself or under conditions of its own.
fn collect(branch: &Map, found: &mut Found) {
    let own = branch.get("properties").and_then(Value::as_object);
    for (name, property) in own.into_iter().flatten() {
        let Some(property) = property.as_object() else {
            continue;
        };
        let property = Value::Object(weaker(property));
        let said = found.entry(name.to_owned()).or_default();
        if !said.contains(&property) {
            said.push(property);
        }
    }
    for inner in branches(branch) {
        collect(inner, found);
    }
    let parts = branch.get("allOf").and_then(Value::as_array);
    for part in parts.into_iter().flatten().filter_map(Value::as_object) {
        collect(part, found);
    }
}

/// The schema without the only value that it has there: elsewhere it may have another one. Whatever else says something of
/// the property says more.
fn weaker(property: &Map) -> Map {
    let mut weaker = property.clone();
    let only = weaker.remove("const");
    let kind = only.as_ref().and_then(|only| match only {
        Value::String(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(_) => Some("number"),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    });
    if let Some(kind) = kind {
        weaker.entry("type").or_insert_with(|| kind.into());
    }
    note(&mut weaker, |note| note.conditional = true);
    weaker
}

/// Where branches say several things of a property, it is one of them.
fn one_of(mut said: Vec<Value>) -> Value {
    if said.len() == 1 {
        return said.remove(0);
    }
    let mut either = Map::from_iter([("anyOf".to_owned(), Value::Array(said))]);
    note(&mut either, |note| note.conditional = true);
    Value::Object(either)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_of_objects_is_taken() {
        let mut document = Document::new(json!({ "components": { "schemas": {
            "Text": { "type": "string", "if": {}, "then": { "properties": { "a": {} } } },
            "Alone": { "then": { "properties": { "a": {} } } },
            "Broken": { "if": true, "then": [1], "else": { "properties": 3 }, "dependentSchemas": 4 },
            "Lists": { "dependencies": { "a": ["b"] }, "properties": { "a": {} } },
        } } }));
        let before = document.root.clone();
        run(&mut document, &Config::default()).unwrap();
        assert_eq!(document.root, before);
    }
}
