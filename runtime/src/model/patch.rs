//! A field of an update: absent is not null.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of an update that can be left out, cleared, or given a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The field is left out: the server keeps what it has.
    #[default]
    Absent,
    /// The field is sent as `null`: the server clears what it has.
    Null,
    /// The field is sent with this value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field is left out.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the field is sent as `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, where there is one.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value itself, where there is one.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The same with a reference to the value.
    #[must_use]
    pub const fn as_ref(&self) -> Patch<&T> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(value),
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_clears_and_a_value_sets() {
        assert_eq!(Patch::<i64>::from(None), Patch::Null);
        assert_eq!(Patch::from(Some(3)), Patch::Value(3));
        assert_eq!(Patch::from(3), Patch::Value(3));
        assert_eq!(Patch::<String>::from("a").value(), Some(&"a".to_owned()));
        assert!(Patch::<i64>::default().is_absent());
    }

    #[test]
    fn null_and_values_are_read_and_written() {
        assert_eq!(
            serde_json::from_str::<Patch<i64>>("null").unwrap(),
            Patch::Null
        );
        assert_eq!(
            serde_json::from_str::<Patch<i64>>("3").unwrap(),
            Patch::Value(3)
        );
        assert_eq!(
            serde_json::to_string(&Patch::<i64>::Absent).unwrap(),
            "null"
        );
        assert_eq!(serde_json::to_string(&Patch::Value(3)).unwrap(), "3");
    }
}
