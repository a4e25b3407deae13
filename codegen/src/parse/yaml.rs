//! YAML to JSON, with the habits of those who write it.

use std::cell::Cell;
use std::fmt;

use crate::json::{Map, Number, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// The bytes of the stack on which a description is read that is as deep as it may be.
const STACK: usize = 64 << 20;

/// `OpenAPI` asks for YAML 1.2, where `no` is a word and Norway a country. Reading what is deep takes more stack than a thread
/// may have, so it has one of its own.
pub(super) fn read(text: &str) -> Result<Value, serde_saphyr::Error> {
    on_large_stack(|| read_here(text)).unwrap_or_else(|error| Err(Error::custom(error)))
}

/// Does something on a thread with much stack.
pub(crate) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(scope, work)?.join() {
            Ok(done) => Ok(done),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn read_here(text: &str) -> Result<Value, serde_saphyr::Error> {
    let first = serde_saphyr::from_str_with_options(text, options());
    let Err(error) = first else { return first };
    if matches!(error.without_snippet(), serde_saphyr::Error::Budget { .. }) {
        return Err(error);
    }
    // A key that looks like null, such as a component of that name, is refused where keys are texts.
    let seed = Reading {
        text,
        met: &Cell::new(false),
    };
    let met = seed.met;
    let again = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |de| {
        seed.deserialize(de)
    });
    if met.get() { again } else { Err(error) }
}

/// Large descriptions have millions of nodes. What aliases repeat is bounded by what they come to, and not by how many there
/// are of one anchor: descriptions repeat their parameters on each operation.
pub(super) fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 127,
            max_events: 40_000_000,
            max_nodes: 10_000_000,
            max_total_scalar_bytes: 256 << 20,
            max_merge_keys: 100_000,
            // Merging takes the square of what is merged: of Fibonacci's maps, a million took ten seconds.
            max_recorded_anchor_events: 300_000,
            enforce_alias_anchor_ratio: false,
        },
        strict_booleans: true,
        // JSON has no infinity; what a description says of one is nothing.
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
    }
}

/// Reads a value whose keys may look like null; `met` says whether one did.
#[derive(Clone, Copy)]
struct Reading<'t> {
    text: &'t str,
    met: &'t Cell<bool>,
}

impl Reading<'_> {
    fn key(self, key: Spanned<Option<String>>) -> String {
        let span = key.referenced.span();
        key.value.unwrap_or_else(|| {
            self.met.set(true);
            let start = span.byte_offset().unwrap_or_default();
            let start = usize::try_from(start).unwrap_or_default();
            let rest = self.text.get(start..).unwrap_or_default();
            let word = rest.split(|c: char| !c.is_alphabetic() && c != '~').next();
            word.unwrap_or_default().to_owned()
        })
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Value, E> {
        let number = Number::from_i128(number);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is too large"))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Value, E> {
        let number = Number::from_u128(number);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is too large"))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<Spanned<Option<String>>>()? {
            map.insert(self.key(key), entries.next_value_seed(self)?);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::read;

    #[test]
    fn one_anchor_may_have_any_number_of_aliases() {
        let mut text = "a: &a { x: 1 }\nb:\n".to_owned();
        for _ in 0..5_000 {
            text.push_str("  - *a\n");
        }
        assert_eq!(
            read(&text).unwrap()["b"].as_array().map(Vec::len),
            Some(5_000)
        );
    }

    #[test]
    fn aliases_of_aliases_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(text, "a{level}: &a{level} [{items}]").unwrap();
        }
        assert!(read(&text).is_err());
    }

    #[test]
    fn a_large_description_is_read() {
        let mut text = String::new();
        for index in 0..130_000 {
            writeln!(text, "k{index}: 1").unwrap();
        }
        assert_eq!(
            read(&text).unwrap().as_object().map(crate::json::Map::len),
            Some(130_000)
        );
    }

    #[test]
    fn it_may_be_as_deep_as_json() {
        let mut text = String::new();
        for level in 0..120 {
            writeln!(text, "{}k:", " ".repeat(level)).unwrap();
        }
        assert!(read(&text).is_ok());
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(&deep).is_err());
    }
}
