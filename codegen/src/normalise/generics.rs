//! A schema that takes over another one and says what a `$dynamicRef` in it leads to is a copy of that one, in which it does:
//! `PageOfPet` takes over `Page`, whose items are whatever is called `item`.

use std::collections::BTreeMap;

use super::Document;
use super::references::{component, has_parts};
use crate::json::{Map, Value, json};
use crate::naming::Numbers;
use crate::pointer::Pointer;
use crate::walk::values;

mod reach;

use reach::Reach;

/// What a reference says that may lead elsewhere: the name that it looks for. No pass sees it.
pub(super) const DYNAMIC: &str = "x-diptych-dynamic";

/// The values that are copied in all; what is beyond that leads where it leads by itself.
const COPIED: usize = 1_000_000;

/// What a component that is copied counts beside its values, as it becomes a type.
const COMPONENT: usize = 300;

/// Every reference is a pointer by now.
pub(super) fn settle(document: &mut Document) {
    let mut found = Vec::new();
    collect(&document.root, &Pointer::root(), &mut found);
    let mut copies = Copies {
        reach: reach::of(&document.root),
        left: COPIED,
        numbers: Numbers::default(),
    };
    for extension in found {
        let is_settled = copies.settle(&mut document.root, &extension);
        if !is_settled && extension.fills_in {
            let why = "no schema that is taken over has such a `$dynamicRef`";
            let place = extension.place.child("$ref");
            document.lose(place, "what `$dynamicAnchor` extends", why);
        }
    }
    document.root.remove_everywhere(DYNAMIC);
}

/// What makes the copies.
struct Copies {
    /// The names that are looked for in each component, and in those that it refers to.
    reach: Reach,
    /// How many values may still be copied.
    left: usize,
    numbers: Numbers,
}

impl Copies {
    /// Puts the copy of what a schema takes over in its place, and adds copies of the components that it leads through. The
    /// result is whether something was led elsewhere.
    fn settle(&mut self, root: &mut Value, extension: &Extension) -> bool {
        let Some(mut copy) = self.copy(root, &extension.base) else {
            return false;
        };
        let mut lead = Lead {
            leads: &extension.leads,
            reach: &self.reach,
            through: BTreeMap::new(),
            waiting: Vec::new(),
            count: 0,
        };
        let own = extension.place.keys().last().unwrap_or_default();
        let numbers = &mut self.numbers;
        let mut name = |component: &str| {
            numbers.free(&format!("{own}_{component}"), |name| {
                root["components"]["schemas"].get(name).is_some()
            })
        };
        if let Some(base) = component(&format!("#{}", extension.base)) {
            let own = format!("#{}", extension.place.as_str());
            lead.through.insert(base, own);
        }
        lead.value(&mut copy, &mut name);
        let mut copies = Vec::new();
        while let Some((component, name_of_copy)) = lead.waiting.pop() {
            let place = Pointer::schema(&component);
            let size = root.pointer(place.as_str()).map_or(0, values);
            let Some(rest) = self.left.checked_sub(size + COMPONENT) else {
                return false;
            };
            self.left = rest;
            let mut copy = root.pointer(place.as_str()).cloned().unwrap_or_default();
            lead.value(&mut copy, &mut name);
            if let Value::Object(copy) = &mut copy {
                copy.retain(|key, _| !OF_ITS_PLACE.contains(&key));
            }
            copies.push((name_of_copy, copy));
        }
        if lead.count == 0 {
            return false;
        }
        for (name, copy) in copies {
            root["components"]["schemas"][&name] = copy;
        }
        if let Some(Value::Object(schema)) = root.pointer_mut(extension.place.as_str()) {
            take_over(schema, copy);
        }
        true
    }

    fn copy(&mut self, root: &Value, place: &str) -> Option<Value> {
        let value = root.pointer(place)?;
        self.left = self.left.checked_sub(values(value))?;
        Some(value.clone())
    }
}

/// A schema that says what is meant in the one that it takes over.
struct Extension {
    place: Pointer,
    base: String,
    /// What each name leads to.
    leads: Vec<(String, String)>,
    /// Whether it has a definition for what it takes over, and not only a name itself.
    fills_in: bool,
}

fn collect(value: &Value, place: &Pointer, found: &mut Vec<Extension>) {
    match value {
        Value::Object(map) => {
            let base = map.get("$ref").and_then(Value::as_str);
            let base = base.and_then(|target| target.strip_prefix('#'));
            if let Some(base) = base {
                let leads = names(map, place);
                let own = usize::from(map.contains_key("$dynamicAnchor"));
                let fills_in = leads.len() > own;
                if !leads.is_empty() && base != place.as_str() {
                    found.push(Extension {
                        place: place.clone(),
                        base: base.to_owned(),
                        leads,
                        fills_in,
                    });
                }
            }
            for (key, child) in map {
                if child.is_object() || child.is_array() {
                    collect(child, &place.child(key), found);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &place.child(index), found);
            }
        }
        _ => {}
    }
}

/// The names that a schema gives to itself and to what it has in `$defs`.
fn names(map: &Map, place: &Pointer) -> Vec<(String, String)> {
    let named = |schema: &Value, place: &Pointer| {
        let name = schema["$dynamicAnchor"].as_str()?;
        Some((name.to_owned(), format!("#{}", place.as_str())))
    };
    let own = map.get("$dynamicAnchor").and_then(Value::as_str);
    let own = own.map(|name| (name.to_owned(), format!("#{}", place.as_str())));
    let below = map.get("$defs").and_then(Value::as_object);
    let inside = place.child("$defs");
    let below = below.into_iter().flatten();
    own.into_iter()
        .chain(below.filter_map(|(key, schema)| named(schema, &inside.child(key))))
        .collect()
}

/// Leads the references of copies to where names are.
struct Lead<'l> {
    leads: &'l [(String, String)],
    reach: &'l Reach,
    /// What copies of components are called, as references.
    through: BTreeMap<String, String>,
    /// The components that are still to be copied, and the names of the copies.
    waiting: Vec<(String, String)>,
    count: usize,
}

impl Lead<'_> {
    fn value(&mut self, value: &mut Value, name: &mut dyn FnMut(&str) -> String) {
        match value {
            Value::Object(map) => {
                if let Some(target) = self.target(map, name) {
                    map.insert("$ref".to_owned(), target.into());
                }
                for child in map.values_mut().filter(|child| has_parts(child)) {
                    self.value(child, name);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, name)),
            _ => {}
        }
    }

    /// Where a reference leads now.
    fn target(&mut self, map: &mut Map, name: &mut dyn FnMut(&str) -> String) -> Option<String> {
        let looked_for = map.get(DYNAMIC).and_then(Value::as_str);
        let led = looked_for.and_then(|name| self.leads.iter().find(|(known, _)| known == name));
        if let Some((_, target)) = led {
            map.remove(DYNAMIC);
            self.count += 1;
            return Some(target.clone());
        }
        let component = component(map.get("$ref")?.as_str()?)?;
        let is_reached = self.reach.get(&component).is_some_and(|names| {
            let mut leads = self.leads.iter();
            leads.any(|(name, _)| names.contains(name))
        });
        if !is_reached {
            return None;
        }
        if let Some(known) = self.through.get(&component) {
            return Some(known.clone());
        }
        let copy = name(&component);
        let target = format!("#{}", Pointer::schema(&copy).as_str());
        self.through.insert(component.clone(), target.clone());
        self.waiting.push((component, copy));
        Some(target)
    }
}

/// What belongs to the place of a schema, and not to what it says.
const OF_ITS_PLACE: &[&str] = &["$anchor", "$defs", "$dynamicAnchor", "$id", "$schema"];

/// The copy in place of the reference, as a part where the schema says more.
fn take_over(schema: &mut Map, mut copy: Value) {
    if let Value::Object(copy) = &mut copy {
        copy.retain(|key, _| !OF_ITS_PLACE.contains(&key));
    }
    schema.remove("$ref");
    let says_more = schema.keys().any(|key| {
        let is_word = ["description", "title"].contains(&key);
        !is_word && !OF_ITS_PLACE.contains(&key)
    });
    match copy {
        Value::Object(copy) if !says_more => {
            for (key, value) in copy {
                schema.entry(key).or_insert(value);
            }
        }
        copy => {
            let parts = schema.entry("allOf").or_insert_with(|| json!([]));
            if let Value::Array(parts) = parts {
                parts.insert(0, copy);
            }
        }
    }
}
