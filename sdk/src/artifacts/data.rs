//! What each kind of artifact says, as Prefect writes it.

use serde::Serialize;
use serde_json::Value;

use crate::Error;

/// What an artifact says, with the type that tells Prefect's pages how to show it.
///
/// ```
/// use prefect_sdk::artifacts::ArtifactData;
///
/// let data = ArtifactData::table(&[("Ada", 36), ("Grace", 40)])?;
/// assert_eq!(data.type_.as_deref(), Some("table"));
/// assert_eq!(data.value, r#"[["Ada",36],["Grace",40]]"#);
/// # Ok::<(), prefect_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ArtifactData {
    /// The type: `markdown` (links too), `table`, `progress`, `image`, one of your own, or none.
    pub type_: Option<String>,
    /// The data as it travels. Tables, and what [`json`](Self::json) makes, are texts that hold JSON.
    pub value: Value,
}

/// A link, with the text that is shown for it.
///
/// ```
/// use prefect_sdk::artifacts::{ArtifactData, Link};
///
/// let data = ArtifactData::link(&Link::new("https://prefect.io").text("Prefect"));
/// assert_eq!(data.value, "[Prefect](https://prefect.io)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// Where it leads. It is not checked.
    pub url: String,
    /// The text; the URL unless set, or if empty.
    pub text: Option<String>,
}

impl Link {
    /// A link that is shown as its URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            text: None,
        }
    }

    /// Sets the text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}

impl<T: Into<String>> From<T> for Link {
    fn from(url: T) -> Self {
        Self::new(url)
    }
}

impl ArtifactData {
    /// A link, which Prefect keeps as Markdown.
    #[must_use]
    pub fn link(link: &Link) -> Self {
        let text = link.text.as_ref().filter(|text| !text.is_empty());
        let text = text.unwrap_or(&link.url);
        Self::markdown(format!("[{text}]({})", link.url))
    }

    /// A text in Markdown.
    #[must_use]
    pub fn markdown(text: impl Into<String>) -> Self {
        Self::of_type("markdown", text.into())
    }

    /// A table: a list of rows, each a list or a map (a struct), or a map from columns to lists. NaN becomes null; so do
    /// the infinities, which Python's Prefect writes in a way that is no JSON.
    ///
    /// # Errors
    ///
    /// What was given can't be JSON, or has another shape ([`Error::is_invalid`]).
    pub fn table<T: Serialize + ?Sized>(table: &T) -> Result<Self, Error> {
        // Through a text, not through a `Value`: the columns keep their order. A cell that is no number is null, as in
        // Python's tables.
        let text = serde_json::to_string(table)
            .map_err(|error| Error::invalid("the table can't be JSON").because(error))?;
        let value: Value = serde_json::from_str(&text)
            .map_err(|error| Error::invalid("the table can't be JSON").because(error))?;
        if !is_table(&value) {
            return Err(Error::invalid(
                "a table is a list of rows (all lists, or all maps), or a map from columns to lists",
            ));
        }
        Ok(Self::of_type("table", text))
    }

    /// Progress in percent, from 0 to 100. What is outside becomes the nearer end, with a warning.
    ///
    /// # Errors
    ///
    /// It is not a number ([`Error::is_invalid`]).
    pub fn progress(percent: f64) -> Result<Self, Error> {
        if percent.is_nan() {
            return Err(Error::invalid("the progress is not a number"));
        }
        let clamped = percent.clamp(0.0, 100.0);
        if !(0.0..=100.0).contains(&percent) {
            tracing::warn!("a progress of {percent}% is taken as {clamped}%");
        }
        Ok(Self::of_type("progress", clamped))
    }

    /// An image at a URL that everybody can read. As in Prefect, the URL is not checked.
    #[must_use]
    pub fn image(url: impl Into<String>) -> Self {
        Self::of_type("image", url.into())
    }

    /// Anything, kept as a text that holds JSON, without a type: see [`type_`](Self::type_).
    ///
    /// # Errors
    ///
    /// What was given can't be JSON ([`Error::is_invalid`]).
    pub fn json<T: Serialize + ?Sized>(data: &T) -> Result<Self, Error> {
        Ok(Self {
            type_: None,
            value: Value::from(to_json("the data of the artifact", data)?),
        })
    }

    /// Sets the type.
    #[must_use]
    pub fn type_(mut self, type_: impl Into<String>) -> Self {
        self.type_ = Some(type_.into());
        self
    }

    fn of_type(type_: &str, value: impl Into<Value>) -> Self {
        Self {
            type_: Some(type_.to_owned()),
            value: value.into(),
        }
    }
}

/// Whether a key has lower case letters, digits and dashes only.
///
/// Prefect takes an empty key, too, and then treats the artifact as one without a key. It is refused here.
pub(super) fn check_key(key: &str) -> Result<(), Error> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !key.is_empty() && key.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the artifact's key {key:?} must have lower case letters, digits and dashes, and nothing else"
    )))
}

fn to_json<T: Serialize + ?Sized>(what: &str, value: &T) -> Result<String, Error> {
    prefect_client::json::to_string(value)
        .map_err(|error| Error::invalid(format!("{what} can't be JSON")).because(error))
}

fn is_table(value: &Value) -> bool {
    match value {
        Value::Array(rows) => rows.iter().all(Value::is_array) || rows.iter().all(Value::is_object),
        Value::Object(columns) => columns.values().all(Value::is_array),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Serialize)]
    struct Row {
        name: &'static str,
        age: f64,
    }

    #[test]
    fn a_table_keeps_the_order_of_its_columns_and_has_null_for_what_is_no_number() {
        let row = |name, age| Row { name, age };
        let table = ArtifactData::table(&[row("Ada", 36.5), row("Nobody", f64::NAN)]).unwrap();
        assert_eq!(table.type_.as_deref(), Some("table"));
        assert_eq!(
            table.value,
            r#"[{"name":"Ada","age":36.5},{"name":"Nobody","age":null}]"#
        );
        let columns = BTreeMap::from([("a", vec![1.0]), ("b", vec![f64::INFINITY])]);
        let table = ArtifactData::table(&columns).unwrap();
        assert_eq!(table.value, r#"{"a":[1.0],"b":[null]}"#);
        let empty: [Row; 0] = [];
        assert_eq!(ArtifactData::table(&empty).unwrap().value, "[]");
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let mixed = serde_json::json!([[1], {"a": 1}]);
        for value in [mixed, 3.into(), vec![1].into(), "text".into()] {
            let error = ArtifactData::table(&value).unwrap_err();
            assert!(error.is_invalid(), "{value}");
        }
        let error = ArtifactData::table(&serde_json::json!({"a": 1})).unwrap_err();
        assert!(error.to_string().contains("columns"), "{error}");
        let keys = BTreeMap::from([((1, 2), vec![1])]);
        let error = ArtifactData::table(&keys).unwrap_err();
        assert!(error.to_string().contains("can't be JSON"), "{error}");
        assert!(ArtifactData::json(&keys).unwrap_err().is_invalid());
    }

    #[test]
    fn progress_stays_between_its_ends() {
        for (given, taken) in [
            (-1.0, 0.0),
            (0.0, 0.0),
            (12.5, 12.5),
            (100.1, 100.0),
            (f64::INFINITY, 100.0),
        ] {
            let progress = ArtifactData::progress(given).unwrap();
            assert_eq!(progress.value, taken, "{given}");
        }
        assert!(ArtifactData::progress(f64::NAN).unwrap_err().is_invalid());
    }

    #[test]
    fn a_link_without_a_text_shows_its_url() {
        let bare = ArtifactData::link(&Link::from("https://a.b"));
        assert_eq!(bare.value, "[https://a.b](https://a.b)");
        assert_eq!(bare, ArtifactData::link(&Link::new("https://a.b").text("")));
        assert_eq!(bare.type_.as_deref(), Some("markdown"));
    }

    #[test]
    fn keys_are_lower_case_letters_digits_and_dashes() {
        for key in ["a", "report-2", "-"] {
            check_key(key).unwrap();
        }
        for key in ["", "A", "a_b", "a b", "ä", "a\n"] {
            assert!(check_key(key).unwrap_err().is_invalid(), "{key:?}");
        }
    }
}
