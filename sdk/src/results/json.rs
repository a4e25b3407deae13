//! JSON as Python writes it: with NaN and infinities, integers of any size, and objects of classes.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use uuid::Uuid;

use super::Value;
use crate::Error;

/// Integers with so many digits fit everywhere.
const SAFE_DIGITS: usize = 18;

/// Reads one value.
pub(super) fn read(text: &str) -> Result<Value, serde_json::Error> {
    let mark = Uuid::new_v4().simple().to_string();
    match marked(text, &mark) {
        None => Ok(serde_json::from_str::<Parsed>(text)?.0),
        Some(text) => Ok(unmarked(serde_json::from_str::<Parsed>(&text)?.0, &mark)),
    }
}

impl Value {
    /// JSON that is read already.
    pub(crate) fn of_json(json: &serde_json::Value) -> Result<Self, Error> {
        let read = Parsed::deserialize(json);
        read.map(|Parsed(value)| value)
            .map_err(|error| Error::unfit("the data of the state").because(error))
    }
}

/// The text with what JSON does not have, or can't hold, as texts that begin with a mark; `None` if there is no such thing.
fn marked(text: &str, mark: &str) -> Option<String> {
    let (mut found, mut copied) = (String::new(), 0);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            at = end_of_text(bytes, at);
            continue;
        }
        let length = special(&bytes[at..]);
        if let Some(length) = length {
            found.push_str(&text[copied..at]);
            found.push('"');
            found.push_str(mark);
            found.push_str(&text[at..at + length]);
            found.push('"');
            copied = at + length;
        }
        at += length.unwrap_or_else(|| number(&bytes[at..]).max(1));
    }
    if copied == 0 {
        return None;
    }
    found.push_str(&text[copied..]);
    Some(found)
}

fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of what JSON does not have, or of an integer that may be too large.
fn special(bytes: &[u8]) -> Option<usize> {
    let words: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];
    if let Some(word) = words.iter().find(|word| bytes.starts_with(word)) {
        return Some(word.len());
    }
    let length = number(bytes);
    let digits = bytes[..length]
        .strip_prefix(b"-")
        .unwrap_or(&bytes[..length]);
    let is_integer = digits.iter().all(u8::is_ascii_digit);
    (digits.len() > SAFE_DIGITS && is_integer && digits[0] != b'0').then_some(length)
}

fn number(bytes: &[u8]) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    bytes.iter().take_while(is_part).count()
}

fn unmarked(value: Value, mark: &str) -> Value {
    let inner = |value| unmarked(value, mark);
    match value {
        Value::Text(text) => match text.strip_prefix(mark) {
            None => Value::Text(text),
            Some("NaN") => Value::Float(f64::NAN),
            Some("Infinity") => Value::Float(f64::INFINITY),
            Some("-Infinity") => Value::Float(f64::NEG_INFINITY),
            Some(digits) => integer(digits),
        },
        Value::List(values) => Value::List(values.into_iter().map(inner).collect()),
        Value::Dict(entries) => {
            let entries = entries.into_iter();
            Value::Dict(entries.map(|(key, value)| (key, inner(value))).collect())
        }
        Value::Object { class, data } => Value::Object {
            class,
            data: Box::new(inner(*data)),
        },
        other => other,
    }
}

/// An integer in decimal digits.
pub(super) fn integer(digits: &str) -> Value {
    match digits.parse() {
        Ok(number) => Value::Int(number),
        Err(_) => Value::BigInt(digits.to_owned()),
    }
}

/// What `serde_json` reads.
struct Parsed(Value);

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Int(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Parsed(value)) = elements.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, Parsed(value))) = map.next_entry::<String, Parsed>()? {
            entries.push((Value::Text(key), value));
        }
        Ok(with_class(entries))
    }
}

/// What Python's JSON has in the place of objects of classes.
fn with_class(entries: Vec<(Value, Value)>) -> Value {
    let texts = |one: &str, other: &str| {
        let [(Value::Text(first), _), (Value::Text(second), _)] = &*entries else {
            return false;
        };
        (first == one && second == other) || (first == other && second == one)
    };
    let is_class = texts("__class__", "data");
    let is_exception = texts("__exc_type__", "message");
    if !is_class && !is_exception {
        return Value::Dict(entries);
    }
    let is_name = |key: &Value| matches!(key, Value::Text(key) if key.starts_with("__"));
    let (names, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| is_name(key));
    let pair = names.into_iter().next().zip(others.into_iter().next());
    match pair {
        Some(((_, Value::Text(class)), (_, data))) if is_class => Value::Object {
            class,
            data: Box::new(data),
        },
        Some(((_, Value::Text(class)), (_, Value::Text(message)))) => {
            Value::Exception { class, message }
        }
        Some((name, other)) => Value::Dict(vec![name, other]),
        None => Value::None,
    }
}
