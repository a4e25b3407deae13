//! Enums of classes, which Python has no names for: a field says itself what it may be.

use serde_json::{Map, Value};

/// Writes the choices of an enum where it is used, and drops its definition. No definition refers to itself.
pub(crate) fn inline_unions(root: &mut Map<String, Value>) {
    loop {
        let Some(Value::Object(definitions)) = root.get_mut("definitions") else {
            return;
        };
        let union = definitions.iter().find(|(_, schema)| is_union(schema));
        let Some(name) = union.map(|(name, _)| name.clone()) else {
            break;
        };
        let Some(Value::Object(mut union)) = definitions.remove(&name) else {
            break;
        };
        let choices = union.remove("anyOf").unwrap_or_default();
        let reference = format!("#/definitions/{name}");
        for value in root.values_mut() {
            inline(value, &reference, &choices);
        }
        if matches!(root.get("definitions"), Some(Value::Object(left)) if left.is_empty()) {
            root.remove("definitions");
        }
    }
    for value in root.values_mut() {
        flatten(value);
    }
}

fn is_union(schema: &Value) -> bool {
    let about = |key: &String| matches!(key.as_str(), "anyOf" | "title" | "description");
    let keys = schema.as_object().map(Map::keys);
    schema.get("anyOf").is_some() && keys.into_iter().flatten().all(about)
}

fn inline(value: &mut Value, reference: &str, choices: &Value) {
    match value {
        Value::Object(object) => {
            if object.get("$ref").is_some_and(|given| given == reference) {
                object.remove("$ref");
                object.insert("anyOf".to_owned(), choices.clone());
            }
            for value in object.values_mut() {
                inline(value, reference, choices);
            }
        }
        Value::Array(values) => {
            for value in values {
                inline(value, reference, choices);
            }
        }
        _ => {}
    }
}

/// A choice among choices is one among all of them.
fn flatten(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for value in object.values_mut() {
                flatten(value);
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                *choices = std::mem::take(choices)
                    .into_iter()
                    .flat_map(split)
                    .collect();
            }
        }
        Value::Array(values) => {
            for value in values {
                flatten(value);
            }
        }
        _ => {}
    }
}

fn split(choice: Value) -> Vec<Value> {
    match choice {
        Value::Object(mut object) if object.contains_key("anyOf") && object.len() == 1 => {
            match object.remove("anyOf") {
                Some(Value::Array(choices)) => choices,
                _ => Vec::new(),
            }
        }
        Value::Object(mut object) if object.contains_key("$ref") => {
            // What the docs of a variant say is not said of the class.
            object.remove("description");
            vec![Value::Object(object)]
        }
        other => vec![other],
    }
}
