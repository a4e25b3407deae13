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
use crate::pointer::Pointer;
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
    let mut unions = Unions {
        schemas: &schemas,
        families: union_tags::families(&schemas),
        nested: Cell::new(NESTED),
        lost: Vec::new(),
    };
    each_schema(&mut document.root, &mut |_, schema| unions.schema(schema));
    for (pointer, what, why) in unions.lost {
        document.lose(pointer, what, why);
    }
    Ok(())
}

struct Unions<'s> {
    schemas: &'s Value,
    families: union_tags::Families<'s>,
    /// The branches of branches that may still be looked at.
    nested: Cell<usize>,
    lost: Vec<(Pointer, String, &'static str)>,
}

impl Unions<'_> {
    fn lose(&mut self, place: Pointer, what: impl Into<String>, why: &'static str) {
        self.lost.push((place, what.into(), why));
    }

    fn schema(&mut self, schema: &mut Map) {
        let discriminator = schema.remove("discriminator");
        let any_of = schema.remove("anyOf");
        let one_of = schema.remove("oneOf");
        let place = notes::source(schema);
        if discriminator.is_some() && one_of.is_none() && any_of.is_none() {
            self.lose(
                place.child("discriminator"),
                "the discriminator",
                "nothing takes the schema over through `allOf`, so there is nothing to tell apart",
            );
        }
        if one_of.is_some() && any_of.is_some() {
            let why = "it stands beside a `oneOf`, which is read";
            self.lose(place.child("anyOf"), "`anyOf`", why);
        }
        let Some(Value::Array(branches)) = one_of.or(any_of) else {
            return;
        };
        if let Some((what, why)) = no_union(schema, &branches) {
            self.lose(place, what, why);
            return;
        }
        self.union(schema, branches, discriminator.as_ref(), &place);
    }

    fn union(
        &mut self,
        schema: &mut Map,
        mut branches: Vec<Value>,
        discriminator: Option<&Value>,
        place: &Pointer,
    ) {
        if let Some(words) = say_numbers(schema, &branches) {
            let why = "documented, and left to the server to check";
            self.lose(place.clone(), format!("limit: {words}"), why);
        }
        dedup(&mut branches);
        let is_text = |branch: &Value| branch.get("type") == Some(&json!("string"));
        if branches.iter().all(is_text) {
            schema.insert("type".to_owned(), json!("string"));
            let known = known_texts(&branches);
            if !known.is_empty() {
                schema.insert("enum".to_owned(), Value::Array(known));
            }
            return;
        }
        schema.remove("type");
        let told_by = place.child("discriminator");
        for tag in unknown_tags(discriminator, &branches) {
            self.lose(told_by.child("mapping").child(tag), "a tag", NO_BRANCH);
        }
        let union = union_tags::of(
            &branches,
            discriminator,
            self.schemas,
            &self.families,
            &self.nested,
        );
        if discriminator.is_some() && union.tag.is_none() {
            self.lose(
                told_by,
                "the discriminator",
                "its property does not tell the branches apart; they are told apart by form",
            );
        }
        note(schema, |note| note.union = Some(union));
        schema.insert("oneOf".to_owned(), Value::Array(branches));
    }
}

/// What is lost, and why, where a union has no type in which its branches are: what stands beside it says more, or less.
fn no_union(schema: &mut Map, branches: &[Value]) -> Option<(&'static str, &'static str)> {
    let own = ["properties", "allOf", "$ref", "additionalProperties"];
    if own.iter().any(|key| schema.contains_key(key)) {
        allow_more(schema);
        let why = "it stands beside what all branches share, which is read";
        return Some(("a union", why));
    }
    if !branches.iter().any(is_anything) {
        return None;
    }
    if schema.contains_key("type") {
        // The type stands beside the union, and its branches are limits.
        let why = "a branch has no type of its own: the server checks what they ask for";
        return Some(("a union", why));
    }
    schema.retain(|key, _| key == KEY);
    Some((
        "the other branches of a union",
        "one branch allows anything",
    ))
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
    branches.retain(|branch| seen.insert(notes::meaning(branch, &|_| None)));
}
