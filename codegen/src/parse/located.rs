//! Where a place of a description stands in its text.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::yaml;
use crate::pointer::Pointer;

/// A place in a text: its line and the character in it, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// The position of each pointer, or of the innermost of the keys on its way that are there; nothing where none is. JSON is
/// YAML, too.
pub(crate) fn positions(text: &str, pointers: &[&Pointer]) -> Vec<Option<Position>> {
    let found = yaml::on_large_stack(|| look(text, pointers));
    found.unwrap_or_else(|_| vec![None; pointers.len()])
}

fn look(text: &str, pointers: &[&Pointer]) -> Vec<Option<Position>> {
    let keys: Vec<Vec<String>> = pointers.iter().map(|it| it.keys().collect()).collect();
    let wanted = keys.iter().map(Vec::as_slice).enumerate().collect();
    let found = RefCell::new(vec![None; pointers.len()]);
    let seek = Seek {
        wanted,
        found: &found,
    };
    // What can't be read has the positions that were found before.
    let _ = serde_saphyr::with_deserializer_from_str_with_options(text, yaml::options(), |de| {
        seek.deserialize(de)
    });
    found.into_inner()
}

/// Looks for what is left of some pointers, each with its number.
struct Seek<'s> {
    wanted: Vec<(usize, &'s [String])>,
    found: &'s RefCell<Vec<Option<Position>>>,
}

/// What is to be looked for below each key.
type Below<'s> = HashMap<&'s str, Vec<(usize, &'s [String])>>;

impl<'s> Seek<'s> {
    /// Made once for all keys of a place: there may be as many pointers as keys.
    fn below(&self) -> Below<'s> {
        let mut below = Below::new();
        for (number, keys) in &self.wanted {
            if let Some((first, rest)) = keys.split_first() {
                let same = below.entry(first.as_str()).or_default();
                same.push((*number, rest));
            }
        }
        below
    }

    fn at(&self, key: &str, below: &Below<'s>) -> Self {
        Self {
            wanted: below.get(key).cloned().unwrap_or_default(),
            found: self.found,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.wanted.iter().all(|(_, keys)| keys.is_empty()) {
            let ignored = deserializer.deserialize_ignored_any(IgnoredAny);
            return ignored.map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
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
        let below = self.below();
        let mut index = 0_usize;
        while items
            .next_element_seed(self.at(&index.to_string(), &below))?
            .is_some()
        {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let all = self.below();
        while let Some(key) = entries.next_key::<Spanned<Option<String>>>()? {
            let below = self.at(key.value.as_deref().unwrap_or_default(), &all);
            let position = Position {
                line: key.referenced.line(),
                column: key.referenced.column(),
            };
            for (number, _) in &below.wanted {
                self.found.borrow_mut()[*number] = Some(position);
            }
            entries.next_value_seed(below)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, positions};
    use crate::pointer::Pointer;

    fn position(text: &str, pointer: &str) -> Option<(u64, u64)> {
        let found = positions(text, &[&Pointer::from(pointer)]);
        found[0].map(|Position { line, column }| (line, column))
    }

    #[test]
    fn a_key_has_a_line_and_a_column() {
        let yaml = "a: 1\npaths:\n  /b~c/d:\n    get:\n      - x: 1\n      - x: [{y: 2}]\n";
        assert_eq!(position(yaml, "/paths/~1b~0c~1d/get"), Some((4, 5)));
        assert_eq!(position(yaml, "/paths/~1b~0c~1d/get/1/x"), Some((6, 9)));
        assert_eq!(
            position(yaml, "/paths/~1b~0c~1d/get/1/x/0/y"),
            Some((6, 14))
        );
        let json = "{\n  \"a\": {\"ä\": [],\n    \"b\": null}\n}";
        assert_eq!(position(json, "/a/b"), Some((3, 5)));
    }

    #[test]
    fn what_is_not_there_is_missing_in_what_is() {
        let yaml = "info:\n  title: t\n";
        assert_eq!(position(yaml, "/info/version"), Some((1, 1)));
        assert_eq!(position(yaml, "/gone"), None);
        assert_eq!(position("{", "/gone"), None);
        assert_eq!(position("", ""), None);
    }
}
