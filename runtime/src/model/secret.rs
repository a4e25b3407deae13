//! Text that must not be shown.

use std::fmt;

use http::HeaderValue;
use http::header::InvalidHeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::redacted::Redacted;

/// Text that must not be shown: `Debug` prints `[REDACTED]`, and the memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The value of a header `Authorization` that says this token; `Debug` does not show it either.
    ///
    /// # Errors
    /// It has characters that a header cannot hold.
    pub fn bearer(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.expose()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted.fmt(f)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_written_but_never_shown() {
        let secret = Secret::from("pnu_123");
        assert_eq!(format!("{secret:?}"), "[REDACTED]");
        let bearer = secret.bearer().unwrap();
        assert_eq!(
            (bearer.as_bytes(), bearer.is_sensitive()),
            (&b"Bearer pnu_123"[..], true)
        );
        assert!(Secret::from("a\n").bearer().is_err());
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"pnu_123\"");
        assert_eq!(
            serde_json::from_str::<Secret>("\"pnu_123\"").unwrap(),
            secret
        );
    }
}
