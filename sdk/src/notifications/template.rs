//! Texts with placeholders: `{{ name }}`.

use std::collections::BTreeMap;

use serde_json::Value;

/// A placeholder whose value is not known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) String);

/// A part of a text.
enum Part<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

/// The text with its placeholders replaced.
pub(super) fn text(template: &str, values: &BTreeMap<String, Value>) -> Result<String, Unknown> {
    let mut out = String::with_capacity(template.len());
    for part in parts(template) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Placeholder(name) => out.push_str(&as_text(known(name, values)?)),
        }
    }
    Ok(out)
}

/// The value with the placeholders of all its texts replaced. A text that is one placeholder becomes its value, which
/// keeps its type.
pub(super) fn value(template: &Value, values: &BTreeMap<String, Value>) -> Result<Value, Unknown> {
    Ok(match template {
        Value::String(template) => match parts(template)[..] {
            [Part::Placeholder(name)] => known(name, values)?.clone(),
            _ => text(template, values)?.into(),
        },
        Value::Array(items) => {
            let items = items.iter().map(|item| value(item, values));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, field)| Ok((name.clone(), value(field, values)?)));
            Value::Object(fields.collect::<Result<_, Unknown>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    })
}

fn known<'a>(name: &str, values: &'a BTreeMap<String, Value>) -> Result<&'a Value, Unknown> {
    values.get(name).ok_or_else(|| Unknown(name.to_owned()))
}

/// As Python's `str` writes it.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn parts(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut rest, mut searched) = (template, 0);
    while let Some(at) = rest[searched..].find("{{").map(|at| at + searched) {
        match placeholder(&rest[at..]) {
            Some((name, length)) => {
                if at > 0 {
                    parts.push(Part::Text(&rest[..at]));
                }
                parts.push(Part::Placeholder(name));
                (rest, searched) = (&rest[at + length..], 0);
            }
            None => searched = at + 1,
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// The name of the placeholder that the text begins with, and how long it is with its braces.
fn placeholder(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix("{{")?;
    let end = inside.find("}}")?;
    let name = inside[..end].trim();
    let is_part = |c: char| c.is_alphanumeric() || "_.-[]$".contains(c);
    (!name.is_empty() && name.chars().all(is_part)).then_some((name, end + 4))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values() -> BTreeMap<String, Value> {
        [
            ("n", json!(5)),
            ("t", json!("{{ n }}")),
            ("o", json!({ "a": 1 })),
            ("no", Value::Null),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    #[test]
    fn placeholders_are_replaced_once() {
        let cases = [
            ("{{n}}-{{ t }}", "5-{{ n }}"),
            ("{{{n}}}", "{5}"),
            ("{{ }} {{n", "{{ }} {{n"),
            ("{{a b}}{{n}}", "{{a b}}5"),
            ("{{o}}{{no}}", "{\"a\":1}None"),
            ("", ""),
        ];
        for (template, expected) in cases {
            assert_eq!(text(template, &values()).unwrap(), expected);
        }
    }

    #[test]
    fn a_text_that_is_one_placeholder_becomes_its_value() {
        let template = json!({ "a": ["{{n}}", "{{ o }}", " {{n}}"], "b": 1 });
        let expected = json!({ "a": [5, { "a": 1 }, " 5"], "b": 1 });
        assert_eq!(value(&template, &values()).unwrap(), expected);
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        let unknown = Err(Unknown("x.y".to_owned()));
        assert_eq!(text("a{{ x.y }}", &values()), unknown);
        assert_eq!(value(&json!(["{{ x.y }}"]), &values()).err(), unknown.err());
    }
}
