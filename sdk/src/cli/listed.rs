//! How flows are shown. No I/O.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A flow, and its parameters in their order.
pub(super) fn shown(
    name: &str,
    description: Option<&str>,
    schema: Option<&Map<String, Value>>,
) -> String {
    let mut text = name.to_owned();
    let first = description.and_then(|description| description.trim().lines().next());
    if let Some(first) = first {
        let _ = write!(text, ": {first}");
    }
    for line in parameters(schema) {
        let _ = write!(text, "\n    {line}");
    }
    text
}

fn parameters(schema: Option<&Map<String, Value>>) -> Vec<String> {
    let Some(schema) = schema else {
        return vec!["(nothing is known of its parameters)".to_owned()];
    };
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    let required = schema.get("required").and_then(Value::as_array);
    let mut properties: Vec<(&String, &Value)> = properties.iter().collect();
    properties.sort_by_key(|(_, property)| property["position"].as_u64());
    let line = |(name, property): (&String, &Value)| {
        let is_required =
            required.is_some_and(|required| required.contains(&Value::from(name.as_str())));
        let (type_, default) = (type_of(property), property.get("default"));
        match default {
            _ if is_required => format!("{name}: {type_}, required"),
            Some(default) => format!("{name}: {type_} = {default}"),
            None => format!("{name}: {type_}"),
        }
    };
    properties.into_iter().map(line).collect()
}

/// The type that a schema says, in a word.
fn type_of(schema: &Value) -> String {
    let of_list = |list: &Value| {
        let list = list.as_array()?.iter();
        let names: Vec<String> = list.map(type_of).collect();
        Some(names.join(" or "))
    };
    if let Some(choices) = schema["enum"].as_array() {
        let choices: Vec<String> = choices.iter().map(Value::to_string).collect();
        return choices.join(" or ");
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or(reference).to_owned();
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("array of {}", type_of(&schema["items"])),
        Value::String(name) => name.clone(),
        _ => of_list(&schema["anyOf"])
            .or_else(|| of_list(&schema["oneOf"]))
            .or_else(|| of_list(&schema["allOf"]))
            .unwrap_or_else(|| "any".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_flow_is_shown_with_what_it_takes() {
        let schema = json!({
            "properties": {
                "b": {"type": "string", "position": 0},
                "a": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}], "position": 1, "default": null},
                "c": {"allOf": [{"$ref": "#/definitions/Kind"}], "position": 2},
                "d": {"enum": ["x", "y"], "position": 3},
                "e": {"position": 4},
            },
            "required": ["b"],
        });
        let text = shown("load", Some("Loads.\n\nAll of it."), schema.as_object());
        let expected = "load: Loads.\n    b: string, required\n    a: array of integer or null = null\n    c: Kind\n    \
                        d: \"x\" or \"y\"\n    e: any";
        assert_eq!(text, expected);
        assert_eq!(
            shown("a", None, None),
            "a\n    (nothing is known of its parameters)"
        );
    }
}
