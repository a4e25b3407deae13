//! The block for a single secret, which every server has.

use std::fmt;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::secret::SecretString;
use crate::Error;

/// Python's block `Secret`: a value that should be kept secret.
///
/// The server hides texts, but shows objects in clear; so a value that is no text is written as its JSON text, which
/// Python's `get()` reads as the value again. A text that happens to be JSON comes back from both as what it says.
///
/// ```no_run
/// # #[cfg(feature = "blocking")]
/// # fn run() -> Result<(), prefect_sdk::Error> {
/// use prefect_sdk::blocks::{Block, Secret};
/// use prefect_sdk::client::PrefectClient;
///
/// let client = PrefectClient::from_env()?;
/// let key = Secret::load(&client, "api-key")?;
/// println!("{} letters", key.expose().len());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, super::Block)]
#[block(
    name = "Secret",
    description = "A block that represents a secret value. The value stored in this block will be obfuscated when this block is viewed or edited in the UI.",
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
pub struct Secret {
    #[serde(deserialize_with = "text_of")]
    value: SecretString,
}

impl Secret {
    /// With a text.
    #[must_use]
    pub fn new(text: impl Into<SecretString>) -> Self {
        Self { value: text.into() }
    }

    /// With any value, as its JSON text.
    ///
    /// # Errors
    ///
    /// It has no JSON ([`Error::is_invalid`]).
    pub fn of(value: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let text = prefect_client::json::to_string(value)
            .map_err(|error| Error::invalid("this secret has no JSON").because(error))?;
        Ok(Self::new(text))
    }

    /// The text, or the JSON text of what is none.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.expose()
    }

    /// The value: what the text says where that is JSON, or else the text.
    #[must_use]
    pub fn value(&self) -> Value {
        let text = self.expose();
        serde_json::from_str(text).unwrap_or_else(|_| text.into())
    }
}

fn text_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    // What serde says of a value that can't be read shows it.
    let hidden = |_: &dyn fmt::Display| D::Error::custom("a secret that can't be read");
    match Value::deserialize(deserializer).map_err(|error| hidden(&error))? {
        Value::String(text) => Ok(text.into()),
        other => Ok(other.to_string().into()),
    }
}
