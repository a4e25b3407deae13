//! How generated open enums are read: a text that nobody knows is kept, not refused.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, Visitor};

/// Reads a text and turns it into the enum; the enum's `From<&str>` keeps what it does not know.
///
/// # Errors
/// The input is not a text.
pub fn read<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    deserializer.deserialize_str(TextVisitor(PhantomData))
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: for<'a> From<&'a str>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn any_text_is_read_and_other_input_is_refused() {
        assert_eq!(read::<_, String>(json!("NEW")).unwrap(), "NEW");
        let error = read::<_, String>(json!(1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid type: integer `1`, expected a string"
        );
    }
}
