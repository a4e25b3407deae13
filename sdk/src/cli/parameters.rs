//! Parameters as they are written in arguments. No I/O.

use serde_json::{Map, Value};

/// Reads `name=value`: the value as JSON where the flow takes that, else as a text. A flow that nobody describes takes any names.
pub(super) fn read(
    given: &[String],
    schema: Option<&Map<String, Value>>,
) -> Result<Map<String, Value>, String> {
    let known = schema.and_then(|schema| schema.get("properties")?.as_object());
    let mut parameters = Map::new();
    for written in given {
        let Some((name, value)) = written.split_once('=') else {
            return Err(format!(
                "`{written}` is no parameter: one is written `name=value`"
            ));
        };
        let property = known.and_then(|known| known.get(name));
        if let Some(known) = known
            && property.is_none()
        {
            return Err(unknown(name, known));
        }
        if parameters
            .insert(name.to_owned(), read_value(value, property))
            .is_some()
        {
            return Err(format!("the parameter `{name}` is given twice"));
        }
    }
    Ok(parameters)
}

/// Names what the flow can't do without, and is not given.
pub(super) fn missing(
    parameters: &Map<String, Value>,
    schema: Option<&Map<String, Value>>,
) -> Option<String> {
    let required = schema?.get("required")?.as_array()?;
    let required = required.iter().filter_map(Value::as_str);
    let missing: Vec<String> = required
        .filter(|name| !parameters.contains_key(*name))
        .map(|name| format!("`{name}`"))
        .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "the flow needs {}: give it by `-p name=value`",
            missing.join(", ")
        )
    })
}

fn unknown(name: &str, known: &Map<String, Value>) -> String {
    let known: Vec<String> = known.keys().map(|name| format!("`{name}`")).collect();
    if known.is_empty() {
        return format!("the flow has no parameter `{name}`: it has none");
    }
    let known = known.join(", ");
    format!("the flow has no parameter `{name}`: it has {known}")
}

/// What looks like a number is a text where only texts are taken.
fn read_value(written: &str, property: Option<&Value>) -> Value {
    match serde_json::from_str(written) {
        Ok(read) if property.is_none_or(|property| fits(&read, property)) => read,
        _ => Value::String(written.to_owned()),
    }
}

/// Whether a value may be of the type that a schema says; what it says beside types is not looked at.
fn fits(value: &Value, schema: &Value) -> bool {
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return choices.contains(value);
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
            return choices.iter().any(|choice| fits(value, choice));
        }
    }
    match schema.get("type") {
        Some(Value::String(name)) => is_of(value, name),
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.any(|name| is_of(value, name))
        }
        // Nothing is known of it.
        _ => true,
    }
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" | "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Map<String, Value> {
        let schema = json!({
            "properties": {
                "text": {"type": "string"},
                "count": {"type": "integer"},
                "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "kind": {"enum": ["a", "1"], "type": "string"},
                "items": {"type": ["array", "null"]},
                "other": {"$ref": "#/definitions/Other"},
            },
            "required": ["text", "count"],
        });
        match schema {
            Value::Object(schema) => schema,
            _ => Map::new(),
        }
    }

    #[test]
    fn a_value_is_json_where_that_fits_and_else_a_text() {
        let read = |written: &str| {
            let read = read(&[written.to_owned()], Some(&schema())).unwrap();
            read.into_iter().next().unwrap().1
        };
        assert_eq!(read("text=42"), "42");
        assert_eq!(read("text=\"42\""), "42");
        assert_eq!(read("text=a=b"), "a=b");
        assert_eq!(read("text="), "");
        assert_eq!(read("count=42"), 42);
        // The flow says what is wrong with it.
        assert_eq!(read("count=many"), "many");
        assert_eq!(read("maybe=null"), Value::Null);
        assert_eq!(read("maybe=1"), "1");
        assert_eq!(read("kind=1"), "1");
        assert_eq!(read("items=[1, 2]"), json!([1, 2]));
        assert_eq!(read("other={\"a\": 1}"), json!({"a": 1}));
        assert_eq!(read("other={a}"), "{a}");
    }

    #[test]
    fn what_is_unknown_missing_or_given_twice_is_named() {
        let refused = |given: &[&str]| {
            let given: Vec<String> = given.iter().map(|&text| text.to_owned()).collect();
            read(&given, Some(&schema())).unwrap_err()
        };
        assert!(
            refused(&["texts=1"]).starts_with("the flow has no parameter `texts`: it has `count`")
        );
        assert!(refused(&["count"]).starts_with("`count` is no parameter"));
        assert!(refused(&["count=1", "count=2"]).contains("given twice"));
        let given = Map::from_iter([("count".to_owned(), json!(1))]);
        assert!(
            missing(&given, Some(&schema()))
                .unwrap()
                .starts_with("the flow needs `text`:")
        );
        assert_eq!(missing(&given, None), None);
        let any = read(&["what=1".to_owned()], None).unwrap();
        assert_eq!(any["what"], 1);
    }
}
