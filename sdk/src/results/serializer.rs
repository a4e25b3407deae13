//! How a result is written, and how one is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeMap, Serializer as Target};

use super::{Compression, Value, json};
use crate::Error;

/// As long as Python's lines of base64 are.
const LINE: usize = 76;

/// How a result is written: Prefect's serializers.
///
/// What is written is JSON, compressed or not. Pickles, Python's default, are read only: [`Value`] says of what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Serializer {
    /// `json`.
    #[default]
    Json,
    /// `compressed/json`, with Python's library for it.
    CompressedJson(Compression),
    /// `pickle`. Nothing is written with it.
    Pickle,
    /// `compressed/pickle`. Nothing is written with it.
    CompressedPickle(Compression),
    /// Another one, by its type. Nothing is written or read with it.
    Other(String),
}

impl Serializer {
    /// By the name that Prefect's settings have, such as `json` or `compressed/json`.
    #[must_use]
    pub fn of_type(name: &str) -> Self {
        match name {
            "json" => Self::Json,
            "pickle" => Self::Pickle,
            "compressed/json" => Self::CompressedJson(Compression::Xz),
            "compressed/pickle" => Self::CompressedPickle(Compression::Xz),
            other => Self::Other(other.to_owned()),
        }
    }

    /// The name of its type.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match self {
            Self::Json => "json",
            Self::CompressedJson(_) => "compressed/json",
            Self::Pickle => "pickle",
            Self::CompressedPickle(_) => "compressed/pickle",
            Self::Other(name) => name,
        }
    }

    /// Whether results can be written with it.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self, Self::Json | Self::CompressedJson(_))
    }

    /// The text that a record holds.
    pub(super) fn dump<T: Serialize + ?Sized>(&self, value: &T) -> Result<String, Error> {
        let json = |value: &T| {
            let value = prefect_client::json::to_value(value);
            let value =
                value.map_err(|error| Error::invalid("the result has no JSON").because(error))?;
            Ok::<String, Error>(value.to_string())
        };
        match self {
            Self::Json => json(value),
            Self::CompressedJson(compression) => {
                let bytes = compression.compress(json(value)?.as_bytes())?;
                Ok(base64_lines(&bytes))
            }
            Self::Pickle | Self::CompressedPickle(_) | Self::Other(_) => {
                Err(Error::invalid(format!(
                    "results are written as `json` or `compressed/json`, and not as `{}`",
                    self.type_name()
                )))
            }
        }
    }

    /// What a record holds.
    pub(super) fn load(&self, bytes: &[u8]) -> Result<Value, Error> {
        match self {
            Self::Json => read_json(bytes),
            Self::CompressedJson(compression) => {
                read_json(&compression.decompress(&from_base64(bytes)?)?)
            }
            Self::Pickle => read_pickle(&from_base64(bytes)?),
            Self::CompressedPickle(compression) => read_pickle(&from_base64(
                &compression.decompress(&from_base64(bytes)?)?,
            )?),
            Self::Other(name) => Err(Error::unfit(format!(
                "the result is serialized as `{name}`, which is not known here"
            ))),
        }
    }
}

fn read_json(bytes: &[u8]) -> Result<Value, Error> {
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|_| Error::unfit("the result is not UTF-8"))?;
    json::read(text).map_err(|error| Error::unfit("the result is not JSON").because(error))
}

#[cfg(feature = "pickle")]
fn read_pickle(bytes: &[u8]) -> Result<Value, Error> {
    super::pickle::read(bytes).map_err(|error| Error::unfit("the result is pickled").because(error))
}

#[cfg(not(feature = "pickle"))]
fn read_pickle(_: &[u8]) -> Result<Value, Error> {
    let text = "the result is pickled, and prefect-sdk is compiled without its feature `pickle`";
    Err(Error::unfit(text))
}

fn base64_lines(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut lines = String::with_capacity(text.len() + text.len() / LINE + 1);
    let mut rest = &*text;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    lines
}

fn from_base64(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let text: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let decoded = STANDARD.decode(text);
    decoded.map_err(|error| Error::unfit(format!("the result is not base64: {error}")))
}

/// With no key that a class of Python's lacks, as it would take the whole record for the value then.
impl Serialize for Serializer {
    fn serialize<S: Target>(&self, target: S) -> Result<S::Ok, S::Error> {
        let mut map = target.serialize_map(None)?;
        map.serialize_entry("type", self.type_name())?;
        if let Self::CompressedJson(compression) | Self::CompressedPickle(compression) = self {
            map.serialize_entry("compressionlib", compression.name())?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Serializer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::of_json(&value).ok_or_else(|| D::Error::custom("a serializer has no type"))
    }
}

impl Serializer {
    fn of_json(value: &serde_json::Value) -> Option<Self> {
        if let Some(name) = value.as_str() {
            return Some(Self::of_type(name));
        }
        let name = value.get("type")?.as_str()?;
        let library = value.get("compressionlib").and_then(|name| name.as_str());
        let compression = match library.map(Compression::of_name) {
            None => Compression::Xz,
            Some(Some(compression)) => compression,
            Some(None) => return Some(Self::Other(format!("{name} with {}", library?))),
        };
        let inner = || match value.get("serializer") {
            None if name == "compressed/pickle" => Some(Self::Pickle),
            None => Some(Self::Json),
            Some(inner) => Self::of_json(inner),
        };
        Some(match Self::of_type(name) {
            Self::CompressedJson(_) | Self::CompressedPickle(_) => {
                compressed(inner()?, compression)
            }
            Self::Other(name) if name == "compressed" => compressed(inner()?, compression),
            plain => plain,
        })
    }
}

fn compressed(inner: Serializer, compression: Compression) -> Serializer {
    match inner {
        Serializer::Json => Serializer::CompressedJson(compression),
        Serializer::Pickle => Serializer::CompressedPickle(compression),
        other => Serializer::Other(format!("compressed {}", other.type_name())),
    }
}
