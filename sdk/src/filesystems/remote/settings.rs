//! The settings of a block, which Python gives to fsspec: each is asked for, and what nobody asks for is an error.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::Error;

/// The settings that are not asked for yet, each by its name: that of one in a map is `client_kwargs.region_name`.
pub(super) struct Settings<'a> {
    scheme: &'a str,
    left: BTreeMap<String, &'a Value>,
}

impl<'a> Settings<'a> {
    pub(super) fn new(scheme: &'a str, settings: &'a Map<String, Value>) -> Self {
        let mut left = BTreeMap::new();
        for (name, value) in settings {
            collect(name, value, &mut left);
        }
        Self { scheme, left }
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.left.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(unfit(name, "a text")),
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Error> {
        match self.left.remove(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(unfit(name, "true or false")),
        }
    }

    /// A time in seconds, above zero.
    pub(super) fn seconds(&mut self, name: &str) -> Result<Option<std::time::Duration>, Error> {
        let Some(value) = self.left.remove(name) else {
            return Ok(None);
        };
        let time = value.as_f64().filter(|seconds| *seconds > 0.0);
        let time = time.and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok());
        time.map(Some)
            .ok_or_else(|| unfit(name, "a number of seconds"))
    }

    /// Takes the first of some names that is given; the others may say the same only.
    pub(super) fn one_of(&mut self, names: &[&str]) -> Result<Option<String>, Error> {
        let mut found: Option<(&str, String)> = None;
        for name in names {
            match (&found, self.text(name)?) {
                (_, None) => {}
                (None, Some(text)) => found = Some((name, text)),
                (Some((_, first)), Some(text)) if *first == text => {}
                (Some((first, _)), Some(_)) => {
                    let text = format!("the settings `{first}` and `{name}` say different things");
                    return Err(Error::invalid(text));
                }
            }
        }
        Ok(found.map(|(_, text)| text))
    }

    /// Two texts, such as a user and a password.
    #[cfg(feature = "webdav")]
    pub(super) fn pair(&mut self, name: &str) -> Result<Option<(String, String)>, Error> {
        let Some(value) = self.left.remove(name) else {
            return Ok(None);
        };
        let texts = value.as_array().map(Vec::as_slice);
        match texts {
            Some([Value::String(first), Value::String(second)]) => {
                Ok(Some((first.clone(), second.clone())))
            }
            _ => Err(unfit(name, "a list of two texts")),
        }
    }

    /// Takes all texts of a map, such as `headers.`.
    #[cfg(any(feature = "gcs", feature = "http", feature = "webdav"))]
    pub(super) fn group(&mut self, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        let is_in = |name: &&String| name.starts_with(prefix);
        let names: Vec<_> = self.left.keys().filter(is_in).cloned().collect();
        let mut found = Vec::new();
        for name in names {
            if let Some(text) = self.text(&name)? {
                found.push((name[prefix.len()..].to_owned(), text));
            }
        }
        Ok(found)
    }

    /// Takes what only says how fast Python is.
    pub(super) fn pass_over(&mut self, names: &[&str]) {
        for name in names {
            self.left.remove(*name);
        }
    }

    /// All settings were asked for.
    pub(super) fn finish(self) -> Result<(), Error> {
        if self.left.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = self.left.keys().map(|name| format!("`{name}`")).collect();
        let text = format!(
            "{} is not a setting that is known here of a storage of the scheme `{}`",
            names.join(", "),
            self.scheme
        );
        Err(Error::invalid(text))
    }
}

/// The value is not shown: it may be a secret.
fn unfit(name: &str, what: &str) -> Error {
    Error::invalid(format!("the setting `{name}` of a storage is {what}"))
}

/// What Python takes as not given is left out.
fn collect<'a>(name: &str, value: &'a Value, into: &mut BTreeMap<String, &'a Value>) {
    match value {
        Value::Null => {}
        Value::Object(inner) => {
            for (key, value) in inner {
                collect(&format!("{name}.{key}"), value, into);
            }
        }
        value => drop(into.insert(name.to_owned(), value)),
    }
}

/// These say where the storage is, which everybody may read.
const SHOWN: [&str; 4] = [
    "account_host",
    "account_name",
    "endpoint_url",
    "region_name",
];

/// All texts in the settings that may be secrets: none of them is shown.
pub(super) fn secrets(settings: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = Vec::new();
    let mut maps = vec![settings];
    loop {
        if let Some(map) = maps.pop() {
            let hidden = map
                .iter()
                .filter(|(name, _)| !SHOWN.contains(&name.as_str()));
            open.extend(hidden.map(|(_, value)| value));
        }
        match open.pop() {
            Some(Value::String(text)) => found.push(text.clone()),
            Some(Value::Array(values)) => open.extend(values),
            Some(Value::Object(map)) => maps.push(map),
            Some(Value::Null | Value::Bool(_) | Value::Number(_)) => {}
            None => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_nobody_asks_for_is_named() {
        let given = map(
            &json!({"key": "k", "client_kwargs": {"a": {"b": 1}, "none": null}, "more": [1], "empty": {}}),
        );
        let mut settings = Settings::new("s3", &given);
        assert_eq!(settings.text("key").unwrap().as_deref(), Some("k"));
        let error = settings.finish().unwrap_err();
        assert!(error.is_invalid());
        let text = error.to_string();
        assert!(
            text.contains("`client_kwargs.a.b`, `more`") && text.contains("`s3`"),
            "{text}"
        );
    }

    #[test]
    fn a_value_of_another_kind_is_not_shown() {
        let given = map(
            &json!({"key": ["s3cret"], "anon": "s3cret", "time": "s3cret", "a": "s3cret", "b": "0ther"}),
        );
        let mut settings = Settings::new("s3", &given);
        for error in [
            settings.text("key").unwrap_err(),
            settings.flag("anon").unwrap_err(),
            settings.seconds("time").unwrap_err(),
            settings.one_of(&["a", "b"]).unwrap_err(),
        ] {
            assert!(
                error.is_invalid() && !error.to_string().contains("s3cret"),
                "{error}"
            );
        }
    }
}
