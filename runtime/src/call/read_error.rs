//! Why a body could not be read.

use std::error::Error as StdError;
use std::fmt;

use http::header::CONTENT_ENCODING;

use super::answer::Answer;
use super::json_path;

/// Why a body could not be read.
#[derive(Debug)]
pub struct ReadError {
    message: String,
    json_path: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ReadError {
    /// An error with its cause, for readers that are written by hand.
    pub fn new(
        message: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            message: message.into(),
            json_path: None,
            source: Some(source.into()),
        }
    }

    /// The error of a part, such as a line, counted from 0.
    pub(super) fn in_part(mut self, part: &str, index: usize) -> Self {
        self.message = format!("{part} {}: {}", index + 1, self.message);
        self
    }

    pub(crate) fn without_source(message: String) -> Self {
        Self {
            message,
            json_path: None,
            source: None,
        }
    }

    /// The error of a form: its words name the value that could not be read, and do not repeat it.
    pub(super) fn of_form(error: &serde_json::Error) -> Self {
        Self::without_source(without_value(&error.to_string()))
    }

    /// The path of the JSON value that could not be read.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        self.json_path.as_deref()
    }

    /// `text` is what was read: the answer, or what was made of it.
    pub(super) fn json(answer: &Answer, text: &[u8], error: serde_json::Error) -> Self {
        let media_type = answer.media_type();
        let (message, json_path) = match media_type {
            Some(other) if !is_json(&other) => (format!("JSON was expected, {other} came"), None),
            _ if answer.body().is_empty() => {
                ("JSON was expected, an empty body came".to_owned(), None)
            }
            _ => match packed(answer) {
                Some(encoding) => (
                    format!(
                        "it is packed (`content-encoding: {encoding}`), which was not asked for"
                    ),
                    None,
                ),
                None => located(text, &error),
            },
        };
        // Where a value has the wrong form, serde_json's words repeat it, and it may be a secret.
        let source = (!error.is_data()).then(|| error.into());
        Self {
            message,
            json_path,
            source,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for ReadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.source {
            Some(source) => Some(&**source),
            None => None,
        }
    }
}

/// How the body is packed: no transport asks for it, but a proxy may do so all the same.
fn packed(answer: &Answer) -> Option<&str> {
    let encoding = answer.headers().get(CONTENT_ENCODING)?.to_str().ok()?;
    (!encoding.eq_ignore_ascii_case("identity")).then_some(encoding)
}

fn located(body: &[u8], error: &serde_json::Error) -> (String, Option<String>) {
    let words = without_value(&error.to_string());
    match json_path::of(body, error) {
        Some(path) => (format!("{path}: {words}"), Some(path)),
        None => (words, None),
    }
}

/// serde's words without the value that they quote: `invalid type: string "…", expected i64` keeps `string`.
fn without_value(words: &str) -> String {
    for kind in ["invalid type: ", "invalid value: "] {
        if let Some((before, rest)) = words.split_once(kind)
            && let Some((found, expected)) = rest.rsplit_once(", expected ")
        {
            let named = found
                .split(['"', '`'])
                .next()
                .unwrap_or_default()
                .trim_end();
            return format!("{before}{kind}{named}, expected {expected}");
        }
    }
    words.to_owned()
}

fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type == "text/json" || media_type.ends_with("+json")
}
