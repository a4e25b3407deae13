//! Brings unions into one form, `oneOf`, and notes how the branches are told apart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Document;
use super::families::mapped;
use crate::config::Config;
use crate::error::Result;
use crate::notes::{KEY, Union, note, read};
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let schemas = document
        .root
        .pointer("/components/schemas")
        .cloned()
        .unwrap_or_default();
    let mut lost = Vec::new();
    each_schema(&mut document.root, &mut |_, schema| {
        let discriminator = schema.remove("discriminator");
        let any_of = schema.remove("anyOf");
        let one_of = schema.remove("oneOf");
        let place = read(schema).source;
        if discriminator.is_some() && one_of.is_none() && any_of.is_none() {
            lost.push((
                place.child("discriminator"),
                "the discriminator",
                "nothing takes the schema over through `allOf`, so there is nothing to tell apart",
            ));
        }
        if one_of.is_some() && any_of.is_some() {
            lost.push((
                place.child("anyOf"),
                "`anyOf`",
                "it stands beside a `oneOf`, which is read",
            ));
        }
        let Some(Value::Array(mut branches)) = one_of.or(any_of) else {
            return;
        };
        let own = ["properties", "allOf", "$ref", "additionalProperties"];
        if own.iter().any(|key| schema.contains_key(*key)) {
            lost.push((
                place,
                "a union",
                "it stands beside what all branches share, which is read",
            ));
            allow_more(schema);
            return;
        }
        if branches.iter().any(is_anything) {
            lost.push((
                place,
                "the other branches of a union",
                "one branch allows anything",
            ));
            schema.retain(|key, _| key == KEY);
            return;
        }
        dedup(&mut branches);
        if branches
            .iter()
            .all(|branch| branch.get("type") == Some(&json!("string")))
        {
            schema.insert("type".to_owned(), json!("string"));
            let known = known_texts(&branches);
            if !known.is_empty() {
                schema.insert("enum".to_owned(), Value::Array(known));
            }
            return;
        }
        schema.remove("type");
        let union = tags(&branches, discriminator.as_ref(), &schemas);
        if discriminator.is_some() && union.tag.is_none() {
            lost.push((
                place.child("discriminator"),
                "the discriminator",
                "its property does not tell the branches apart; they are told apart by form",
            ));
        }
        note(schema, |note| note.union = Some(union));
        schema.insert("oneOf".to_owned(), Value::Array(branches));
    });
    for (pointer, what, why) in lost {
        document.lose(pointer, what, why);
    }
    Ok(())
}

fn is_anything(branch: &Value) -> bool {
    branch
        .as_object()
        .is_some_and(|map| map.keys().all(|key| key == KEY))
}

/// An enum is open, so it stands for texts that are named and texts that are not.
fn known_texts(branches: &[Value]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let enums = branches
        .iter()
        .filter_map(|branch| branch.get("enum")?.as_array());
    let texts = enums
        .flatten()
        .filter(|value| seen.insert(value.to_string()));
    texts.cloned().collect()
}

/// What a branch would have added is kept among the additional properties.
fn allow_more(schema: &mut Map<String, Value>) {
    if schema.contains_key("properties") {
        schema.insert("type".to_owned(), json!("object"));
        schema
            .entry("additionalProperties")
            .or_insert_with(|| json!({}));
    }
}

/// Two branches that differ only in their limits are one Rust type.
fn dedup(branches: &mut Vec<Value>) {
    let mut seen = BTreeSet::new();
    branches.retain(|branch| {
        let mut bare = branch.clone();
        bare_of_notes(&mut bare);
        seen.insert(bare.to_string())
    });
}

/// The schema without notes: what two schemas are compared by.
pub(super) fn bare_of_notes(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.remove(KEY);
            map.values_mut().for_each(bare_of_notes);
        }
        Value::Array(items) => items.iter_mut().for_each(bare_of_notes),
        _ => {}
    }
}

/// How the branches are told apart: by the discriminator's mapping, by constants of a property that all have, or by the
/// names of the branches.
fn tags(branches: &[Value], discriminator: Option<&Value>, schemas: &Value) -> Union {
    if branches.len() < 2 {
        return Union::default();
    }
    let named = discriminator.and_then(|value| value["propertyName"].as_str());
    if let Some(tag) = named {
        let mapping = discriminator.and_then(|value| value["mapping"].as_object());
        let texts = |branch: &Value| {
            let mut find = Find {
                tag,
                schemas,
                seen: BTreeSet::new(),
            };
            texts(find.at(branch, DEPTH)?)
        };
        let values = mapping
            .map(tags_of_names)
            .and_then(|tags| each(branches, |branch| mapped_to(branch, &tags)))
            .or_else(|| each(branches, texts))
            .or_else(|| {
                // The names are texts, which a number or a flag never is.
                let is_text = |branch: &&Value| {
                    let mut find = Find {
                        tag,
                        schemas,
                        seen: BTreeSet::new(),
                    };
                    let property = find.at(branch, DEPTH);
                    property.is_none_or(|property| !is_scalar(property))
                };
                let may_be = branches.iter().all(|branch| is_text(&branch));
                may_be.then(|| each(branches, |branch| Some(vec![name(branch)?.to_owned()])))?
            });
        if let Some(values) = values {
            return Union {
                tag: Some(tag.to_owned()),
                values,
            };
        }
    }
    let first = properties(&branches[0], schemas);
    for tag in first.into_iter().flat_map(|properties| properties.keys()) {
        let constants = each(branches, |branch| {
            let constant = constant(properties(branch, schemas)?.get(tag)?)?;
            Some(vec![constant])
        });
        if let Some(values) = constants {
            return Union {
                tag: Some(tag.clone()),
                values,
            };
        }
    }
    Union::default()
}

/// The tags of every branch, where each has some and no two share one.
fn each(
    branches: &[Value],
    tags: impl Fn(&Value) -> Option<Vec<String>>,
) -> Option<Vec<Vec<String>>> {
    let values: Option<Vec<Vec<String>>> = branches.iter().map(tags).collect();
    let values = values?;
    let mut seen = BTreeSet::new();
    let differ = values.iter().flatten().all(|value| seen.insert(value));
    let all_have = values.iter().all(|values| !values.is_empty());
    (differ && all_have).then_some(values)
}

/// The tags that a mapping gives to each component.
fn tags_of_names(mapping: &Map<String, Value>) -> BTreeMap<&str, Vec<String>> {
    let mut tags: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (tag, target) in mapping {
        if let Some(name) = mapped(target) {
            tags.entry(name).or_default().push(tag.clone());
        }
    }
    tags
}

/// The tags of a branch; what the mapping does not name has its own name as its tag.
fn mapped_to(branch: &Value, tags: &BTreeMap<&str, Vec<String>>) -> Option<Vec<String>> {
    let name = name(branch)?;
    let own = tags.get(name).cloned();
    Some(own.unwrap_or_else(|| vec![name.to_owned()]))
}

fn name(branch: &Value) -> Option<&str> {
    branch["$ref"]
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

fn properties<'s>(branch: &Value, schemas: &'s Value) -> Option<&'s Map<String, Value>> {
    schemas.get(name(branch)?)?.get("properties")?.as_object()
}

/// How many levels of `allOf` are looked through for a tag.
const DEPTH: usize = 8;

/// Looks for a property of a branch.
struct Find<'s> {
    tag: &'s str,
    schemas: &'s Value,
    /// The components that were looked at: one may come by many ways.
    seen: BTreeSet<&'s str>,
}

impl<'s> Find<'s> {
    /// The property, also where the schema takes it over; its own word comes first.
    fn at(&mut self, schema: &'s Value, depth: usize) -> Option<&'s Value> {
        if let Some(name) = name(schema) {
            if !self.seen.insert(name) {
                return None;
            }
            return self.at(self.schemas.get(name)?, depth.checked_sub(1)?);
        }
        let own = schema.get("properties").and_then(|own| own.get(self.tag));
        own.or_else(|| {
            let mut parts = schema["allOf"].as_array().into_iter().flatten().rev();
            parts.find_map(|part| self.at(part, depth.checked_sub(1)?))
        })
    }
}

fn is_scalar(property: &Value) -> bool {
    let kind = property["type"].as_str();
    kind.is_some_and(|kind| ["integer", "number", "boolean"].contains(&kind))
}

/// The texts that a property can be; numbers and flags as JSON writes them.
fn texts(property: &Value) -> Option<Vec<String>> {
    if let Some(constant) = constant(property) {
        return Some(vec![constant]);
    }
    let known = read(property.as_object()?).known;
    let texts = match property["enum"].as_array() {
        Some(texts) => texts,
        None if known.is_empty() => return None,
        None => &known,
    };
    texts.iter().map(text).collect()
}

fn constant(property: &Value) -> Option<String> {
    text(&read(property.as_object()?).constant?)
}

/// `1.0` is `1`, as it is when it is read.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => {
            let text = number.to_string();
            Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
        }
        _ => None,
    }
}
