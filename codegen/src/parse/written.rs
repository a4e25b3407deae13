//! Texts that YAML reads as numbers: `1.10` is no `1.1` where a text is meant.

use std::fmt;

use serde::de::{
    Deserialize as _, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_saphyr::Spanned;

use super::yaml;
use crate::json::Value;

/// The keys whose numbers are texts wherever they stand, alone or in a list.
const TEXTS: &[&str] = &["openapi", "required", "tags", "title", "version"];

/// The keys whose numbers are texts beside `type: string`, and where a variable of a server is described.
const VALUES: &[&str] = &["const", "default", "enum"];

/// Puts what is written where the document has the number that YAML makes of it, and a text is meant. Only then is the
/// text read again.
pub(super) fn keep(document: &mut Value, text: &str) {
    if !has_texts(document, false) {
        return;
    }
    let walk = Walk {
        value: Some(document),
        text,
        is_text: false,
        is_variable: false,
    };
    // It was read before, so it can be read; what could not be would stay as it is.
    let _ = yaml::on_large_stack(|| {
        serde_saphyr::with_deserializer_from_str_with_options(text, yaml::options(), |de| {
            walk.deserialize(de)
        })
    });
}

/// Whether there are numbers that are meant as texts. `is_variable` says whether this is a variable of a server, or all of
/// them.
fn has_texts(value: &Value, is_variable: bool) -> bool {
    match value {
        Value::Object(map) => {
            let are_texts = is_variable || says_text(map.get("type"));
            map.iter().any(|(key, child)| {
                is_said(key, are_texts) && has_numbers(child)
                    || has_texts(child, is_variable || key == "variables")
            })
        }
        Value::Array(items) => items.iter().any(|item| has_texts(item, is_variable)),
        _ => false,
    }
}

fn is_said(key: &str, are_texts: bool) -> bool {
    TEXTS.contains(&key) || are_texts && VALUES.contains(&key)
}

fn says_text(kind: Option<&Value>) -> bool {
    match kind {
        Some(Value::Array(kinds)) => kinds
            .iter()
            .all(|kind| kind == "string" || kind.is_null() || kind == "null"),
        Some(kind) => kind == "string",
        None => false,
    }
}

fn has_numbers(value: &Value) -> bool {
    let items = value.items();
    value.is_number() || { items }.any(Value::is_number)
}

/// Follows the document through its text.
struct Walk<'w> {
    /// What was read here, where it is known.
    value: Option<&'w mut Value>,
    text: &'w str,
    /// Whether a number here is meant as a text.
    is_text: bool,
    /// Whether this is a variable of a server, or all of them.
    is_variable: bool,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.value {
            Some(Value::Object(_) | Value::Array(_)) => deserializer.deserialize_any(self),
            Some(number @ Value::Number(_)) if self.is_text => {
                let read = Spanned::<IgnoredAny>::deserialize(deserializer)?;
                let span = read.defined.span();
                let written = span.byte_offset().zip(span.byte_len());
                let written = written.and_then(|(start, length)| {
                    let start = usize::try_from(start).ok()?;
                    let end = start.checked_add(usize::try_from(length).ok()?)?;
                    self.text.get(start..end)
                });
                if let Some(written) = written {
                    *number = written.trim().into();
                }
                Ok(())
            }
            _ => deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ()),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was read before")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut known = self
            .value
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten();
        loop {
            let item = Walk {
                value: known.next(),
                text: self.text,
                is_text: self.is_text,
                is_variable: self.is_variable,
            };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut known = self.value.and_then(Value::as_object_mut);
        let kind = known.as_deref().and_then(|map| map.get("type"));
        let are_texts = self.is_variable || says_text(kind);
        while let Some(key) = entries.next_key::<Option<String>>()? {
            let key = key.unwrap_or_default();
            entries.next_value_seed(Walk {
                value: known.as_deref_mut().and_then(|map| map.get_mut(&key)),
                text: self.text,
                is_text: is_said(&key, are_texts),
                is_variable: self.is_variable || key == "variables",
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::json::json;
    use crate::parse::read_text;

    #[test]
    fn numbers_are_what_is_written_where_texts_are_meant() {
        let text = "\
openapi: 3.1.0
info: {title: 1.50, version: 1.10}
tags: [007]
s: {type: string, enum: [1.10, 007, 0x1F, 1e3, +1, \"2.0\", .5, no], default: 1.20}
n: {type: number, enum: [1.10], default: 010}
l:
  type: [string, 'null']
  const:   3.100  # as it is
  ünï: {type: string, default: 1.0}
  variables: {v: {default: 2.10, enum: [2.10, 3.0]}}
a: &a {type: string, default: 4.50}
b: *a
";
        let document = read_text(text).unwrap();
        assert_eq!(
            document["info"],
            json!({ "title": "1.50", "version": "1.10" })
        );
        assert_eq!(document["tags"], json!(["007"]));
        let texts = json!(["1.10", "007", "0x1F", "1e3", "+1", "2.0", ".5", "no"]);
        assert_eq!(document["s"]["enum"], texts);
        assert_eq!(document["s"]["default"], "1.20");
        assert_eq!(
            document["n"]["enum"],
            serde_json::from_str::<crate::json::Value>("[1.1]").unwrap()
        );
        assert_eq!(document["l"]["const"], "3.100");
        assert_eq!(document["l"]["ünï"]["default"], "1.0");
        let variable = json!({ "default": "2.10", "enum": ["2.10", "3.0"] });
        assert_eq!(document["l"]["variables"]["v"], variable);
        assert_eq!(document["b"], document["a"]);
        assert_eq!(document["a"]["default"], "4.50");
    }
}
