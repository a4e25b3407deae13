//! A walk through the text of a description, in which each key has its line. JSON is YAML, too.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::Position;
use super::yaml;

/// What is looked for at a place.
pub(super) trait Look: Sized {
    /// Whether it is not looked below this place.
    fn is_over(&self) -> bool {
        false
    }

    /// What is looked for at an item of the list that is here.
    fn item(&self, index: usize) -> Self;

    /// What is looked for behind a key of the object that is here.
    fn entry(&self, key: Option<&str>, position: Position) -> Self;
}

/// Walks through a text, to its end or to where it can't be read.
pub(super) fn walk(text: &str, look: impl Look) {
    // Whoever looks keeps what was found before.
    let _ = serde_saphyr::with_deserializer_from_str_with_options(text, yaml::options(), |de| {
        Walk(look).deserialize(de)
    });
}

struct Walk<L>(L);

impl<'de, L: Look> DeserializeSeed<'de> for Walk<L> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.0.is_over() {
            let ignored = deserializer.deserialize_ignored_any(IgnoredAny);
            return ignored.map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de, L: Look> Visitor<'de> for Walk<L> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_u128<E>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while items.next_element_seed(Walk(self.0.item(index)))?.is_some() {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<Spanned<Option<String>>>()? {
            let position = Position {
                line: key.referenced.line(),
                column: key.referenced.column(),
            };
            let below = self.0.entry(key.value.as_deref(), position);
            entries.next_value_seed(Walk(below))?;
        }
        Ok(())
    }
}
