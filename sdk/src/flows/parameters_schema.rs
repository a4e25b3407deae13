//! The schema of a flow's parameters, as Prefect's `parameter_schema` makes it of a Python function.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::engine::ONLY;
use crate::pydantic::{self, field_names, inline_unions, self_referring};

/// Of parameters that nobody describes.
pub(super) fn undescribed() -> Map<String, Value> {
    whole(Map::new(), None, None)
}

/// Of parameters of that type: the fields of a struct, or one parameter that is something else.
pub(super) fn described<P: JsonSchema + DeserializeOwned>() -> Map<String, Value> {
    let mut schema = pydantic::schema_of::<P>();
    // Python has no name for a choice between types; one that contains itself must have one.
    if self_referring(schema.as_value()).is_none() {
        inline_unions(schema.ensure_object());
    }
    pydantic::tidy(&mut schema);
    let Value::Object(mut root) = schema.to_value() else {
        return undescribed();
    };
    let definitions = root.remove("definitions");
    match root.get("type").and_then(Value::as_str) {
        Some("null") => undescribed(),
        Some("object") => {
            let required = root.remove("required");
            let properties = match root.remove("properties") {
                Some(Value::Object(properties)) => properties,
                _ => Map::new(),
            };
            let order = field_names::<P>().unwrap_or_default();
            whole(placed(properties, order), required, definitions)
        }
        _ => {
            let only = Map::from_iter([(ONLY.to_owned(), Value::Object(root))]);
            whole(placed(only, &[ONLY]), Some(json!([ONLY])), definitions)
        }
    }
}

fn whole(
    properties: Map<String, Value>,
    required: Option<Value>,
    definitions: Option<Value>,
) -> Map<String, Value> {
    let always = [
        ("title", json!("Parameters")),
        ("type", json!("object")),
        ("properties", properties.into()),
        ("definitions", definitions.unwrap_or_else(|| json!({}))),
    ];
    let required = required.map(|names| ("required", names));
    let all = always.into_iter().chain(required);
    all.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Each property with its title, which is its name, and its place among the parameters.
fn placed(mut properties: Map<String, Value>, order: &[&str]) -> Map<String, Value> {
    // Aliases are no properties; and what serde flattens has no place of its own.
    let known = order.iter().filter(|name| properties.contains_key(**name));
    let mut names: Vec<String> = known.map(|name| (*name).to_owned()).collect();
    let rest = properties.keys().filter(|name| !names.contains(name));
    let rest: Vec<String> = rest.cloned().collect();
    names.extend(rest);
    for (position, name) in names.iter().enumerate() {
        let property = properties.get_mut(name).and_then(Value::as_object_mut);
        if let Some(property) = property {
            property.insert("title".to_owned(), name.as_str().into());
            property.insert("position".to_owned(), position.into());
        }
    }
    properties
}
