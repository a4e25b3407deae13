//! JSON as the stages hold it. A description is millions of small objects, and each of `serde_json`'s maps takes as much room
//! as eleven entries do: what walks over a large one waits for memory, most of which holds nothing.

mod index;
mod map;
mod text;

pub use serde_json::Number;

use self::index::Index;
pub use self::map::{Key, Map};
pub(crate) use self::text::{Reading, TWICE};

/// Any JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// An object.
    Object(Map),
}

/// JSON as it is written, whose values are anything that becomes one.
macro_rules! json {
    (@list [$($done:expr,)*]) => { vec![$($done),*] };
    (@list [$($done:expr,)*] [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $crate::json::json!(@list [$($done,)* $crate::json::json!([$($inner)*]),] $($($rest)*)?)
    };
    (@list [$($done:expr,)*] {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $crate::json::json!(@list [$($done,)* $crate::json::json!({$($inner)*}),] $($($rest)*)?)
    };
    (@list [$($done:expr,)*] $item:expr $(, $($rest:tt)*)?) => {
        $crate::json::json!(@list [$($done,)* $crate::json::Value::from($item),] $($($rest)*)?)
    };
    (@object $map:ident) => {};
    (@object $map:ident $key:tt : [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::json::json!([$($inner)*]));
        $crate::json::json!(@object $map $($($rest)*)?)
    };
    (@object $map:ident $key:tt : {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::json::json!({$($inner)*}));
        $crate::json::json!(@object $map $($($rest)*)?)
    };
    (@object $map:ident $key:tt : $value:expr $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::json::Value::from($value));
        $crate::json::json!(@object $map $($($rest)*)?)
    };
    ([$($items:tt)*]) => { $crate::json::Value::Array($crate::json::json!(@list [] $($items)*)) };
    ({}) => { $crate::json::Value::Object($crate::json::Map::new()) };
    ({$($entries:tt)*}) => {{
        let mut map = $crate::json::Map::new();
        $crate::json::json!(@object map $($entries)*);
        $crate::json::Value::Object(map)
    }};
    ($value:expr) => { $crate::json::Value::from($value) };
}

pub(crate) use json;

impl Value {
    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is true, where it is true or false.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    fn number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The whole number, where it is one of 64 bits with a sign.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.number()?.as_i64()
    }

    /// The whole number, where it is one of 64 bits without a sign.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.number()?.as_u64()
    }

    /// The number, where it is one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.number()?.as_f64()
    }

    /// The list, where it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// As [`as_array`](Self::as_array), to change it.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, where it is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Self::Object(map) => Some(map),
            _ => None,
        }
    }

    /// As [`as_object`](Self::as_object), to change it.
    pub fn as_object_mut(&mut self) -> Option<&mut Map> {
        match self {
            Self::Object(map) => Some(map),
            _ => None,
        }
    }

    /// The items of a list; what is none has none.
    #[must_use]
    pub fn items(&self) -> impl DoubleEndedIterator<Item = &Self> + Clone {
        self.as_array().into_iter().flatten()
    }

    /// The entries of an object; what is none has none.
    #[must_use]
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (&str, &Self)> + Clone {
        self.as_object().into_iter().flatten()
    }

    /// Takes a key out, of itself and of all that it holds.
    pub fn remove_everywhere(&mut self, key: &str) {
        match self {
            Self::Object(map) => {
                map.remove(key);
                map.values_mut()
                    .for_each(|child| child.remove_everywhere(key));
            }
            Self::Array(items) => items
                .iter_mut()
                .for_each(|item| item.remove_everywhere(key)),
            _ => {}
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is true or false.
    #[must_use]
    pub fn is_boolean(&self) -> bool {
        matches!(self, Self::Bool(_))
    }

    /// Whether it is a number.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Whether it is a text.
    #[must_use]
    pub fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// Whether it is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether it is a whole number of 64 bits with a sign.
    #[must_use]
    pub fn is_i64(&self) -> bool {
        self.as_i64().is_some()
    }

    /// Takes it, and leaves null.
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// The entry of a key, or the item of a number.
    #[must_use]
    pub fn get(&self, index: impl Index) -> Option<&Self> {
        index.of(self)
    }

    /// As [`get`](Self::get), to change it.
    pub fn get_mut(&mut self, index: impl Index) -> Option<&mut Self> {
        index.of_mut(self)
    }

    /// What a JSON pointer leads to.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        steps(pointer)?.try_fold(self, |value, key| match value {
            Self::Object(map) => map.get(&key),
            Self::Array(items) => items.get(item(&key)?),
            _ => None,
        })
    }

    /// As [`pointer`](Self::pointer), to change it.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        steps(pointer)?.try_fold(self, |value, key| match value {
            Self::Object(map) => map.get_mut(&key),
            Self::Array(items) => items.get_mut(item(&key)?),
            _ => None,
        })
    }
}

/// The keys of a pointer; nothing where it is none.
fn steps(pointer: &str) -> Option<impl Iterator<Item = std::borrow::Cow<'_, str>>> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    Some(pointer.split('/').skip(1).map(|key| {
        if key.contains('~') {
            key.replace("~1", "/").replace("~0", "~").into()
        } else {
            key.into()
        }
    }))
}

/// The number of an item: no sign, and no zero before it.
fn item(key: &str) -> Option<usize> {
    if key.starts_with('+') || key.starts_with('0') && key.len() > 1 {
        return None;
    }
    key.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Value;

    /// Each beside what `serde_json` makes of it.
    #[test]
    fn it_is_read_and_written_as_ever() {
        for text in [
            r#"{"b":[1,-2,1.5,1e300,18446744073709551615],"a":{"type":"x","~/":null,"":{}},"é\u0000":true}"#,
            "[[],{},\"\",false]",
            "1.0",
        ] {
            let ours: Value = serde_json::from_str(text).unwrap();
            let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(ours.to_string(), theirs.to_string());
            for pointer in [
                "", "/a/~0~1", "/b/1", "/b/01", "/b/+1", "/b/9", "/a/", "b", "/1",
            ] {
                let found = ours.pointer(pointer).map(Value::to_string);
                let expected = theirs.pointer(pointer).map(serde_json::Value::to_string);
                assert_eq!(found, expected, "{pointer}");
            }
            assert_eq!(serde_json::Value::from(ours), theirs);
        }
    }

    #[test]
    fn it_is_written_as_json_is() {
        let (name, list) = ("n", vec!["a", "b"]);
        let value =
            json!({ "x": [1, { "y": {} }, []], "name": name, "list": list, "none": None::<bool> });
        let text = r#"{"list":["a","b"],"name":"n","none":null,"x":[1,{"y":{}},[]]}"#;
        assert_eq!(value.to_string(), text);
        assert_eq!(value["x"][1]["y"], json!({}));
        assert!(value["x"][9]["z"].is_null());
    }
}
