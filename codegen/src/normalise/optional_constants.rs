//! A constant that may be left out is sent only when the caller says so: it is an enum of one value.
//!
//! Where the server takes the constant for what is left out, sending it changes nothing, and where it tells the
//! branches of a union apart, a branch without it would be none: there it stays a constant. The parts of an `allOf` are
//! one object, whichever of them asks for the constant.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Document;
use super::references::component;
use crate::config::Config;
use crate::error::Result;
use crate::notes::{note, read};
use crate::pointer::Pointer;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let tags = tags(&mut document.root);
    let schemas = document.root.pointer("/components/schemas");
    let schemas = schemas.cloned().unwrap_or_default();
    let mut wholes: BTreeMap<Pointer, Whole> = BTreeMap::new();
    each_schema(&mut document.root, &mut |place, schema| {
        let known = place.is_part().then(|| wholes.remove(&place.pointer()));
        let Whole {
            component,
            mut required,
        } = known.flatten().unwrap_or_else(|| Whole {
            component: place.component().unwrap_or_default().to_owned(),
            required: BTreeSet::new(),
        });
        collect_required(schema, &schemas, &mut BTreeSet::new(), &mut required);
        let parts = schema.get("allOf").and_then(Value::as_array);
        for index in 0..parts.map_or(0, Vec::len) {
            let whole = Whole {
                component: component.clone(),
                required: required.clone(),
            };
            wholes.insert(place.pointer().child("allOf").child(index), whole);
        }
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            let is_tag = tags.contains(&(component.clone(), name.clone()));
            if !required.contains(name.as_str()) && !is_tag {
                let_go(property);
            }
        }
    });
    Ok(())
}

fn let_go(property: &mut Value) {
    if let Value::Object(property) = property
        && let Some(constant) = read(property).constant
        && read(property).default != Some(constant)
    {
        note(property, |note| note.constant = None);
    }
}

/// What the parts of an `allOf` are parts of.
struct Whole {
    /// The component that they make up, where it is one.
    component: String,
    /// What must be there.
    required: BTreeSet<String>,
}

/// The components that one schema is looked for in.
const MOST: usize = 200;

/// What a schema asks for, and what it takes over does.
fn collect_required<'s>(
    schema: &'s Map<String, Value>,
    schemas: &'s Value,
    seen: &mut BTreeSet<&'s str>,
    required: &mut BTreeSet<String>,
) {
    // What is deeper is refused later.
    if seen.len() > MOST {
        return;
    }
    let names = schema.get("required").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    required.extend(names.map(str::to_owned));
    let parts = schema.get("allOf").and_then(Value::as_array);
    for part in parts.into_iter().flatten() {
        let target = part["$ref"].as_str();
        let name = target.and_then(|target| target.strip_prefix("#/components/schemas/"));
        let part = match name {
            Some(name) if seen.insert(name) => &schemas[name],
            Some(_) => continue,
            None => part,
        };
        if let Value::Object(part) = part {
            collect_required(part, schemas, seen, required);
        }
    }
}

/// The properties that tell a union's branches apart, by component.
fn tags(root: &mut Value) -> BTreeSet<(String, String)> {
    let mut tags = BTreeSet::new();
    each_schema(root, &mut |_, schema| {
        let Some(tag) = read(schema).union.and_then(|union| union.tag) else {
            return;
        };
        let branches = schema.get("oneOf").and_then(Value::as_array);
        for branch in branches.into_iter().flatten() {
            let target = branch["$ref"].as_str().and_then(component);
            tags.extend(target.map(|target| (target, tag.clone())));
        }
    });
    tags
}
