//! A union among the parts of an `allOf` stands beside the other parts: each of its branches has them too.

use std::collections::BTreeSet;

use super::super::Document;
use super::super::kinds::is_null;
use super::super::origin::as_given;
use super::super::references::component;
use super::{DEPTH, Place, Split, reference};
use crate::json::{Map, Value, json};
use crate::naming::{Numbers, type_name};
use crate::normalise::names::branch_words;
use crate::pointer::Pointer;
use crate::walk::each_schema;

const UNIONS: &[&str] = &["oneOf", "anyOf"];

/// What is taken out of an `allOf`.
struct Union {
    key: &'static str,
    branches: Vec<Value>,
    discriminator: Option<Value>,
}

impl Split<'_> {
    /// Brings the union among the parts to the schema itself. Of several, that is one that a tag tells apart, or else the first;
    /// the result are the others, which are parts of each of its branches then.
    pub(super) fn take_from_parts(&self, place: &Place<'_>, schema: &mut Map) -> Vec<Value> {
        if schema.contains_key("$ref") {
            return Vec::new();
        }
        if UNIONS.iter().any(|key| schema.contains_key(key)) {
            return self.take_second(schema);
        }
        let Some(parts) = schema.get("allOf").and_then(Value::as_array) else {
            return Vec::new();
        };
        let found = parts.iter().enumerate().filter_map(|(index, part)| {
            let union = self.union(part, place.component(), DEPTH)?;
            Some((index, union))
        });
        let mut found: Vec<(usize, Union)> = found.collect();
        let pairs = found.iter().map(|(_, union)| union.branches.len());
        if found.len() > 1 && pairs.fold(1, usize::saturating_mul) > TOGETHER {
            return Vec::new();
        }
        let told = found
            .iter()
            .position(|(_, union)| union.discriminator.is_some());
        let first = told.unwrap_or(0);
        if first >= found.len() {
            return Vec::new();
        }
        let (index, union) = found.remove(first);
        let mut rest = parts.clone();
        let also: Vec<Value> = found.iter().map(|(index, _)| rest[*index].take()).collect();
        rest[index] = Value::Null;
        rest.retain(|part| !part.is_null());
        let says_more = schema.contains_key("properties") || rest.iter().any(is_said);
        let required = schema.get("required").filter(|required| {
            let names = required.as_array();
            names.is_some_and(|names| !names.is_empty())
        });
        if !says_more && required.is_none() && also.is_empty() {
            return also;
        }
        let Some(left) = self.room.get().checked_sub(union.branches.len()) else {
            return Vec::new();
        };
        self.room.set(left);
        if let (false, Some(required)) = (says_more, required.cloned()) {
            rest.push(json!({ "required": required }));
        }
        if rest.is_empty() {
            schema.remove("allOf");
        } else {
            schema.insert("allOf".to_owned(), Value::Array(rest));
        }
        schema.insert(union.key.to_owned(), Value::Array(union.branches));
        if let Some(discriminator) = union.discriminator {
            schema.insert("discriminator".to_owned(), discriminator);
        }
        also
    }

    /// An `anyOf` beside a `oneOf` is a union of its own: each branch of the one is also one of the other.
    fn take_second(&self, schema: &mut Map) -> Vec<Value> {
        let count = |key: &str| {
            schema
                .get(key)
                .and_then(Value::as_array)
                .map_or(0, Vec::len)
        };
        let pairs = count("oneOf").saturating_mul(count("anyOf"));
        if !(1..=TOGETHER).contains(&pairs) {
            return Vec::new();
        }
        let tells = |key: &str| {
            let branches = schema.get(key).cloned().unwrap_or_default();
            let alone = Value::Object(Map::from_iter([(key.to_owned(), branches)]));
            self.union(&alone, None, DEPTH).is_some()
        };
        let Some(left) = self.room.get().checked_sub(count("oneOf")) else {
            return Vec::new();
        };
        if !tells("oneOf") || !tells("anyOf") {
            return Vec::new();
        }
        self.room.set(left);
        let second = schema.remove("anyOf");
        second
            .map(|second| json!({ "anyOf": second }))
            .into_iter()
            .collect()
    }

    /// The union that a part is, with nothing beside it. One that its own branches take over is a family, and one that had
    /// something beside it has become a union of such branches: who takes that over has what stood beside it.
    fn union(&self, part: &Value, owner: Option<&str>, depth: usize) -> Option<Union> {
        let depth = depth.checked_sub(1)?;
        if let Some(target) = part["$ref"].as_str().and_then(component) {
            if self.earlier.contains(&target) {
                return None;
            }
            let union = self.union(self.schemas.get(&target)?, owner, depth)?;
            let names = union
                .branches
                .iter()
                .filter_map(|branch| branch["$ref"].as_str());
            let is_family = names.filter_map(component).any(|branch| {
                let mut below = BTreeSet::new();
                let takes = |owner: &str, below: &mut _| self.takes_over(&branch, owner, below);
                takes(&target, &mut below)
                    || owner.is_some_and(|owner| branch == owner || takes(owner, &mut below))
            });
            return (!is_family).then_some(union);
        }
        let map = part.as_object()?;
        let Some((key, branches)) = UNIONS.iter().find_map(|key| {
            let branches = map.get(key)?.as_array()?;
            Some((*key, branches))
        }) else {
            let [only] = map.get("allOf")?.as_array()?.as_slice() else {
                return None;
            };
            let is_plain = !map.contains_key("properties") && !map.contains_key("required");
            return is_plain.then(|| self.union(only, owner, depth))?;
        };
        let branches = branches.iter().filter(|branch| !is_null(branch));
        let branches: Vec<Value> = branches.cloned().collect();
        let tells = !self.has_parts(map)
            && branches.len() > 1
            && branches.iter().any(|branch| self.may_be_object(branch))
            && !branches.iter().all(|branch| self.says_nothing(branch));
        tells.then(|| Union {
            key,
            branches,
            discriminator: map.get("discriminator").cloned(),
        })
    }
}

/// How many pairs of branches two unions may come to that hold at once.
const TOGETHER: usize = 24;

/// How many branches are made so: unions of unions of unions come to as many types as their branches, multiplied.
pub(super) const BRANCHES: usize = 5_000;

/// Whether a part says something of an object.
fn is_said(part: &Value) -> bool {
    const SAID: &[&str] = &[
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "oneOf",
        "properties",
        "required",
    ];
    SAID.iter().any(|key| match part.get(*key) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::String(_)) => true,
        _ => false,
    })
}

/// Whether a branch is made of properties or of other schemas.
fn has_parts(branch: &Value) -> bool {
    let lists = ["allOf", "anyOf", "oneOf"];
    branch["properties"].is_object() || lists.iter().any(|key| branch[*key].is_array())
}

/// Whether an `allOf` stands somewhere in a schema: it may be made of the union again, and again of its branches.
fn holds_parts(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map
            .iter()
            .any(|(key, child)| key == "allOf" || holds_parts(child)),
        Value::Array(items) => items.iter().any(holds_parts),
        _ => false,
    }
}

/// Says what branches without a name are called, before they become unions that have no fields to be called after.
pub(super) fn title_branches(branches: &mut [Value]) {
    let words = branch_words(branches, None);
    for (branch, word) in branches.iter_mut().zip(words) {
        if let Some(branch) = branch.as_object_mut()
            && !branch.contains_key("$ref")
        {
            branch.entry("title").or_insert_with(|| json!(word));
        }
    }
}

/// Gives names to the branches of a union that is among the parts of an `allOf` by reference, as each branch is then a part
/// of several schemas.
pub(super) fn name_branches(document: &mut Document) {
    let mut shared = BTreeSet::new();
    each_schema(&mut document.root, &mut |_, schema| {
        let parts = schema.get("allOf").and_then(Value::as_array);
        if parts.is_none_or(|parts| parts.len() < 2 && !schema.contains_key("properties")) {
            return;
        }
        let targets = parts
            .into_iter()
            .flatten()
            .filter_map(|part| part["$ref"].as_str());
        shared.extend(targets.filter_map(component));
    });
    let Some(Value::Object(schemas)) = document.root.pointer_mut("/components/schemas") else {
        return;
    };
    let mut numbers = Numbers::default();
    for name in shared {
        for key in UNIONS {
            let branches = schemas
                .get_mut(&name)
                .and_then(|schema| schema.get_mut(*key));
            let Some(Value::Array(mut branches)) = branches.map(Value::take) else {
                continue;
            };
            let words = branch_words(&branches, None);
            for (index, (branch, word)) in branches.iter_mut().zip(words).enumerate() {
                if has_parts(branch) || holds_parts(branch) {
                    let own = format!("{name}{}", type_name(&word));
                    let own = numbers.free(&own, |name| schemas.contains_key(name));
                    schemas.insert(own.clone(), branch.take());
                    *branch = reference(&own);
                    let place = Pointer::schema(&name).child(*key).child(index);
                    let place = as_given(&place, &document.given_places);
                    document.given_places.insert(own, place);
                }
            }
            schemas[&name][*key] = Value::Array(branches);
        }
    }
}
