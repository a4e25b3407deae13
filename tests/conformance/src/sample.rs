//! Sample values from the schemas of the description, always the same ones.

use serde_json::{Map, Value, json};

/// A field that no description knows.
pub(crate) const EXTRA: &str = "a_field_of_tomorrow";

/// A text that no description knows.
pub(crate) const NEW_TEXT: &str = "A_WORD_OF_TOMORROW";

/// Makes samples from one document.
#[derive(Clone, Copy, Debug)]
pub struct Sampler<'d> {
    pub(crate) document: &'d Value,
    /// Whether everything is there that may be there, or only what must be.
    pub everything: bool,
    /// Which branch of a union is taken, round and round.
    pub branch: usize,
    /// How the sample differs from what the description allows.
    pub twist: Twist,
}

/// How a sample differs from what the description allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    /// Not at all.
    None,
    /// Enumerations have a text that is not among theirs.
    NewTexts,
    /// Constants, by which the branches of unions are told apart, have another text.
    NewConstants,
    /// Objects have one field more.
    NewFields,
    /// What may be null is null.
    Nulls,
    /// What may be null is null where absent would mean something else: it is required, or has another default.
    TellingNulls,
}

impl<'d> Sampler<'d> {
    /// Everything that the description knows, and nothing else.
    #[must_use]
    pub fn new(document: &'d Value) -> Self {
        Self {
            document,
            everything: true,
            branch: 0,
            twist: Twist::None,
        }
    }

    /// A value of a schema; none, where the value would have to hold itself.
    #[must_use]
    pub fn sample(&self, schema: &'d Value) -> Option<Value> {
        self.value(schema, &mut Vec::new())
    }

    fn value(&self, schema: &'d Value, open: &mut Vec<&'d str>) -> Option<Value> {
        if let Some(reference) = schema["$ref"].as_str() {
            if open.contains(&reference) {
                return None;
            }
            open.push(reference);
            let value = self.value(
                self.document.pointer(reference.trim_start_matches('#'))?,
                open,
            );
            open.pop();
            return value;
        }
        if let Some(constant) = schema.get("const") {
            return Some(self.constant(constant));
        }
        if let Some(value) = schema["enum"].get(0) {
            let is_new = self.twist == Twist::NewTexts && value.is_string();
            return Some(if is_new {
                json!(NEW_TEXT)
            } else {
                value.clone()
            });
        }
        let branches = ["anyOf", "oneOf", "allOf"]
            .iter()
            .find_map(|key| schema[*key].as_array());
        if let Some(branches) = branches {
            return self.branch(branches, open);
        }
        self.plain(schema, open)
    }

    fn constant(&self, constant: &Value) -> Value {
        if self.twist == Twist::NewConstants && constant.is_string() {
            return json!(NEW_TEXT);
        }
        constant.clone()
    }

    fn branch(&self, branches: &'d [Value], open: &mut Vec<&'d str>) -> Option<Value> {
        let is_null = |schema: &&Value| schema["type"] == "null";
        let has_null = branches.iter().any(|schema| is_null(&schema));
        if has_null && self.twist == Twist::Nulls {
            return Some(Value::Null);
        }
        let some: Vec<&Value> = branches.iter().filter(|schema| !is_null(schema)).collect();
        let first = self.branch % some.len().max(1);
        let mut turned = some[first..].iter().chain(&some[..first]);
        let found = turned.find_map(|schema| self.value(schema, open));
        found.or_else(|| has_null.then_some(Value::Null))
    }

    fn property(
        &self,
        schema: &'d Value,
        is_required: bool,
        open: &mut Vec<&'d str>,
    ) -> Option<Value> {
        let branches = schema["anyOf"].as_array().into_iter().flatten();
        let has_null = branches.into_iter().any(|branch| branch["type"] == "null");
        let is_telling = is_required || !schema["default"].is_null();
        if self.twist == Twist::TellingNulls && has_null && is_telling {
            return Some(Value::Null);
        }
        self.value(schema, open)
    }

    fn plain(&self, schema: &'d Value, open: &mut Vec<&'d str>) -> Option<Value> {
        Some(match schema["type"].as_str() {
            Some("string") => json!(text(schema["format"].as_str())),
            Some("integer") => json!(7),
            Some("number") => json!(0.5),
            Some("boolean") => json!(true),
            Some("null") => Value::Null,
            Some("array") => return self.array(schema, open),
            Some("object") => return self.object(schema, open),
            _ if schema.get("properties").is_some() => return self.object(schema, open),
            _ => json!({ "anything": ["at all", 1, 0.5, true, null, {}] }),
        })
    }

    fn array(&self, schema: &'d Value, open: &mut Vec<&'d str>) -> Option<Value> {
        let items: Vec<&Value> = match schema["prefixItems"].as_array() {
            Some(items) => items.iter().collect(),
            None => schema.get("items").into_iter().collect(),
        };
        if items.is_empty() {
            return Some(json!(["anything", 1]));
        }
        let items: Option<Vec<Value>> = items
            .into_iter()
            .map(|item| self.value(item, open))
            .collect();
        items.map(Value::Array)
    }

    fn object(&self, schema: &'d Value, open: &mut Vec<&'d str>) -> Option<Value> {
        let mut object = Map::new();
        let is_required = |name: &str| {
            let required = schema["required"].as_array();
            required.is_some_and(|all| all.iter().any(|one| one == name))
        };
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let is_wanted = self.everything || is_required(name) || property.get("const").is_some();
            let value = self.property(property, is_required(name), open);
            match value.filter(|_| is_wanted) {
                Some(value) => drop(object.insert(name.clone(), value)),
                None if is_required(name) => return None,
                None => {}
            }
        }
        let has_names = !object.is_empty() || schema.get("properties").is_some();
        match &schema["additionalProperties"] {
            rest @ Value::Object(_) if self.everything || !has_names => {
                object.insert("key".to_owned(), self.value(rest, open)?);
            }
            Value::Bool(true) | Value::Null if !has_names => {
                object.insert("key".to_owned(), json!("value"));
            }
            _ => {}
        }
        if self.twist == Twist::NewFields && has_names {
            object.insert(EXTRA.to_owned(), json!({ "is": ["new"] }));
        }
        Some(Value::Object(object))
    }
}

fn text(format: Option<&str>) -> &'static str {
    match format {
        Some("uuid") => "0190a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b",
        Some("date-time") => "2026-01-02T03:04:05.678901Z",
        Some("date") => "2026-01-02",
        Some("duration") => "PT1M30S",
        Some("uri") => "https://example.com/a?b=c",
        Some("path") => "/a/b",
        _ => "a text: \u{fc}\u{4e2d}\u{1f980} \"quoted\"\n",
    }
}
