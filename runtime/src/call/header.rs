//! What an answer has in its headers, as values.

use std::error::Error as StdError;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::Answer;

/// Why a header of an answer gives no value. What it holds is not told, as it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError {
    name: &'static str,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    Missing,
    Form,
}

impl HeaderError {
    /// The header's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the answer does not have it.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.problem == Problem::Missing
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name;
        match self.problem {
            Problem::Missing => write!(f, "the answer has no header `{name}`"),
            Problem::Form => write!(f, "the answer's header `{name}` is not of its type"),
        }
    }
}

impl StdError for HeaderError {}

/// A value that a header's text can say.
pub trait FromHeader: Sized {
    /// The value, where the text says one.
    fn from_header(text: &str) -> Option<Self>;
}

macro_rules! as_written {
    ($($name:ty),*) => {$(
        impl FromHeader for $name {
            fn from_header(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

as_written!(
    String, bool, i32, i64, i128, u64, u128, f32, f64, Uuid, NaiveDate
);

/// As RFC 3339 has it, or as HTTP's own headers do.
impl FromHeader for DateTime<Utc> {
    fn from_header(text: &str) -> Option<Self> {
        let read =
            DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
        read.ok().map(|time| time.to_utc())
    }
}

/// JSON.
impl FromHeader for Value {
    fn from_header(text: &str) -> Option<Self> {
        Self::from_str(text).ok()
    }
}

/// Items by commas.
impl<T: FromHeader> FromHeader for Vec<T> {
    fn from_header(text: &str) -> Option<Self> {
        let items = text.split(',').map(str::trim);
        let items = items.filter(|item| !item.is_empty());
        items.map(T::from_header).collect()
    }
}

/// A header that may not be there.
///
/// # Errors
/// It does not say such a value.
pub fn optional<T: FromHeader>(
    answer: &Answer,
    name: &'static str,
) -> Result<Option<T>, HeaderError> {
    let mut lines = Vec::new();
    for line in answer.headers().get_all(name) {
        lines.push(line.to_str().map_err(|_| form(name))?.trim());
    }
    if lines.is_empty() {
        return Ok(None);
    }
    // Several lines of one name are one list.
    let value = T::from_header(&lines.join(", "));
    value.map(Some).ok_or_else(|| form(name))
}

/// A header that must be there.
///
/// # Errors
/// It is not there, or does not say such a value.
pub fn required<T: FromHeader>(answer: &Answer, name: &'static str) -> Result<T, HeaderError> {
    let missing = HeaderError {
        name,
        problem: Problem::Missing,
    };
    optional(answer, name)?.ok_or(missing)
}

fn form(name: &'static str) -> HeaderError {
    HeaderError {
        name,
        problem: Problem::Form,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

    use super::*;

    fn answer(lines: &[(&'static str, &'static str)]) -> Answer {
        let lines = lines.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, value);
        }
        Answer::new(StatusCode::OK, headers, "")
    }

    #[test]
    fn a_header_is_of_its_type() {
        let answer = answer(&[
            ("x-count", " 12 "),
            ("x-list", "1, 2"),
            ("x-list", "3"),
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("x-json", "{\"a\": 1}"),
            ("x-flag", "true"),
        ]);
        assert_eq!(required::<i64>(&answer, "X-Count"), Ok(12));
        assert_eq!(required::<Vec<i64>>(&answer, "X-List"), Ok(vec![1, 2, 3]));
        let date: DateTime<Utc> = required(&answer, "Date").unwrap();
        assert_eq!(date.to_rfc3339(), "1994-11-06T08:49:37+00:00");
        assert_eq!(required::<Value>(&answer, "X-Json").unwrap()["a"], 1);
        assert_eq!(required::<bool>(&answer, "X-Flag"), Ok(true));
        assert_eq!(optional::<String>(&answer, "X-None"), Ok(None));
    }

    #[test]
    fn one_that_is_missing_or_of_another_form_is_named_without_its_value() {
        let answer = answer(&[("x-count", "hush")]);
        let error = optional::<i64>(&answer, "X-Count").unwrap_err();
        assert_eq!((error.name(), error.is_missing()), ("X-Count", false));
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hush"), "{shown}");
        let error = required::<i64>(&answer, "X-None").unwrap_err();
        assert!(error.is_missing());
        assert_eq!(error.to_string(), "the answer has no header `X-None`");
    }
}
