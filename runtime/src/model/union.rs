//! How generated unions find the variant that they hold.

use std::borrow::Cow;

use serde::de::{self, DeserializeOwned};

use serde_json::{Number, Value};

use super::object::time;

/// The text of the tag `name`, where the value is an object that has one.
#[must_use]
pub fn tag<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// As [`tag`]; a number or a flag is as JSON writes it, and `1.0` is `1`.
#[must_use]
pub fn scalar_tag<'v>(value: &'v Value, name: &str) -> Option<Cow<'v, str>> {
    match value.get(name)? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Number(number) => {
            let mut text = number.to_string();
            if text.ends_with(".0") {
                text.truncate(text.len() - 2);
            }
            Some(Cow::Owned(text))
        }
        _ => None,
    }
}

/// Reads a variant that the tag has named.
///
/// # Errors
/// The value does not have the variant's form.
pub fn read<T: DeserializeOwned, E: de::Error>(value: Value) -> Result<T, E> {
    T::deserialize(value).map_err(|error| custom(&error))
}

/// Whether the value can be of a variant that always has this text, number or flag: it is there, or nothing is.
#[must_use]
pub fn agrees(value: &Value, name: &str, constant: impl Into<Value>) -> bool {
    value.get(name).is_none_or(|found| {
        let constant = constant.into();
        // `1.0` is `1`.
        *found == constant || found.is_number() && found.as_f64() == constant.as_f64()
    })
}

/// What a variant reads of an object.
#[derive(Clone, Copy, Debug)]
pub enum Fields<'n> {
    /// These fields.
    Only(&'n [&'n str]),
    /// These, and all others by their names.
    AndOthers(&'n [&'n str]),
}

impl Fields<'_> {
    /// How many fields of an object, or of the objects of a list, it loses, and how many it has no name for.
    fn misses(&self, value: &Value) -> (usize, usize) {
        if let Value::Array(items) = value {
            let each = items.iter().filter(|item| item.is_object());
            return each
                .map(|item| self.misses(item))
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        }
        let (Self::Only(names) | Self::AndOthers(names)) = self;
        let fields = value.as_object().into_iter().flat_map(|map| map.keys());
        let unnamed = fields
            .filter(|field| !names.contains(&field.as_str()))
            .count();
        match self {
            Self::Only(_) => (unnamed, unnamed),
            Self::AndOthers(_) => (0, unnamed),
        }
    }
}

/// The variants in the order in which they are tried: those first that read most of the value.
#[must_use]
pub fn by_fields(value: &Value, variants: &[Fields<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..variants.len()).collect();
    order.sort_by_cached_key(|variant| variants[*variant].misses(value));
    order
}

/// Reads a variant, if the value has its form. In an object or a list, `1.0` is a whole number too.
#[must_use]
pub fn matches<T: DeserializeOwned + 'static>(value: &Value) -> Option<T> {
    let read = time::read(value).ok();
    if read.is_some() || value.is_number() || !has_whole_float(value) {
        return read;
    }
    let mut value = value.clone();
    make_whole(&mut value);
    time::read(value).ok()
}

fn has_whole_float(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(has_whole_float),
        Value::Array(items) => items.iter().any(has_whole_float),
        Value::Number(number) => as_whole(number).is_some(),
        _ => false,
    }
}

fn make_whole(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(make_whole),
        Value::Array(items) => items.iter_mut().for_each(make_whole),
        Value::Number(number) => {
            if let Some(whole) = as_whole(number) {
                *number = whole.into();
            }
        }
        _ => {}
    }
}

/// The whole number that a float is, as far as floats can say each of them.
fn as_whole(number: &Number) -> Option<i64> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|_| number.is_f64())?;
    let is_whole = float.fract() == 0.0 && float.abs() <= LARGEST;
    is_whole.then(|| format!("{float:.0}").parse().ok())?
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
    fn a_tag_may_be_a_number_or_a_flag() {
        for (value, text) in [
            (json!({"v": 1}), "1"),
            (json!({"v": 1.0}), "1"),
            (json!({"v": -1.5}), "-1.5"),
            (json!({"v": true}), "true"),
            (json!({"v": "1"}), "1"),
        ] {
            assert_eq!(scalar_tag(&value, "v").as_deref(), Some(text), "{value}");
        }
        assert_eq!(scalar_tag(&json!({"v": null}), "v"), None);
        assert!(agrees(&json!({"v": 2.0}), "v", 2));
        assert!(!agrees(&json!({"v": 2}), "v", 3));
        assert!(!agrees(&json!({"v": "true"}), "v", true));
    }

    #[test]
    fn another_text_is_of_another_variant() {
        assert!(agrees(&json!({"kind": "a"}), "kind", "a"));
        assert!(agrees(&json!({}), "kind", "a"));
        assert!(!agrees(&json!({"kind": "b"}), "kind", "a"));
    }

    #[test]
    fn the_variant_that_reads_most_is_tried_first() {
        use Fields::{AndOthers, Only};
        let variants = [Only(&["a"]), Only(&["a", "b"]), Only(&["c"])];
        let order = |value| by_fields(&value, &variants);
        assert_eq!(order(json!({"a": 1})), [0, 1, 2]);
        assert_eq!(order(json!({"a": 1, "b": null})), [1, 0, 2]);
        assert_eq!(order(json!({"c": 1, "x": 2})), [2, 0, 1]);
        assert_eq!(order(json!([])), [0, 1, 2]);
        let variants = [Only(&["a"]), AndOthers(&[]), AndOthers(&["a"])];
        let order = |value| by_fields(&value, &variants);
        assert_eq!(order(json!({"a": 1})), [0, 2, 1]);
        assert_eq!(order(json!({"a": 1, "x": 2})), [2, 1, 0]);
        assert_eq!(order(json!({"x": 2})), [1, 2, 0]);
    }

    #[test]
    fn a_variant_is_read_or_says_why_not() {
        assert_eq!(read::<i64, serde_json::Error>(json!(3)).unwrap(), 3);
        let error = read::<i64, serde_json::Error>(json!("x")).unwrap_err();
        assert!(error.to_string().contains("expected i64"), "{error}");
        assert_eq!(matches::<bool>(&json!(true)), Some(true));
        assert_eq!(matches::<bool>(&json!(1)), None);
        assert_eq!(matches::<Vec<i64>>(&json!([1.0, -2.0])), Some(vec![1, -2]));
        assert_eq!(matches::<Vec<i64>>(&json!([1.5])), None);
        assert_eq!(matches::<i64>(&json!(1.0)), None);
    }
}
