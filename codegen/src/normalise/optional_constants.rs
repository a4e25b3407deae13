//! A constant that may be left out is sent only when the caller says so: it is an enum of one value.
//!
//! Where the server takes the constant for what is left out, sending it changes nothing, and where it tells the
//! branches of a union apart, a branch without it would be none: there it stays a constant. The parts of an `allOf` are
//! one object, whichever of them asks for the constant.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Document;
use super::references::{component, component_schemas};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value};
use crate::notes::{self, note, read};
use crate::pointer::Pointer;
use crate::walk::{Place, each_schema};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let (tags, are_some) = tags(&mut document.root);
    if !are_some {
        return Ok(());
    }
    let schemas = component_schemas(&document.root);
    let mut wholes: BTreeMap<Pointer, Whole> = BTreeMap::new();
    let mut own: BTreeMap<Pointer, String> = BTreeMap::new();
    let left = Cell::new(NAMES);
    each_schema(&mut document.root, &mut |place, schema| {
        let known = place.is_part().then(|| wholes.remove(&place.pointer()));
        // What a part asks for, its whole does.
        let whole = known
            .flatten()
            .unwrap_or_else(|| Whole::of(place, schema, &schemas, &left));
        let own_tag = (!own.is_empty())
            .then(|| own.remove(&place.pointer()))
            .flatten();
        own.extend(branches_of_its_own(place, schema));
        let parts = schema.get("allOf").and_then(Value::as_array);
        for index in 0..parts.map_or(0, Vec::len) {
            let part = place.pointer().child("allOf").child(index);
            own.extend(own_tag.clone().map(|tag| (part.clone(), tag)));
            wholes.insert(part, whole.clone());
        }
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            let is_tag = own_tag.as_deref() == Some(name)
                || tags.contains(&(whole.component.to_string(), name.to_owned()));
            if is_tag && let Value::Object(property) = property {
                // Without it, the server could not tell what it is sent.
                note(property, |note| note.read_only = false);
            }
            if !whole.required.contains(name) && !is_tag {
                let_go(property);
            }
        }
    });
    Ok(())
}

/// The branches of a union that are no components, with what tells them apart.
fn branches_of_its_own(place: &Place<'_>, schema: &Map) -> Vec<(Pointer, String)> {
    let branches = schema.get("oneOf").and_then(Value::as_array);
    let (Some(branches), Some(tag)) = (branches, notes::tag(schema)) else {
        return Vec::new();
    };
    let own = branches.iter().enumerate();
    let own = own.filter(|(_, branch)| branch.get("$ref").is_none());
    let place = place.pointer().child("oneOf");
    own.map(|(index, _)| (place.child(index), tag.to_owned()))
        .collect()
}

fn let_go(property: &mut Value) {
    if let Value::Object(property) = property
        && let Some(constant) = notes::constant(property).cloned()
        && read(property).default != Some(constant)
    {
        note(property, |note| note.constant = None);
    }
}

/// What the parts of an `allOf` are parts of.
#[derive(Clone)]
struct Whole {
    /// The component that they make up, where it is one.
    component: Rc<str>,
    /// What must be there.
    required: Rc<BTreeSet<String>>,
}

impl Whole {
    fn of(place: &Place<'_>, schema: &Map, schemas: &Value, left: &Cell<usize>) -> Self {
        let mut found = Required {
            schemas,
            left,
            seen: BTreeSet::new(),
            names: BTreeSet::new(),
        };
        found.collect(schema);
        Self {
            component: place.component().unwrap_or_default().into(),
            required: found.names.into(),
        }
    }
}

/// The components that one schema is looked for in.
const MOST: usize = 200;

/// The names that are looked at in a whole description.
const NAMES: usize = 2_000_000;

/// What a schema asks for, and what it takes over does.
struct Required<'s> {
    schemas: &'s Value,
    left: &'s Cell<usize>,
    seen: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Required<'_> {
    fn collect(&mut self, schema: &Map) {
        let names = schema.get("required").and_then(Value::as_array);
        let parts = schema.get("allOf").and_then(Value::as_array);
        let count = names.map_or(0, Vec::len) + parts.map_or(0, Vec::len);
        let Some(left) = self.left.get().checked_sub(count) else {
            return;
        };
        self.left.set(left);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        self.names.extend(names.map(str::to_owned));
        for part in parts.into_iter().flatten() {
            let target = part["$ref"].as_str().and_then(component);
            let shared = target.and_then(|name| {
                let schema = self.schemas.get(&name)?;
                Some((name, schema))
            });
            let part = match shared {
                Some((name, shared))
                    if self.seen.len() < MOST && self.seen.insert(name.clone()) =>
                {
                    shared
                }
                Some(_) => continue,
                None => part,
            };
            if let Value::Object(part) = part {
                self.collect(part);
            }
        }
    }
}

/// The properties that tell a union's branches apart, by component; and whether there are any, or any constants.
fn tags(root: &mut Value) -> (BTreeSet<(String, String)>, bool) {
    let (mut tags, mut are_some) = (BTreeSet::new(), false);
    each_schema(root, &mut |_, schema| {
        are_some |= notes::constant(schema).is_some();
        let Some(tag) = notes::tag(schema) else {
            return;
        };
        are_some = true;
        let branches = schema.get("oneOf").and_then(Value::as_array);
        for branch in branches.into_iter().flatten() {
            let target = branch["$ref"].as_str().and_then(component);
            tags.extend(target.map(|target| (target, tag.to_owned())));
        }
    });
    (tags, are_some)
}
