//! Which names `$dynamicRef`s look for in each component, and in those that it refers to.

use std::collections::{BTreeMap, BTreeSet};

use super::DYNAMIC;
use crate::json::Value;
use crate::normalise::references::{component, has_parts};

/// The names by component.
pub(super) type Reach = BTreeMap<String, BTreeSet<String>>;

/// The pairs of a component and a name that are looked at; names beyond that are looked for in the component itself only.
const PAIRS: usize = 1_000_000;

pub(super) fn of(root: &Value) -> Reach {
    let schemas = root
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut reach = Reach::new();
    let mut waiting = Vec::new();
    for (name, schema) in schemas.into_iter().flatten() {
        each_reference(schema, &mut |target, looked_for| {
            if let Some(looked_for) = looked_for {
                waiting.push((name.to_owned(), looked_for.to_owned()));
            }
            if let Some(used) = component(target) {
                users.entry(used).or_default().push(name.to_owned());
            }
        });
    }
    let mut left = PAIRS;
    while let Some((component, name)) = waiting.pop() {
        if !reach
            .entry(component.clone())
            .or_default()
            .insert(name.clone())
        {
            continue;
        }
        for user in users.get(&component).into_iter().flatten() {
            left = left.saturating_sub(1);
            if left > 0 {
                waiting.push((user.clone(), name.clone()));
            }
        }
    }
    reach
}

/// Visits the references below a value, with the names that they look for.
fn each_reference(value: &Value, visit: &mut dyn FnMut(&str, Option<&str>)) {
    match value {
        Value::Object(map) => {
            let looked_for = map.get(DYNAMIC).and_then(Value::as_str);
            if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                visit(target, looked_for);
            }
            for child in map.values().filter(|child| has_parts(child)) {
                each_reference(child, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_reference(item, visit)),
        _ => {}
    }
}
