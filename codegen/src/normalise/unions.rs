//! Brings unions into one form, `oneOf`, and notes how the branches are told apart.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::Document;
use super::families::{NO_BRANCH, mapped};
use super::references::{component_schemas, own_component};
use super::union_tags::{self, NESTED};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::notes::{self, KEY, note};
use crate::walk::{each_schema, some_schema};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let is_union = |schema: &Map| {
        let keys = ["anyOf", "discriminator", "oneOf"];
        keys.into_iter().any(|key| schema.contains_key(key))
    };
    if !some_schema(&mut document.root, is_union) {
        return Ok(());
    }
    let schemas = component_schemas(&document.root);
    let (mut lost, mut limits) = (Vec::new(), Vec::new());
    let nested = Cell::new(NESTED);
    each_schema(&mut document.root, &mut |_, schema| {
        let discriminator = schema.remove("discriminator");
        let any_of = schema.remove("anyOf");
        let one_of = schema.remove("oneOf");
        let place = notes::source(schema);
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
        if own.iter().any(|key| schema.contains_key(key)) {
            lost.push((
                place,
                "a union",
                "it stands beside what all branches share, which is read",
            ));
            allow_more(schema);
            return;
        }
        if branches.iter().any(is_anything) {
            if schema.contains_key("type") {
                // The type stands beside the union, and its branches are limits.
                let why = "a branch has no type of its own: the server checks what they ask for";
                lost.push((place, "a union", why));
                return;
            }
            lost.push((
                place,
                "the other branches of a union",
                "one branch allows anything",
            ));
            schema.retain(|key, _| key == KEY);
            return;
        }
        if let Some(words) = say_numbers(schema, &branches) {
            limits.push((place.clone(), format!("limit: {words}")));
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
        for tag in unknown_tags(discriminator.as_ref(), &branches) {
            lost.push((
                place.child("discriminator").child("mapping").child(tag),
                "a tag",
                NO_BRANCH,
            ));
        }
        let union = union_tags::of(&branches, discriminator.as_ref(), &schemas, &nested);
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
    for (pointer, what) in limits {
        document.lose(pointer, what, "documented, and left to the server to check");
    }
    Ok(())
}

/// Says in words which numbers there are, where each branch is one: they are one type in Rust.
fn say_numbers(schema: &mut Map, branches: &[Value]) -> Option<String> {
    let values = numbers(branches)?;
    let words: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    let words = format!("one of {}", words.join(", "));
    note(schema, |note| {
        note.known = values;
        note.limits.push(words.clone());
    });
    Some(words)
}

/// The values of branches that are a number each.
fn numbers(branches: &[Value]) -> Option<Vec<Value>> {
    let constant = |branch: &Value| notes::constant(branch.as_object()?).cloned();
    let values = branches.iter().map(constant);
    let values = values.collect::<Option<Vec<Value>>>()?;
    let are_numbers = values.len() > 1 && values.iter().all(Value::is_number);
    are_numbers.then_some(values)
}

/// The tags of a mapping that lead to none of the branches.
fn unknown_tags<'d>(discriminator: Option<&'d Value>, branches: &[Value]) -> Vec<&'d str> {
    let names: BTreeSet<&str> = branches.iter().filter_map(own_component).collect();
    let mapping = discriminator.and_then(|value| value["mapping"].as_object());
    let mapping = mapping.into_iter().flatten();
    let unknown =
        mapping.filter(|(_, target)| mapped(target).is_none_or(|name| !names.contains(name)));
    unknown.map(|(tag, _)| tag).collect()
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
fn allow_more(schema: &mut Map) {
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
    remove_everywhere(schema, KEY);
}

/// The value without this key, in itself and in all that it holds.
pub(super) fn remove_everywhere(value: &mut Value, key: &str) {
    match value {
        Value::Object(map) => {
            map.remove(key);
            map.values_mut()
                .for_each(|child| remove_everywhere(child, key));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| remove_everywhere(item, key)),
        _ => {}
    }
}
