//! A base with a discriminator, whose children take it over through `allOf`, becomes a union of the children.
//!
//! `Shape` becomes `oneOf: [Circle, Box]`, and what `Shape` itself had is `ShapeBase`, which the children take over.

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::references::{component, reference_to};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::json::{Map, Value, json};
use crate::notes::{self, KEY};
use crate::pointer::Pointer;

/// Why a tag of a mapping is lost.
pub(super) const NO_BRANCH: &str = "what it is mapped to is none of the branches; a value with this tag is of a kind that is not known";

/// The branches of all unions that come of it. A chain of bases has as many as half the square of its length.
const BRANCHES: usize = 50_000;

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let Some(Value::Object(schemas)) = document.root.pointer_mut("/components/schemas") else {
        return Ok(());
    };
    let children = children(schemas);
    let bases: BTreeMap<String, String> = children
        .keys()
        .filter(|name| is_base(&schemas[name.as_str()]))
        .map(|name| (name.clone(), free(&format!("{name}Base"), schemas)))
        .collect();
    for schema in schemas.values_mut() {
        take_over(schema, &bases);
    }
    let given = &document.given_names;
    let (mut count, mut unknown) = (0, Vec::new());
    for (name, base) in &bases {
        if count > BRANCHES {
            let rule = format!("the bases have more than {BRANCHES} descendants in all");
            return Err(Error::at(Pointer::schema(name), rule));
        }
        let Some(Value::Object(mut own)) = schemas.get_mut(name).map(Value::take) else {
            continue;
        };
        let discriminator = own.remove("discriminator").unwrap_or_default();
        let itself = may_be_itself(name, &own, &discriminator);
        let branches = branches(name, &children, &bases, itself);
        count += branches.len();
        let place = notes::source(&own).child("discriminator").child("mapping");
        let known = |name: &str| branches.iter().any(|(known, _)| known == name);
        for (tag, target) in discriminator["mapping"].entries() {
            if !mapped(target).is_some_and(known) {
                unknown.push(place.child(tag));
            }
        }
        schemas.insert(name.clone(), union(&branches, &discriminator, &own, given));
        schemas.insert(base.clone(), Value::Object(own));
    }
    for place in unknown {
        document.lose(place, "a tag", NO_BRANCH);
    }
    Ok(())
}

/// The components that others take over, with those that do so directly.
fn children(schemas: &Map) -> BTreeMap<String, BTreeSet<String>> {
    let mut children: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, schema) in schemas {
        for part in schema["allOf"].items() {
            let target = part["$ref"].as_str().and_then(component);
            if let Some(target) = target.filter(|target| schemas.contains_key(target)) {
                children.entry(target).or_default().insert(name.to_owned());
            }
        }
    }
    children
}

fn is_base(schema: &Value) -> bool {
    let is_union = ["oneOf", "anyOf"].iter().any(|key| schema[*key].is_array());
    schema["discriminator"].is_object() && !is_union
}

fn free(name: &str, schemas: &Map) -> String {
    let mut free = name.to_owned();
    while schemas.contains_key(&free) {
        free.push('_');
    }
    free
}

/// The parts of an `allOf` mean the base itself; every other reference means any of its children.
fn take_over(schema: &mut Value, bases: &BTreeMap<String, String>) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten() {
        let target = part["$ref"].as_str().and_then(component);
        if let Some(base) = target.and_then(|target| bases.get(&target)) {
            part["$ref"] = json!(reference_to(base));
        }
    }
}

/// Whether a value may be the base and none of its children: where the mapping names it, or nothing says what tags there
/// are, as its own name is one then.
fn may_be_itself(name: &str, own: &Map, discriminator: &Value) -> bool {
    if let Some(mapping) = discriminator["mapping"].as_object() {
        return mapping.values().any(|target| mapped(target) == Some(name));
    }
    let tag = discriminator["propertyName"].as_str().unwrap_or_default();
    let tag = own.get("properties").and_then(|all| all.get(tag));
    tag.is_some_and(|tag| tag["type"] == "string" && !tag["enum"].is_array())
}

/// Every descendant, each as its own fields, and the base where it may be none of them.
fn branches(
    name: &str,
    children: &BTreeMap<String, BTreeSet<String>>,
    bases: &BTreeMap<String, String>,
    itself: bool,
) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut seen = BTreeSet::from([name.to_owned()]);
    if itself {
        found.push((name.to_owned(), bases[name].clone()));
    }
    let mut open: Vec<&String> = children[name].iter().rev().collect();
    while let Some(child) = open.pop() {
        if !seen.insert(child.clone()) {
            continue;
        }
        let own = bases.get(child).unwrap_or(child);
        found.push((child.clone(), own.clone()));
        open.extend(children.get(child).into_iter().flatten().rev());
    }
    found
}

/// The component that an entry of a mapping means: by its reference, or by its name. A file that was put together with the others
/// is the component of that name.
pub(super) fn mapped(target: &Value) -> Option<&str> {
    let target = target.as_str()?;
    match target.rsplit_once('/') {
        Some((folder, file)) if !folder.contains('#') => {
            let ends = [".json", ".yaml", ".yml"].into_iter();
            Some(ends.fold(file, |file, end| file.strip_suffix(end).unwrap_or(file)))
        }
        Some((_, name)) => Some(name),
        None => Some(target),
    }
}

/// The union takes the place of the base. A branch that is called otherwise than the component has the tag of that.
fn union(
    branches: &[(String, String)],
    discriminator: &Value,
    own: &Map,
    given: &BTreeMap<String, String>,
) -> Value {
    let by_name: BTreeMap<&str, &String> = branches
        .iter()
        .map(|(name, branch)| (name.as_str(), branch))
        .collect();
    let mut mapping = Map::new();
    let mut named = BTreeSet::new();
    for (tag, target) in discriminator["mapping"].entries() {
        if let Some(branch) = mapped(target).and_then(|name| by_name.get(name)) {
            mapping.insert(tag.to_owned(), json!(*branch));
            named.insert(*branch);
        }
    }
    for (name, branch) in branches {
        let tag = given.get(name).unwrap_or(name);
        if tag != branch && !named.contains(branch) {
            mapping.insert(tag.clone(), json!(branch));
        }
    }
    let fallback = mapped(&discriminator["defaultMapping"]);
    let fallback = fallback.and_then(|name| by_name.get(name));
    let branches = branches
        .iter()
        .map(|(_, branch)| json!({ "$ref": reference_to(branch) }));
    let mut told_by = json!({ "propertyName": &discriminator["propertyName"], "mapping": mapping });
    if let Some(fallback) = fallback {
        told_by["defaultMapping"] = json!(*fallback);
    }
    let mut union = Map::from_iter([
        ("oneOf".to_owned(), branches.collect()),
        ("discriminator".to_owned(), told_by),
    ]);
    union.extend(own.get(KEY).map(|note| (KEY.to_owned(), note.clone())));
    Value::Object(union)
}
