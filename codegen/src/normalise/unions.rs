//! Brings unions into one form, `oneOf`, and notes how the branches are told apart.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Document;
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
    let mut known: Vec<Value> = Vec::new();
    for value in branches
        .iter()
        .filter_map(|branch| branch.get("enum")?.as_array())
        .flatten()
    {
        if !known.contains(value) {
            known.push(value.clone());
        }
    }
    known
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

fn tags(branches: &[Value], discriminator: Option<&Value>, schemas: &Value) -> Union {
    let members: Option<Vec<&Map<String, Value>>> = branches
        .iter()
        .map(|branch| properties(branch, schemas))
        .collect();
    let untagged = Union::default();
    let Some(members) = members.filter(|members| members.len() > 1) else {
        return untagged;
    };
    let named = discriminator
        .and_then(|value| value["propertyName"].as_str())
        .map(str::to_owned);
    let candidates: Vec<String> = named
        .into_iter()
        .chain(members[0].keys().cloned())
        .collect();
    for tag in candidates {
        let values: Option<Vec<String>> = members
            .iter()
            .map(|member| constant(member.get(&tag)?))
            .collect();
        let Some(values) = values else { continue };
        if values.iter().collect::<BTreeSet<_>>().len() == values.len() {
            return Union {
                tag: Some(tag),
                values,
            };
        }
    }
    untagged
}

fn properties<'s>(branch: &Value, schemas: &'s Value) -> Option<&'s Map<String, Value>> {
    let name = branch
        .get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")?;
    schemas.get(name)?.get("properties")?.as_object()
}

fn constant(property: &Value) -> Option<String> {
    let constant = read(property.as_object()?).constant?;
    constant.as_str().map(str::to_owned)
}
