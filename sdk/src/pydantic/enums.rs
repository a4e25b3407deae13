//! Choices between texts, some of which have docs.

use serde_json::{Map, Value, json};

/// An enum of texts is `oneOf` where its variants have docs; in Python it is the `enum` of the same texts in any case, of which the UI
/// makes a list.
pub(super) fn collapse(object: &mut Map<String, Value>) {
    let choices = object.get("oneOf").and_then(Value::as_array);
    let Some(texts) = choices.and_then(|choices| texts(choices)) else {
        return;
    };
    object.remove("oneOf");
    object.insert("type".to_owned(), json!("string"));
    object.insert("enum".to_owned(), texts.into());
}

/// The texts, where there is nothing else.
fn texts(choices: &[Value]) -> Option<Vec<Value>> {
    let mut all = Vec::new();
    for choice in choices {
        let choice = choice.as_object()?;
        let mut keys = choice.keys();
        let is_plain = |key: &String| {
            ["type", "const", "enum", "title", "description"].contains(&key.as_str())
        };
        if !keys.all(is_plain) {
            return None;
        }
        match (choice.get("const"), choice.get("enum")) {
            (Some(text), None) => all.push(text.clone()),
            (None, Some(Value::Array(texts))) => all.extend(texts.iter().cloned()),
            _ => return None,
        }
    }
    (!all.is_empty() && all.iter().all(Value::is_string)).then_some(all)
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;

    use super::super::schema_of;
    use super::*;

    /// A color.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only its schema is asked for")]
    enum Color {
        /// Like fire.
        Red,
        Green,
        Blue,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    enum Either {
        /// A text.
        Text,
        /// More than that.
        More { number: u32 },
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Both {
        color: Option<Color>,
    }

    #[test]
    fn variants_with_docs_are_those_of_an_enum() {
        let color = schema_of::<Color>();
        assert!(color.get("oneOf").is_none());
        let all: std::collections::BTreeSet<&str> = color
            .get("enum")
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(all, ["blue", "green", "red"].into());
        assert_eq!(color.get("type").unwrap(), "string");
        assert_eq!(color.get("description").unwrap(), "A color.");
        let both = schema_of::<Both>().to_value();
        assert!(both["definitions"]["Color"]["enum"].is_array(), "{both}");
        assert!(schema_of::<Either>().get("oneOf").is_some());
    }
}
