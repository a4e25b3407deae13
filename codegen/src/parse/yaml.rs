//! YAML to JSON, with the habits of those who write it.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;

/// `OpenAPI` asks for YAML 1.2, where `no` is a word and Norway a country.
pub(super) fn read(text: &str) -> Result<Value, serde_saphyr::Error> {
    let first = serde_saphyr::from_str_with_options(text, options());
    let Err(error) = first else { return first };
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

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
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
