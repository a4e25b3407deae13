//! Objects that are made of others (`allOf`) as one object each, before progenitor sees them: where two parts share a
//! recursive property, typify's own merge does not end, and its stack overflow can't be caught.

use serde_json::{Map, Value, json};

use super::members;
use super::types::reference;
use crate::normalise::Canonical;
use crate::pointer::Pointer;

/// Replaces each component that is made of objects only.
pub(super) fn merge(canonical: &Canonical, document: &mut Value) {
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else {
        return;
    };
    for (name, schema) in schemas {
        let parts = schema["allOf"].as_array().map_or(0, Vec::len);
        if parts > 1 && is_object(canonical, schema) {
            *schema = whole(canonical, schema, &Pointer::schema(name));
        }
    }
}

fn is_object(canonical: &Canonical, schema: &Value) -> bool {
    if let Some(target) = reference(schema) {
        return is_object(canonical, component(canonical, &target));
    }
    let other = ["oneOf", "anyOf", "items", "enum"];
    let kind = schema.get("type").is_none_or(|kind| kind == "object");
    let parts = schema["allOf"].as_array().into_iter().flatten();
    kind && other.iter().all(|key| schema.get(*key).is_none())
        && parts.into_iter().all(|part| is_object(canonical, part))
}

fn whole(canonical: &Canonical, schema: &Value, place: &Pointer) -> Value {
    let members = members::of(canonical, schema, place);
    let properties: Map<String, Value> = members
        .places
        .into_iter()
        .filter_map(|(name, place)| {
            Some((name, canonical.document.pointer(place.as_str())?.clone()))
        })
        .collect();
    let mut object = json!({ "type": "object", "properties": properties });
    if !members.required.is_empty() {
        object["required"] = json!(members.required);
    }
    if let Some(entry) = additional(canonical, schema) {
        object["additionalProperties"] = entry;
    }
    object
}

/// What the first part that says so allows beside the properties. A closed part closes nothing but itself.
fn additional(canonical: &Canonical, schema: &Value) -> Option<Value> {
    if let Some(target) = reference(schema) {
        return additional(canonical, component(canonical, &target));
    }
    let own = schema
        .get("additionalProperties")
        .filter(|own| **own != json!(false));
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    own.cloned()
        .or_else(|| parts.find_map(|part| additional(canonical, part)))
}

fn component<'c>(canonical: &'c Canonical, name: &str) -> &'c Value {
    &canonical.document["components"]["schemas"][name]
}
