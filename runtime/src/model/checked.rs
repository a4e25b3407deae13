//! Writing JSON that means what was given.
//!
//! `serde_json` writes NaN and infinity as `null`, which would clear what the server has, and nests as deep as it is told,
//! although most that read JSON, this crate among them, have a limit. Here both are errors that name the place.

mod parts;

use std::cell::{Cell, RefCell};
use std::fmt::{self, Display, Write as _};

use serde::ser::{self, Serialize, Serializer};

/// How deep a body may nest. An answer that holds it again nests a few levels deeper, and must be readable: its limit is
/// 127, that of `serde_json`.
pub(crate) const DEEPEST: usize = 120;

const NOT_FINITE: &str = "NaN and infinity have no JSON";

/// A serializer of JSON that refuses what would not come back as it was.
pub struct Checked<'t, S> {
    inner: S,
    place: &'t Place,
    depth: usize,
}

/// Where writing failed: what was gone through, from the inside out.
#[derive(Default)]
pub struct Place {
    segments: RefCell<Vec<Segment>>,
    refused: Cell<Option<&'static str>>,
}

enum Segment {
    Index(usize),
    Key(String),
}

/// A value that is written so by whatever serializer: as a rule, one inside another.
pub(crate) struct Inner<'t, T: ?Sized> {
    value: &'t T,
    place: &'t Place,
    depth: usize,
}

/// The items or fields of a value.
pub struct Parts<'t, C> {
    inner: C,
    place: &'t Place,
    depth: usize,
    count: usize,
    key: Option<String>,
}

impl Place {
    fn refuse<E: ser::Error>(&self, reason: &'static str) -> E {
        self.refused.set(Some(reason));
        E::custom(reason)
    }

    fn came_through(&self, segment: Segment) {
        self.segments.borrow_mut().push(segment);
    }

    /// Why this serializer refused, if it did.
    pub(crate) fn refused(&self) -> Option<&'static str> {
        self.refused.get()
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = String::new();
        for segment in self.segments.borrow().iter().rev() {
            match segment {
                Segment::Index(index) => write!(path, "[{index}]")?,
                Segment::Key(key) if path.is_empty() => path.push_str(key),
                Segment::Key(key) => write!(path, ".{key}")?,
            }
        }
        f.write_str(if path.is_empty() { "." } else { &path })
    }
}

impl<'t, S: Serializer> Checked<'t, S> {
    /// Writes with `inner`; if that fails, `place` says where.
    pub fn new(inner: S, place: &'t Place) -> Self {
        Self {
            inner,
            place,
            depth: 0,
        }
    }

    fn parts<C>(
        self,
        begin: impl FnOnce(S) -> Result<C, S::Error>,
    ) -> Result<Parts<'t, C>, S::Error> {
        if self.depth == DEEPEST {
            return Err(self.place.refuse("it is nested too deep to be read again"));
        }
        Ok(Parts {
            inner: begin(self.inner)?,
            place: self.place,
            depth: self.depth + 1,
            count: 0,
            key: None,
        })
    }
}

impl<'t, T: ?Sized> Inner<'t, T> {
    /// The outermost value; if writing fails, `place` says where.
    pub(crate) fn whole(value: &'t T, place: &'t Place) -> Self {
        Self {
            value,
            place,
            depth: 0,
        }
    }
}

impl<T: Serialize + ?Sized> Serialize for Inner<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Checked {
            inner: serializer,
            place: self.place,
            depth: self.depth,
        })
    }
}

macro_rules! forwarded {
    ($($method:ident($type:ty))*) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        }
    )*};
}

macro_rules! finite {
    ($($method:ident($type:ty))*) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            if value.is_finite() {
                self.inner.$method(value)
            } else {
                Err(self.place.refuse(NOT_FINITE))
            }
        }
    )*};
}

impl<'t, S: Serializer> Serializer for Checked<'t, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<'t, S::SerializeSeq>;
    type SerializeTuple = Parts<'t, S::SerializeTuple>;
    type SerializeTupleStruct = Parts<'t, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<'t, S::SerializeTupleVariant>;
    type SerializeMap = Parts<'t, S::SerializeMap>;
    type SerializeStruct = Parts<'t, S::SerializeStruct>;
    type SerializeStructVariant = Parts<'t, S::SerializeStructVariant>;

    forwarded! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_unit_struct(&'static str)
    }
    finite! { serialize_f32(f32) serialize_f64(f64) }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let place = self.place;
        let parts = self.parts(Ok)?;
        let value = parts.value(value);
        let written = parts
            .inner
            .serialize_newtype_variant(name, index, variant, &value);
        written.inspect_err(|_| place.came_through(Segment::Key(variant.to_owned())))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.parts(|inner| inner.serialize_seq(length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.parts(|inner| inner.serialize_tuple(length))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.parts(|inner| inner.serialize_tuple_struct(name, length))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.parts(|inner| inner.serialize_tuple_variant(name, index, variant, length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.parts(|inner| inner.serialize_map(length))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        self.parts(|inner| inner.serialize_struct(name, length))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.parts(|inner| inner.serialize_struct_variant(name, index, variant, length))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
