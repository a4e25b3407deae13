//! Records: what a storage holds of a result.

use std::fmt;

use chrono::{DateTime, Utc};
use prefect_client::PREFECT_VERSION;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::{Serialize, SerializeStruct as _};
use serde_json::json;
use uuid::Uuid;

use super::{Serializer, Value, json};
use crate::Error;

/// What is said of a result, in its record and in the data of its run's state.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ResultRecordMetadata {
    /// Where it is: a key of the storage that was saved as a block, or else what others find it by, such as the absolute
    /// path of a file.
    pub storage_key: Option<String>,
    /// Until when it counts as cached. Whoever has the state of its run can read it after that, too.
    pub expiration: Option<DateTime<Utc>>,
    /// How it is written.
    pub serializer: Serializer,
    /// The version of Prefect that wrote it.
    pub prefect_version: Option<String>,
    /// The block that it is kept in, if that is saved.
    pub storage_block_id: Option<Uuid>,
}

impl ResultRecordMetadata {
    /// What the data of a state says, where that is a record's metadata: what Python's Prefect takes to be such.
    ///
    /// # Errors
    ///
    /// It looks like that, but can't be read ([`Error::is_unfit`]).
    pub fn of_state_data(data: &serde_json::Value) -> Result<Option<Self>, Error> {
        if data.get("storage_key").is_none() {
            return Ok(None);
        }
        let read = Self::deserialize(data);
        let read = read.map_err(|error| {
            Error::unfit("the state's data is not the metadata of a result").because(error)
        });
        read.map(Some)
    }

    /// The data of the state of a run whose result it is.
    #[must_use]
    pub fn to_state_data(&self) -> serde_json::Value {
        json!({
            "storage_key": self.storage_key,
            "expiration": self.expiration,
            "serializer": self.serializer,
            "prefect_version": self.prefect_version.as_deref().unwrap_or(PREFECT_VERSION),
            "storage_block_id": self.storage_block_id,
        })
    }

    /// Whether it counts as cached no more.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.expiration.is_some_and(|end| end <= Utc::now())
    }
}

impl Serialize for ResultRecordMetadata {
    fn serialize<S: serde::Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
        self.to_state_data().serialize(target)
    }
}

impl<'de> Deserialize<'de> for ResultRecordMetadata {
    /// Where no serializer is named, Python takes it to be its default.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = serde_json::Map::deserialize(deserializer)?;
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        let serializer = match take("serializer") {
            serde_json::Value::Null => Serializer::Pickle,
            given => field("serializer", given)?,
        };
        Ok(Self {
            storage_key: field("storage_key", take("storage_key"))?,
            expiration: field("expiration", take("expiration"))?,
            serializer,
            prefect_version: field("prefect_version", take("prefect_version"))?,
            storage_block_id: field("storage_block_id", take("storage_block_id"))?,
        })
    }
}

fn field<T: DeserializeOwned, E: serde::de::Error>(
    name: &str,
    value: serde_json::Value,
) -> Result<T, E> {
    serde_json::from_value(value).map_err(|error| E::custom(format!("`{name}`: {error}")))
}

/// A result, written or read.
#[derive(Clone, PartialEq)]
pub struct ResultRecord {
    metadata: ResultRecordMetadata,
    /// The key below which it is kept.
    pub(super) key: String,
    content: Content,
}

/// What a record holds.
#[derive(Clone, PartialEq)]
enum Content {
    /// As the serializer has written it.
    Written(String),
    /// As the serializer has read it.
    Read(Value),
}

/// What the result is, is not shown.
impl fmt::Debug for ResultRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultRecord")
            .field("metadata", &self.metadata)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl ResultRecord {
    pub(super) fn write<T: Serialize + ?Sized>(
        value: &T,
        key: String,
        metadata: ResultRecordMetadata,
    ) -> Result<Self, Error> {
        let content = Content::Written(metadata.serializer.dump(value)?);
        Ok(Self {
            metadata,
            key,
            content,
        })
    }

    /// What is said of it.
    #[must_use]
    pub fn metadata(&self) -> &ResultRecordMetadata {
        &self.metadata
    }

    /// The key below which its storage has it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The result.
    ///
    /// # Errors
    ///
    /// It is not of that type ([`Error::is_unfit`]).
    pub fn value<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.to_value()?.deserialize()
    }

    /// The result as Python has it.
    ///
    /// # Errors
    ///
    /// What was just written can't be read again ([`Error::is_unfit`]).
    pub fn to_value(&self) -> Result<Value, Error> {
        match &self.content {
            Content::Written(text) => self.metadata.serializer.load(text.as_bytes()),
            Content::Read(value) => Ok(value.clone()),
        }
    }

    /// What is written where the metadata is apart: the result alone.
    pub(super) fn content(&self) -> Result<&str, Error> {
        match &self.content {
            Content::Written(text) => Ok(text),
            Content::Read(_) => Err(Error::invalid("a record that was read is there already")),
        }
    }

    /// What is written: the metadata with the result.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let wrapped = Wrapped {
            metadata: &self.metadata,
            result: self.content()?,
        };
        serde_json::to_vec(&wrapped)
            .map_err(|error| Error::invalid("a record has no JSON").because(error))
    }

    /// What a storage has: a record, or the bare result, as Python's flows leave it.
    pub(super) fn read(key: &str, bytes: &[u8], bare: &Serializer) -> Result<Self, Error> {
        if let Some((metadata, value)) = wrapped(bytes)? {
            return Ok(Self::of_value(key, metadata, value));
        }
        let metadata = ResultRecordMetadata {
            storage_key: Some(key.to_owned()),
            serializer: bare.clone(),
            ..ResultRecordMetadata::default()
        };
        Self::read_apart(key, bytes, metadata)
    }

    /// What a storage has that must be a record.
    pub(super) fn read_wrapped(key: &str, bytes: &[u8]) -> Result<Self, Error> {
        let read = wrapped(bytes)?.map(|(metadata, value)| Self::of_value(key, metadata, value));
        read.ok_or_else(|| Error::unfit(format!("`{key}` is not the record of a result")))
    }

    /// A result whose metadata is elsewhere.
    pub(super) fn read_apart(
        key: &str,
        bytes: &[u8],
        metadata: ResultRecordMetadata,
    ) -> Result<Self, Error> {
        let value = metadata.serializer.load(bytes)?;
        Ok(Self::of_value(key, metadata, value))
    }

    fn of_value(key: &str, metadata: ResultRecordMetadata, value: Value) -> Self {
        Self {
            metadata,
            key: key.to_owned(),
            content: Content::Read(value),
        }
    }
}

struct Wrapped<'a> {
    metadata: &'a ResultRecordMetadata,
    result: &'a str,
}

impl Serialize for Wrapped<'_> {
    fn serialize<S: serde::Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
        let mut record = target.serialize_struct("ResultRecord", 2)?;
        record.serialize_field("metadata", self.metadata)?;
        record.serialize_field("result", self.result)?;
        record.end()
    }
}

/// What the records of Prefect 2 had, all beside each other.
const OLD_KEYS: [&str; 4] = ["serializer", "data", "prefect_version", "expiration"];

/// The parts of a record; `None` if it is none. A bare result that happens to have some of the keys is none.
fn wrapped(bytes: &[u8]) -> Result<Option<(ResultRecordMetadata, Value)>, Error> {
    let text = std::str::from_utf8(bytes).ok();
    let Some(Value::Dict(mut entries)) = text.and_then(|text| json::read(text).ok()) else {
        return Ok(None);
    };
    let is_old = entries.iter().all(|(key, _)| is_one_of(key, &OLD_KEYS));
    let mut take = |name: &str| {
        let at = entries
            .iter()
            .position(|(key, _)| is_one_of(key, &[name]))?;
        Some(entries.remove(at).1)
    };
    let (metadata, result) = match (take("metadata"), take("result")) {
        (Some(metadata @ Value::Dict(_)), Some(result)) => (metadata, result),
        (None, None) if is_old => match (take("data"), take("serializer")) {
            (Some(data @ Value::Text(_)), Some(serializer @ Value::Dict(_))) => {
                entries.push((Value::Text("serializer".to_owned()), serializer));
                (Value::Dict(entries), data)
            }
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let metadata: ResultRecordMetadata = metadata.deserialize()?;
    let value = match result {
        Value::Text(text) => metadata.serializer.load(text.as_bytes())?,
        value => value,
    };
    Ok(Some((metadata, value)))
}

fn is_one_of(key: &Value, names: &[&str]) -> bool {
    matches!(key, Value::Text(text) if names.contains(&text.as_str()))
}
