//! How generated unions find the variant that they hold.

use serde::de::{self, DeserializeOwned};

use serde_json::Value;

/// The text of the tag `name`, where the value is an object that has one.
#[must_use]
pub fn tag<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// Reads a variant that the tag has named.
///
/// # Errors
/// The value does not have the variant's form.
pub fn read<T: DeserializeOwned, E: de::Error>(value: Value) -> Result<T, E> {
    T::deserialize(value).map_err(|error| custom(&error))
}

/// Whether the value can be of a variant that always has this text: the text is there, or nothing is.
#[must_use]
pub fn agrees(value: &Value, name: &str, text: &str) -> bool {
    value.get(name).is_none_or(|found| found == text)
}

/// Reads a variant, if the value has its form.
#[must_use]
pub fn matches<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// The beginning tells the error from one that the parser raises itself, which says where it stands.
fn custom<E: de::Error>(error: &serde_json::Error) -> E {
    E::custom(format_args!("the variant does not fit: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tag_is_text_in_an_object() {
        assert_eq!(tag(&json!({"type": "a"}), "type"), Some("a"));
        assert_eq!(tag(&json!({"type": 1}), "type"), None);
        assert_eq!(tag(&json!("type"), "type"), None);
        assert_eq!(tag(&json!(["type"]), "type"), None);
    }

    #[test]
    fn another_text_is_of_another_variant() {
        assert!(agrees(&json!({"kind": "a"}), "kind", "a"));
        assert!(agrees(&json!({}), "kind", "a"));
        assert!(!agrees(&json!({"kind": "b"}), "kind", "a"));
    }

    #[test]
    fn a_variant_is_read_or_says_why_not() {
        assert_eq!(read::<i64, serde_json::Error>(json!(3)).unwrap(), 3);
        let error = read::<i64, serde_json::Error>(json!("x")).unwrap_err();
        assert!(error.to_string().contains("expected i64"), "{error}");
        assert_eq!(matches::<bool>(&json!(true)), Some(true));
        assert_eq!(matches::<bool>(&json!(1)), None);
    }
}
