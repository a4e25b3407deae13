//! A schema that takes over another one and says what a `$dynamicRef` in it leads to is a copy of that one, in which it does:
//! `PageOfPet` takes over `Page`, whose items are whatever is called `item`.

use super::Document;
use super::unions::remove_everywhere;
use crate::json::{Map, Value, json};
use crate::pointer::Pointer;
use crate::walk::values;

/// What a reference says that may lead elsewhere: the name that it looks for. No pass sees it.
pub(super) const DYNAMIC: &str = "x-diptych-dynamic";

/// The values that are copied in all; what is beyond that leads where it leads by itself.
const COPIED: usize = 1_000_000;

/// Every reference is a pointer by now.
pub(super) fn settle(document: &mut Document) {
    let mut found = Vec::new();
    collect(&document.root, &Pointer::root(), &mut found);
    let mut left = COPIED;
    for Extension {
        place,
        base,
        leads,
        fills_in,
    } in found
    {
        let copy = document.root.pointer(&base);
        let size = copy.map_or(0, values);
        let rest = left.checked_sub(size);
        let applied = rest.and_then(|_| {
            let mut copy = copy?.clone();
            let count = lead(&mut copy, &leads);
            (count > 0).then_some(copy)
        });
        let Some(copy) = applied else {
            if !fills_in {
                continue;
            }
            let why = "the schema that is taken over has no such `$dynamicRef` in itself";
            document.lose(place.child("$ref"), "what `$dynamicAnchor` extends", why);
            continue;
        };
        left = rest.unwrap_or_default();
        if let Some(Value::Object(schema)) = document.root.pointer_mut(place.as_str()) {
            take_over(schema, copy);
        }
    }
    remove_everywhere(&mut document.root, DYNAMIC);
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

/// Leads the references to where these names are; the result is how many there were.
fn lead(value: &mut Value, leads: &[(String, String)]) -> usize {
    match value {
        Value::Object(map) => {
            let name = map.get(DYNAMIC).and_then(Value::as_str);
            let target = name.and_then(|name| leads.iter().find(|(known, _)| known == name));
            let mut count = 0;
            if let Some((_, target)) = target {
                map.insert("$ref".to_owned(), json!(target.as_str()));
                map.remove(DYNAMIC);
                count += 1;
            }
            let below = map.values_mut().map(|child| lead(child, leads));
            count + below.sum::<usize>()
        }
        Value::Array(items) => items.iter_mut().map(|item| lead(item, leads)).sum(),
        _ => 0,
    }
}

/// The copy in place of the reference, as a part where the schema says more.
fn take_over(schema: &mut Map, mut copy: Value) {
    const OF_ITS_PLACE: &[&str] = &["$anchor", "$defs", "$dynamicAnchor", "$id", "$schema"];
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
