//! When two JSON values say the same.

use serde_json::Value;

use crate::sample::{EXTRA, NEW_TEXT};

/// What a value may say differently after it was read and written again.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is asked for on its own"
)]
pub struct Leave {
    /// Null may be absent.
    pub nulls: bool,
    /// Fields that the description does not know may be absent.
    pub new_fields: bool,
    /// What was absent may have its default.
    pub defaults: bool,
    /// A constant that is no union's tag may be as the description has it.
    pub constants: bool,
}

/// Whether `after` says what `before` said, but for what it is given leave to.
#[must_use]
pub fn is_same(before: &Value, after: &Value, leave: Leave) -> bool {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let is_kept = one.iter().all(|(key, value)| match other.get(key) {
                Some(after) => is_same(value, after, leave),
                None => leave.nulls && value.is_null() || leave.new_fields && key == EXTRA,
            });
            is_kept && (leave.defaults || other.keys().all(|key| one.contains_key(key)))
        }
        (Value::Array(one), Value::Array(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(one, other)| is_same(one, other, leave))
        }
        (Value::String(text), Value::String(_)) if leave.constants && text == NEW_TEXT => true,
        _ => before == after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_is_forgiven_without_leave() {
        let strict = Leave::default();
        assert!(is_same(
            &json!({ "a": [1, null] }),
            &json!({ "a": [1, null] }),
            strict
        ));
        assert!(!is_same(&json!({ "a": null }), &json!({}), strict));
        assert!(!is_same(&json!({}), &json!({ "a": 1 }), strict));
        assert!(!is_same(&json!([1]), &json!([1, 2]), strict));
        assert!(!is_same(&json!({ EXTRA: 1 }), &json!({}), strict));
        assert!(!is_same(&json!(NEW_TEXT), &json!("old"), strict));
    }

    #[test]
    fn each_leave_forgives_one_thing() {
        let leave = Leave {
            nulls: true,
            ..Leave::default()
        };
        assert!(is_same(&json!([{ "a": null }]), &json!([{}]), leave));
        assert!(!is_same(&json!({ "a": 1 }), &json!({}), leave));
        let leave = Leave {
            defaults: true,
            ..Leave::default()
        };
        assert!(is_same(&json!({}), &json!({ "a": 1 }), leave));
        let leave = Leave {
            new_fields: true,
            ..Leave::default()
        };
        assert!(is_same(&json!({ EXTRA: 1 }), &json!({}), leave));
        let leave = Leave {
            constants: true,
            ..Leave::default()
        };
        assert!(is_same(&json!(NEW_TEXT), &json!("old"), leave));
    }
}
