//! Keys that an object of the description has twice: the last one is read, and that is said.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::yaml;
use crate::error::Problem;
use crate::json::{TWICE, Value};
use crate::pointer::Pointer;

/// How many are named.
const NAMED: usize = 100;

/// Takes the marks out again that reading leaves where a key comes twice, and names these keys with their lines.
pub(super) fn take(document: &mut Value, text: &str) -> Vec<Problem> {
    let mut marked = Vec::new();
    unmark(document, &Pointer::root(), &mut marked);
    let mut found = Vec::new();
    let look = || {
        // What can't be read to its end has those that were found before.
        let _ =
            serde_saphyr::with_deserializer_from_str_with_options(text, yaml::options(), |de| {
                let place = Pointer::root();
                let found = &mut found;
                Look { place, found }.deserialize(de)
            });
    };
    // Without a thread, the objects are named.
    let _ = yaml::on_large_stack(look);
    if found.is_empty() {
        let rule = "a key of this object comes twice; what it says first is passed over";
        let named = |pointer| Problem {
            pointer,
            rule: rule.to_owned(),
        };
        return marked.into_iter().take(NAMED).map(named).collect();
    }
    found
}

fn unmark(value: &mut Value, place: &Pointer, marked: &mut Vec<Pointer>) {
    match value {
        Value::Object(map) => {
            if map.remove(TWICE).is_some() {
                marked.push(place.clone());
            }
            for (key, child) in map.iter_mut() {
                unmark(child, &place.child(key), marked);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter_mut().enumerate() {
                unmark(child, &place.child(index), marked);
            }
        }
        _ => {}
    }
}

/// Looks for keys that come twice below a place.
struct Look<'l> {
    place: Pointer,
    found: &'l mut Vec<Problem>,
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
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
        loop {
            let look = Look {
                place: self.place.child(index),
                found: &mut *self.found,
            };
            if items.next_element_seed(look)?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut lines = HashMap::new();
        while let Some(key) = entries.next_key::<Spanned<Option<String>>>()? {
            let line = key.referenced.line();
            let name = key.value.unwrap_or_else(|| "null".to_owned());
            let place = self.place.child(&name);
            if let Some(first) = lines.insert(name, line)
                && self.found.len() < NAMED
            {
                self.found.push(Problem {
                    pointer: place.clone(),
                    rule: format!(
                        "the key stands in lines {first} and {line} of one object; what line {first} says is passed over"
                    ),
                });
            }
            let found = &mut *self.found;
            entries.next_value_seed(Look { place, found })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::parse_and_tell;

    #[test]
    fn a_key_that_comes_twice_is_named_with_both_lines() {
        let yaml = "openapi: 3.1.0\npaths:\n  /a: {get: {}}\n  /b: &b {x: 1}\n  /a:\n    <<: *b\n    x: 2\n    post: {}\n";
        let json = "{\"openapi\": \"3.1.0\",\n\"paths\": {\"/a\": {\"get\": {}},\n\"/b\": {\"x\": 1},\n\n\"/a\": {\"post\": {}, \"x\": 2}}}";
        for (text, lines) in [(yaml, "3 and 5"), (json, "2 and 5")] {
            let (document, twice) = parse_and_tell(text).unwrap();
            let expected = crate::json::json!({ "post": {}, "x": 2 });
            assert_eq!(document["paths"]["/a"], expected);
            let [only] = twice.as_slice() else {
                panic!("{twice:?}");
            };
            assert_eq!(only.pointer.as_str(), "/paths/~1a");
            assert!(
                only.rule.contains(&format!("lines {lines} ")),
                "{}",
                only.rule
            );
        }
        let (_, twice) = parse_and_tell("openapi: 3.1.0\npaths: {}\n").unwrap();
        assert!(twice.is_empty());
    }
}
