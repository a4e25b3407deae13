//! Answers that are forms: names and values, whose texts are read as what each is meant to be.

use std::borrow::Cow;
use std::collections::HashMap;
use std::vec;

use serde::de::value::SeqDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

use super::answer::Answer;
use super::read_error::ReadError;

/// Reads a body of names and values, as a form of HTML has them: a list is a pair for each item, and what is inside of those is
/// JSON.
///
/// # Errors
/// The body is no form, or does not have the form of `T`.
pub fn form<T: DeserializeOwned>(answer: &Answer) -> Result<T, ReadError> {
    match answer.media_type() {
        Some(other) if other != "application/x-www-form-urlencoded" => {
            let text = format!("a form was expected, {other} came");
            return Err(ReadError::without_source(text));
        }
        _ => {}
    }
    let error = match T::deserialize(Form::new(answer.body(), Kinds::Texts)) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    // Where nothing says which type a value has, it may be no text.
    let guessed = T::deserialize(Form::new(answer.body(), Kinds::Guessed));
    guessed.map_err(|_| ReadError::of_form(&error))
}

/// Reads a form, or nothing where the body is empty.
///
/// # Errors
/// As of [`form`].
pub fn form_or_nothing<T: DeserializeOwned>(answer: &Answer) -> Result<Option<T>, ReadError> {
    if answer.body().trim_ascii().is_empty() {
        return Ok(None);
    }
    form(answer).map(Some)
}

/// What a text is where the type that is read takes anything.
#[derive(Clone, Copy)]
enum Kinds {
    /// Itself.
    Texts,
    /// A number, a flag, an object or a list where it looks like one; and where something may be missing, an empty text is nothing.
    Guessed,
}

/// A name with all texts that it was given.
type Entry<'f> = (Cow<'f, str>, Vec<Cow<'f, str>>);

struct Form<'f> {
    /// In the order in which the names came first.
    entries: vec::IntoIter<Entry<'f>>,
    /// What belongs to the name that was given last.
    next: Option<(Cow<'f, str>, Texts<'f>)>,
    kinds: Kinds,
}

impl<'f> Form<'f> {
    fn new(body: &'f [u8], kinds: Kinds) -> Self {
        let mut entries: Vec<Entry<'f>> = Vec::new();
        let mut places: HashMap<Cow<'f, str>, usize> = HashMap::new();
        for (name, text) in form_urlencoded::parse(body.trim_ascii()) {
            let place = *places.entry(name.clone()).or_insert(entries.len());
            match entries.get_mut(place) {
                Some((_, texts)) => texts.push(text),
                None => entries.push((name, vec![text])),
            }
        }
        Self {
            entries: entries.into_iter(),
            next: None,
            kinds,
        }
    }
}

impl<'de> Deserializer<'de> for Form<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Form<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((name, texts)) = self.entries.next() else {
            return Ok(None);
        };
        let key = seed.deserialize(name.as_ref().into_deserializer());
        let kinds = self.kinds;
        self.next = Some((name, Texts { texts, kinds }));
        key.map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((name, texts)) = self.next.take() else {
            return Err(Error::custom("a value without a name"));
        };
        let read = seed.deserialize(texts);
        read.map_err(|error| Error::custom(format_args!("{name}: {error}")))
    }
}

/// What one name has: at least one text.
struct Texts<'f> {
    texts: Vec<Cow<'f, str>>,
    kinds: Kinds,
}

impl Texts<'_> {
    /// Of several texts where one is meant, the last one counts, as of the keys of an object.
    fn text(&self) -> &str {
        self.texts.last().map_or("", AsRef::as_ref)
    }

    /// The JSON that the text is; a text that is none is itself.
    fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
    }
}

/// What was not expected, without its text, which may be a secret.
fn unexpected<'de, V: Visitor<'de>>(visitor: &V) -> Error {
    Error::invalid_type(Unexpected::Other("text"), visitor)
}

macro_rules! parsed {
    ($($method:ident $visit:ident $ty:ty,)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.text().trim().parse::<$ty>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(unexpected(&visitor)),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Texts<'_> {
    type Error = Error;

    parsed! {
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // Rust reads `inf` and `NaN` too, which no number of JSON is.
        match self.text().trim().parse::<f64>() {
            Ok(value) if value.is_finite() => visitor.visit_f64(value),
            _ => Err(unexpected(&visitor)),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.texts.len() > 1 {
            return self.deserialize_seq(visitor);
        }
        match self.kinds {
            Kinds::Texts => visitor.visit_str(self.text()),
            Kinds::Guessed => self.json().deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kinds {
            Kinds::Guessed if self.text().is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let kinds = self.kinds;
        let items = self.texts.into_iter().map(|text| Texts {
            texts: vec![text],
            kinds,
        });
        visitor.visit_seq(SeqDeserializer::new(items))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.json() {
            Value::Object(fields) => fields.deserialize_map(visitor),
            _ => Err(unexpected(&visitor)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple_struct struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Texts<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
