//! Merges `X-Input` and `X-Output` when they say the same, as `FastAPI` writes both even where they do not differ.
//!
//! They become one as well where the way in only takes more for the same value, such as a duration as a text beside one as a
//! number: what is answered can be sent. So the type keeps its name, and the other forms are a loss.

use super::Document;
use super::limits::is_limit;
use super::references::{component_name, reference_to};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value};
use crate::notes::{self, KEY};
use crate::pointer::Pointer;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let Some(schemas) = document
        .root
        .pointer("/components/schemas")
        .and_then(Value::as_object)
    else {
        return Ok(());
    };
    let mut bases: Vec<String> = schemas
        .keys()
        .filter_map(|name| name.strip_suffix("-Input"))
        .filter(|base| {
            schemas.contains_key(&format!("{base}-Output")) && !schemas.contains_key(base)
        })
        .map(str::to_owned)
        .collect();
    // A twin that refers to an unlike twin is unlike too, so shrink until nothing changes.
    let shared = loop {
        let shared: Vec<(String, Shared)> = bases
            .iter()
            .filter_map(|base| {
                let half = |side: &str| &schemas[&format!("{base}-{side}")];
                let shared = Shared::of(half("Input"), half("Output"), &bases)?;
                Some((base.clone(), shared))
            })
            .collect();
        if shared.len() == bases.len() {
            break shared;
        }
        bases = shared.into_iter().map(|(base, _)| base).collect();
    };
    let mut wider = Vec::new();
    if let Some(Value::Object(schemas)) = document.root.pointer_mut("/components/schemas") {
        for (base, shared) in shared {
            schemas.remove(&format!("{base}-Output"));
            schemas.remove(&format!("{base}-Input"));
            schemas.insert(base, shared.schema);
            wider.extend(shared.wider);
        }
    }
    merge_references(&mut document.root, &bases);
    for place in wider {
        document.lose(
            place,
            "more forms on the way in than on the way out",
            "both ways share one type, which has the forms of the answers: they can be sent as well",
        );
    }
    Ok(())
}

/// A schema for both ways.
struct Shared {
    schema: Value,
    /// Where the way in takes more.
    wider: Vec<Pointer>,
}

impl Shared {
    /// Nothing where the ways differ in more than how many forms the way in takes for a value. References to the halves of
    /// `bases` are alike.
    fn of(input: &Value, output: &Value, bases: &[String]) -> Option<Self> {
        let mut wider = Vec::new();
        let schema = share(input, output, bases, &mut wider)?;
        Some(Self { schema, wider })
    }
}

fn share(
    input: &Value,
    output: &Value,
    bases: &[String],
    wider: &mut Vec<Pointer>,
) -> Option<Value> {
    match (input, output) {
        (Value::Object(taken), Value::Object(given)) => {
            if let Some(narrow) = narrowed(taken, given, bases) {
                wider.push(notes::source(taken));
                return Some(Value::Object(narrow));
            }
            let mut schema = Map::new();
            for (key, child) in taken {
                let child = match given.get(key) {
                    _ if key == KEY => child.clone(),
                    other => share(child, other?, bases, wider)?,
                };
                schema.insert(key.to_owned(), child);
            }
            let has_all = given
                .keys()
                .all(|key| key == KEY || taken.contains_key(key));
            has_all.then_some(Value::Object(schema))
        }
        (Value::Array(taken), Value::Array(given)) if taken.len() == given.len() => {
            let both = taken.iter().zip(given);
            both.map(|(taken, given)| share(taken, given, bases, wider))
                .collect()
        }
        _ => (bare(input, bases) == bare(output, bases)).then(|| input.clone()),
    }
}

/// What the way out gives, with the limits of the way in, where that takes each of its forms and some plain ones besides.
fn narrowed(taken: &Map, given: &Map, bases: &[String]) -> Option<Map> {
    let (taken, of_given) = (forms(taken, bases), forms(given, bases));
    let is_plain = |form: &Form| {
        let kind = form.rules.get("type").and_then(Value::as_str);
        kind.is_some_and(|kind| ["string", "number", "integer", "boolean"].contains(&kind))
    };
    let is_given = |form: &Form| of_given.iter().any(|given| given.rules == form.rules);
    let (common, more): (Vec<Form>, Vec<Form>) = taken.into_iter().partition(is_given);
    let is_wider = !more.is_empty() && common.len() == of_given.len();
    if !is_wider || !more.iter().all(is_plain) {
        return None;
    }
    let mut narrow = given.clone();
    if let Ok([form]) = <[Form; 1]>::try_from(common) {
        narrow.extend(form.limits);
    }
    Some(narrow)
}

/// A form that a value may have.
struct Form {
    rules: Map,
    /// What is documented, and not checked.
    limits: Map,
}

/// The forms that a value may have, without what is said about them.
fn forms(schema: &Map, bases: &[String]) -> Vec<Form> {
    const SAID: &[&str] = &[
        "title",
        "description",
        "default",
        "example",
        "examples",
        KEY,
    ];
    let rules = schema.iter().filter(|(key, _)| !SAID.contains(key));
    let (limits, rules): (Vec<_>, Vec<_>) = rules.partition(|(key, _)| is_limit(key));
    if let [(key, Value::Array(branches))] = rules.as_slice()
        && ["anyOf", "oneOf"].contains(key)
    {
        let branches = branches.iter().filter_map(Value::as_object);
        return branches.flat_map(|branch| forms(branch, bases)).collect();
    }
    let rules = rules
        .into_iter()
        .map(|(key, rule)| (key.to_owned(), bare(rule, bases)));
    let limits = limits
        .into_iter()
        .map(|(key, limit)| (key.to_owned(), limit.clone()));
    vec![Form {
        rules: rules.collect(),
        limits: limits.collect(),
    }]
}

/// The schema as it is compared: references to the halves are alike, and the places where it stands do not matter.
fn bare(schema: &Value, bases: &[String]) -> Value {
    let mut schema = schema.clone();
    merge(&mut schema, bases);
    schema
}

fn merge(schema: &mut Value, bases: &[String]) {
    match schema {
        Value::Object(map) => {
            map.remove(KEY);
            map.values_mut().for_each(|child| merge(child, bases));
        }
        Value::Array(items) => items.iter_mut().for_each(|child| merge(child, bases)),
        Value::String(text) => merge_text(text, bases),
        _ => {}
    }
}

fn merge_references(value: &mut Value, bases: &[String]) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                match child {
                    Value::String(text) if key == "$ref" => merge_text(text, bases),
                    _ => merge_references(child, bases),
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|child| merge_references(child, bases)),
        _ => {}
    }
}

fn merge_text(text: &mut String, bases: &[String]) {
    let Some(name) = component_name(text) else {
        return;
    };
    if let Some(base) = halved(name).filter(|base| bases.iter().any(|other| other == base)) {
        *text = reference_to(base);
    }
}

/// The schema that one of this name is a half of.
pub(super) fn halved(name: &str) -> Option<&str> {
    name.strip_suffix("-Input")
        .or_else(|| name.strip_suffix("-Output"))
}
