//! The properties of a schema, with those that it takes over through `allOf`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::types::reference;
use crate::normalise::Canonical;
use crate::pointer::Pointer;

/// Where each property is said, and which must be there, in the author's order.
#[derive(Default)]
pub(super) struct Members {
    pub(super) required: Vec<String>,
    pub(super) places: BTreeMap<String, Pointer>,
}

pub(super) fn of(canonical: &Canonical, schema: &Value, place: &Pointer) -> Members {
    let mut members = Members::default();
    collect(canonical, schema, place, &mut members);
    members
}

/// The first place wins, and a schema's own properties come before those of its parts. Parts of themselves were
/// refused, so this ends.
fn collect(canonical: &Canonical, schema: &Value, place: &Pointer, members: &mut Members) {
    let properties = schema["properties"].as_object();
    for name in properties
        .into_iter()
        .flat_map(|properties| properties.keys())
    {
        let here = place.child("properties").child(name);
        members.places.entry(name.clone()).or_insert(here);
    }
    for (index, part) in schema["allOf"].as_array().into_iter().flatten().enumerate() {
        match reference(part) {
            Some(name) => {
                let target = &canonical.document["components"]["schemas"][&name];
                collect(canonical, target, &Pointer::schema(&name), members);
            }
            None => collect(canonical, part, &place.child("allOf").child(index), members),
        }
    }
    let required = schema["required"].as_array();
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !members.required.iter().any(|known| known == name) {
            members.required.push(name.to_owned());
        }
    }
}
