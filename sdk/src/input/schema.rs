//! The JSON schema of an input, as Python's classes have it: the server checks against it, and the UI shows it as a form.

use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

use crate::pydantic;

/// The schema of `T` below the name that Python's class has. Fields that `T` does not have are refused.
pub(super) fn object_schema<T: JsonSchema>(name: &str) -> Schema {
    let mut schema = pydantic::schema_of::<T>();
    pydantic::tidy(&mut schema);
    let root = schema.ensure_object();
    root.insert("title".to_owned(), name.into());
    root.entry("additionalProperties").or_insert(false.into());
    schema
}

/// The names of the fields, where the schema knows them all.
pub(super) fn closed_fields(schema: &Schema) -> Option<&Map<String, Value>> {
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    closed
        .then(|| schema.get("properties")?.as_object())
        .flatten()
}
