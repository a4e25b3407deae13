//! Gives components whose names need an escape in a reference a plain one, such as `a_b` for `a/b`.
//!
//! Where a component's name is a discriminator's value, it stays so: the mapping says it then.

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::references::{COMPONENTS, reference_to};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Key, Map, Value, json};
use crate::naming::Numbers;
use crate::pointer::Pointer;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let Some(Value::Object(schemas)) = document.root.pointer_mut("/components/schemas") else {
        return Ok(());
    };
    let names = plain_names(schemas);
    if names.is_empty() {
        return Ok(());
    }
    let renamed = std::mem::take(schemas).into_iter().map(|(name, schema)| {
        let plain = names.get(name.as_ref()).cloned();
        (plain.map_or(name, Key::from), schema)
    });
    *schemas = renamed.collect();
    rename(&mut document.root, &names);
    let given = names.into_iter().map(|(given, plain)| (plain, given));
    document.given_names.extend(given);
    Ok(())
}

/// The plain name of each component that needs one.
fn plain_names(schemas: &Map) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut numbers = Numbers::default();
    for name in schemas.keys().filter(|name| needs_escape(name)) {
        let plain = name.replace(|c: char| !c.is_alphanumeric() && !".-_".contains(c), "_");
        let free = numbers.free(&plain, |name| {
            schemas.contains_key(name) || taken.contains(name)
        });
        taken.insert(free.clone());
        names.insert(name.to_owned(), free);
    }
    names
}

fn needs_escape(name: &str) -> bool {
    name.is_empty() || name.contains(['/', '~', '%', '"', '#'])
}

fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get_mut("$ref")
                && let Some(plain) = renamed(target, names)
            {
                *target = plain;
            }
            map_implicit_names(map, names);
            for child in map.values_mut() {
                rename(child, names);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|child| rename(child, names)),
        _ => {}
    }
}

/// The name that a reference to a component, or into one, has.
fn given_name(target: &str) -> Option<String> {
    let rest = target.strip_prefix(COMPONENTS)?;
    let escaped = rest.split('/').next().unwrap_or_default();
    Pointer::from(format!("/{escaped}").as_str()).keys().next()
}

/// The reference with the plain name, where it has another one.
fn renamed(target: &str, names: &BTreeMap<String, String>) -> Option<String> {
    let plain = names.get(&given_name(target)?)?;
    let rest = target.strip_prefix(COMPONENTS)?;
    Some(match rest.split_once('/') {
        Some((_, below)) => format!("{}/{below}", reference_to(plain)),
        None => reference_to(plain),
    })
}

/// What a discriminator's mapping says, or leaves to the names of the branches, is said with the plain names.
fn map_implicit_names(schema: &mut Map, names: &BTreeMap<String, String>) {
    let branches: Vec<String> = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|key| schema.get(key)?.as_array())
        .flatten()
        .filter_map(|branch| branch["$ref"].as_str())
        .map(str::to_owned)
        .collect();
    let Some(Value::Object(discriminator)) = schema.get_mut("discriminator") else {
        return;
    };
    let Some(Value::Object(mapping)) = discriminator
        .entry("mapping".to_owned())
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .map(|map| Value::Object(std::mem::take(map)))
    else {
        return;
    };
    let mut said = Map::new();
    let mut mapped = BTreeSet::new();
    for (tag, target) in mapping {
        let Some(text) = target.as_str() else {
            continue;
        };
        let bare = || {
            let plain = names.get(text)?;
            Some(reference_to(plain))
        };
        let target = renamed(text, names).or_else(bare);
        let target = target.unwrap_or_else(|| text.to_owned());
        mapped.insert(target.clone());
        said.insert(tag, json!(target));
    }
    for branch in &branches {
        let (Some(given), Some(target)) = (given_name(branch), renamed(branch, names)) else {
            continue;
        };
        if mapped.insert(target.clone()) {
            said.insert(given, json!(target));
        }
    }
    if said.is_empty() {
        discriminator.remove("mapping");
    } else {
        discriminator.insert("mapping".to_owned(), Value::Object(said));
    }
}
