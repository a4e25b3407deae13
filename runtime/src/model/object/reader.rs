//! Reading an object field by field.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::super::patch::Patch;
use super::time::{Optional, Time, Times};

/// A model that is read from an object.
pub trait FromObject<'de>: Sized {
    /// The model's name, for messages.
    const NAME: &'static str;

    /// Reads the model.
    ///
    /// # Errors
    /// A field is missing or does not have its type.
    fn from_object<A: MapAccess<'de>>(object: &mut ObjectReader<'de, A>) -> Result<Self, A::Error>;
}

/// Reads an object field by field. A key that comes twice is read twice, and the last one wins.
pub struct ObjectReader<'de, A> {
    map: A,
    input: PhantomData<&'de ()>,
}

/// Reads a model from an object.
///
/// # Errors
/// The input is not an object, or does not have the model's form.
pub fn read<'de, T: FromObject<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// The value of a required field.
///
/// # Errors
/// The field was missing.
pub fn required<T, E: de::Error>(name: &'static str, slot: Option<T>) -> Result<T, E> {
    slot.ok_or_else(|| E::missing_field(name))
}

impl<'de, A: MapAccess<'de>> ObjectReader<'de, A> {
    /// The next key, borrowed from the input where that is possible.
    ///
    /// # Errors
    /// The input is malformed.
    pub fn key(&mut self) -> Result<Option<Cow<'de, str>>, A::Error> {
        self.map.next_key_seed(Key)
    }

    /// Reads the value of a required field.
    ///
    /// # Errors
    /// The value does not have its type.
    pub fn value<T: Deserialize<'de> + 'static>(
        &mut self,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        if let Some(slot) = as_slot::<_, DateTime<Utc>>(slot) {
            *slot = Some(self.map.next_value_seed(Time)?);
        } else if let Some(slot) = as_slot::<_, TimeList>(slot) {
            *slot = Some(self.map.next_value_seed(Times::<TimeList>(PhantomData))?);
        } else if let Some(slot) = as_slot::<_, TimeMap>(slot) {
            *slot = Some(self.map.next_value_seed(Times::<TimeMap>(PhantomData))?);
        } else {
            *slot = Some(self.map.next_value()?);
        }
        Ok(())
    }

    /// Reads the value of a required field that can be `null`.
    ///
    /// # Errors
    /// The value does not have its type.
    pub fn nullable<T: Deserialize<'de> + 'static>(
        &mut self,
        slot: &mut Option<Option<T>>,
    ) -> Result<(), A::Error> {
        let mut value = None;
        self.optional(&mut value)?;
        *slot = Some(value);
        Ok(())
    }

    /// Reads the value of an optional field; `null` is the same as a field that is not there.
    ///
    /// # Errors
    /// The value does not have its type.
    pub fn optional<T: Deserialize<'de> + 'static>(
        &mut self,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        if let Some(slot) = as_slot::<_, DateTime<Utc>>(slot) {
            *slot = self.map.next_value_seed(Optional(Time))?;
        } else if let Some(slot) = as_slot::<_, TimeList>(slot) {
            *slot = self
                .map
                .next_value_seed(Optional(Times::<TimeList>(PhantomData)))?;
        } else if let Some(slot) = as_slot::<_, TimeMap>(slot) {
            *slot = self
                .map
                .next_value_seed(Optional(Times::<TimeMap>(PhantomData)))?;
        } else {
            *slot = self.map.next_value()?;
        }
        Ok(())
    }

    /// Reads the value of a field for which absent and `null` differ.
    ///
    /// # Errors
    /// The value does not have its type.
    pub fn patch<T: Deserialize<'de> + 'static>(
        &mut self,
        slot: &mut Patch<T>,
    ) -> Result<(), A::Error> {
        let mut value = None;
        self.optional(&mut value)?;
        *slot = Patch::from(value);
        Ok(())
    }

    /// Reads the value of a key that the model does not name, and keeps it.
    ///
    /// # Errors
    /// The value does not have its type.
    pub fn entry<T: Deserialize<'de> + 'static>(
        &mut self,
        key: Cow<'de, str>,
        entries: &mut BTreeMap<String, T>,
    ) -> Result<(), A::Error> {
        let mut value = None;
        self.value(&mut value)?;
        entries.extend(value.map(|value| (key.into_owned(), value)));
        Ok(())
    }

    /// Passes over the value of a key that the model does not know.
    ///
    /// # Errors
    /// The input is malformed.
    pub fn skip(&mut self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(|_| ())
    }
}

type TimeList = Vec<DateTime<Utc>>;
type TimeMap = BTreeMap<String, DateTime<Utc>>;

/// The slot, if it is one for times. Which one it is, the compiler knows: nothing is left to ask when it runs.
fn as_slot<T: 'static, Times: 'static>(slot: &mut Option<T>) -> Option<&mut Option<Times>> {
    (slot as &mut dyn Any).downcast_mut()
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: FromObject<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} object", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_object(&mut ObjectReader {
            map,
            input: PhantomData,
        })
    }
}

struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }

    fn visit_string<E: de::Error>(self, key: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Flow {
        id: i64,
        parent: Option<i64>,
        tags: Vec<String>,
        description: Patch<String>,
        additional: BTreeMap<String, i64>,
    }

    impl<'de> Deserialize<'de> for Flow {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            read(deserializer)
        }
    }

    impl<'de> FromObject<'de> for Flow {
        const NAME: &'static str = "Flow";

        fn from_object<A: MapAccess<'de>>(
            object: &mut ObjectReader<'de, A>,
        ) -> Result<Self, A::Error> {
            let mut id = None;
            let mut parent = None;
            let mut tags: Option<Vec<String>> = None;
            let mut description = Patch::Absent;
            let mut additional = BTreeMap::new();
            while let Some(key) = object.key()? {
                match &*key {
                    "id" => object.value(&mut id),
                    "parent" => object.nullable(&mut parent),
                    "tags" => object.optional(&mut tags),
                    "description" => object.patch(&mut description),
                    "unknown" => object.skip(),
                    _ => object.entry(key, &mut additional),
                }?;
            }
            Ok(Self {
                id: required("id", id)?,
                parent: required("parent", parent)?,
                tags: tags.unwrap_or_default(),
                description,
                additional,
            })
        }
    }

    fn flow(text: &str) -> Result<Flow, String> {
        serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_are_read_by_their_kind() {
        let text =
            r#"{"id":1,"unknown":{"x":[1]},"parent":null,"tags":null,"description":null,"n":2}"#;
        let expected = Flow {
            id: 1,
            parent: None,
            tags: vec![],
            description: Patch::Null,
            additional: BTreeMap::from([("n".to_owned(), 2)]),
        };
        assert_eq!(flow(text).unwrap(), expected);
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(Flow::deserialize(&value).unwrap(), expected);
        assert_eq!(Flow::deserialize(value).unwrap(), expected);
    }

    #[test]
    fn the_last_of_two_equal_keys_wins_and_escapes_are_understood() {
        let flow = flow(r#"{"id":1,"\u0069d":2,"parent":3,"description":"x"}"#).unwrap();
        assert_eq!((flow.id, flow.parent), (2, Some(3)));
        assert_eq!(flow.description, Patch::from("x"));
    }

    #[test]
    fn errors_name_the_field_or_the_model() {
        let missing = flow(r#"{"id":1}"#).unwrap_err();
        assert!(missing.starts_with("missing field `parent`"), "{missing}");
        let other = flow("[1]").unwrap_err();
        assert!(
            other.starts_with("invalid type: sequence, expected Flow object"),
            "{other}"
        );
        assert!(flow(r#"{"id":1,"#).is_err());
    }
}
