//! What can be an input.

use schemars::Schema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::schema::closed_fields;
use crate::Error;

/// What can be sent and received: each [`RunInput`](super::RunInput), and the bare values that have an automatic type: numbers, texts,
/// lists and maps.
pub trait InputType: Send + Sync + Sized {
    /// The name of Python's class, such as `Approval` or `intAutomaticRunInput`.
    #[must_use]
    fn type_name() -> &'static str;

    /// The JSON schema of the object that is sent.
    #[must_use]
    fn schema() -> Schema;

    /// The object that is sent.
    ///
    /// # Errors
    ///
    /// The value has no JSON ([`Error::is_invalid`]).
    fn to_json(&self) -> Result<Value, Error>;

    /// Reads the object that was sent.
    ///
    /// # Errors
    ///
    /// It is no such object ([`Error::is_unfit`]).
    fn from_json(value: Value) -> Result<Self, Error>;
}

pub(super) fn encode<T: Serialize>(name: &str, value: &T) -> Result<Value, Error> {
    prefect_client::json::to_value(value)
        .map_err(|error| Error::invalid(format!("this {name} has no JSON")).because(error))
}

/// Serde skips fields that it does not know, Python's classes and the server refuse them.
pub(super) fn refuse_unknown(name: &str, schema: &Schema, value: &Value) -> Result<(), Error> {
    let (Some(fields), Some(given)) = (closed_fields(schema), value.as_object()) else {
        return Ok(());
    };
    match given.keys().find(|field| !fields.contains_key(*field)) {
        Some(field) => Err(Error::unfit(format!("{name} has no field `{field}`"))),
        None => Ok(()),
    }
}

pub(super) fn read<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value)
        .map_err(|error| Error::unfit(format!("this input is no {name}")).because(error))
}
