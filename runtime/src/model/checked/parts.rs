//! The items and fields of a value that is written, each of which knows its place.

use serde::ser::{self, Serialize};

use super::{Inner, Parts, Segment};

impl<'t, C> Parts<'t, C> {
    pub(super) fn value<'v, T: ?Sized>(&self, value: &'v T) -> Inner<'v, T>
    where
        't: 'v,
    {
        Inner {
            value,
            place: self.place,
            depth: self.depth,
        }
    }

    /// Writes the next item.
    fn item<T: ?Sized, E>(
        &mut self,
        value: &T,
        write: impl FnOnce(&mut C, &Inner<'_, T>) -> Result<(), E>,
    ) -> Result<(), E> {
        let value = self.value(value);
        let index = self.count;
        self.count += 1;
        write(&mut self.inner, &value)
            .inspect_err(|_| self.place.came_through(Segment::Index(index)))
    }

    /// Writes a field.
    fn field<T: ?Sized, E>(
        &mut self,
        key: &'static str,
        value: &T,
        write: impl FnOnce(&mut C, &Inner<'_, T>) -> Result<(), E>,
    ) -> Result<(), E> {
        let value = self.value(value);
        write(&mut self.inner, &value)
            .inspect_err(|_| self.place.came_through(Segment::Key(key.to_owned())))
    }
}

macro_rules! items {
    ($($trait:ident $method:ident)*) => {$(
        impl<C: ser::$trait> ser::$trait for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                self.item(value, |inner, value| inner.$method(value))
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl<C: ser::$trait> ser::$trait for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), C::Error> {
                self.field(key, value, |inner, value| inner.serialize_field(key, value))
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), C::Error> {
                self.inner.skip_field(key)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }

impl<C: ser::SerializeMap> ser::SerializeMap for Parts<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        self.key = Some(text(key));
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        let value = self.value(value);
        self.inner.serialize_value(&value).inspect_err(|_| {
            let key = self.key.take().unwrap_or_default();
            self.place.came_through(Segment::Key(key));
        })
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), C::Error> {
        let value = self.value(value);
        self.inner
            .serialize_entry(key, &value)
            .inspect_err(|_| self.place.came_through(Segment::Key(text(key))))
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.inner.end()
    }
}

/// A key as it stands in a path.
fn text(key: &(impl Serialize + ?Sized)) -> String {
    match serde_json::to_value(key) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
