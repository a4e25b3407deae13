//! Writing an object field by field.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::super::checked::Checked;
use super::super::patch::Patch;

/// Writes an object field by field and keeps the first error, so that a model needs no `?` per field.
pub struct ObjectWriter<S: Serializer> {
    state: Result<S::SerializeMap, S::Error>,
}

/// Writes the fields of a body that is assembled from arguments.
pub type BodyWriter<'a> =
    ObjectWriter<Checked<'a, &'a mut serde_json::Serializer<&'a mut Vec<u8>>>>;

impl<S: Serializer> ObjectWriter<S> {
    /// Begins an object.
    pub fn new(serializer: S) -> Self {
        Self {
            state: serializer.serialize_map(None),
        }
    }

    /// Writes a field.
    pub fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        if let Ok(map) = &mut self.state
            && let Err(error) = map.serialize_entry(name, value)
        {
            self.state = Err(error);
        }
    }

    /// Writes a field, or leaves it out where there is no value.
    pub fn optional<T: Serialize>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }

    /// Writes a field, leaves it out where it is absent, and writes `null` where it is null.
    pub fn patch<T: Serialize>(&mut self, name: &str, value: &Patch<T>) {
        match value {
            Patch::Absent => {}
            Patch::Null => self.field(name, &()),
            Patch::Value(value) => self.field(name, value),
        }
    }

    /// Writes further entries into the same object.
    pub fn entries<T: Serialize>(&mut self, entries: &BTreeMap<String, T>) {
        for (name, value) in entries {
            self.field(name, value);
        }
    }

    /// Ends the object.
    ///
    /// # Errors
    /// The first error of any field.
    pub fn finish(self) -> Result<S::Ok, S::Error> {
        self.state?.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn written(write: impl FnOnce(&mut BodyWriter<'_>)) -> Result<String, String> {
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut bytes);
        let place = crate::model::Place::default();
        let mut object = ObjectWriter::new(Checked::new(&mut serializer, &place));
        write(&mut object);
        object.finish().map_err(|error| error.to_string())?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn absent_fields_are_left_out_and_null_is_written() {
        let more = BTreeMap::from([("z".to_owned(), 1)]);
        let text = written(|object| {
            object.field("name", "etl");
            object.optional("none", &None::<i64>);
            object.optional("some", &Some(1));
            object.patch("absent", &Patch::<i64>::Absent);
            object.patch("null", &Patch::<i64>::Null);
            object.patch("value", &Patch::Value(2));
            object.entries(&more);
        });
        assert_eq!(
            text.unwrap(),
            r#"{"name":"etl","some":1,"null":null,"value":2,"z":1}"#
        );
    }

    #[test]
    fn the_first_error_is_kept() {
        let no_key = HashMap::from([(vec![1], 1)]);
        let text = written(|object| {
            object.field("bad", &no_key);
            object.field("good", &1);
        });
        assert_eq!(text.unwrap_err(), "key must be a string");
    }
}
