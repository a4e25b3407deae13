//! What a flow or a task says about its results.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{LockManager, Serializer};

/// Where results are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageReference {
    /// Below a directory of this machine.
    Path(String),
    /// In a saved block, as `slug/name`.
    Block(String),
    /// In the saved block of that document.
    BlockId(Uuid),
}

impl StorageReference {
    /// As Prefect takes the text of a `key_storage`: `slug/name` with one slash is a block, anything else a directory.
    #[must_use]
    pub fn of_text(text: impl Into<String>) -> Self {
        let text = text.into();
        match text.split('/').count() {
            2 => Self::Block(text),
            _ => Self::Path(text),
        }
    }
}

/// What a flow says about its results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowResultOptions {
    /// Where they are kept; where those of the enclosing run are, unless set.
    pub storage: Option<StorageReference>,
    /// How they are written; as those of the enclosing run, unless set.
    pub serializer: Option<Serializer>,
    /// Whether they are kept.
    pub persist: Option<bool>,
}

impl FlowResultOptions {
    /// It says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where results are kept.
    #[must_use]
    pub fn storage(mut self, storage: StorageReference) -> Self {
        self.storage = Some(storage);
        self
    }

    /// Sets how results are written.
    #[must_use]
    pub fn serializer(mut self, serializer: Serializer) -> Self {
        self.serializer = Some(serializer);
        self
    }

    /// Sets whether results are kept.
    #[must_use]
    pub fn persist(mut self, persist: bool) -> Self {
        self.persist = Some(persist);
        self
    }

    pub(crate) fn own_decision(&self) -> Option<bool> {
        let implied = self.storage.is_some() || self.serializer.is_some();
        self.persist.or(implied.then_some(true))
    }
}

/// What a task says about its results.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct TaskResultOptions {
    /// Where they are kept; where those of the enclosing run are, unless set.
    pub storage: Option<StorageReference>,
    /// How they are written; as those of the enclosing run, unless set.
    pub serializer: Option<Serializer>,
    /// Whether they are kept.
    pub persist: Option<bool>,
    /// The format string of their keys: [`format_storage_key`](super::format_storage_key). It says where they are kept, and
    /// nothing finds them there again: a task whose results are to be found by it says so by its method `result_storage_key`.
    pub storage_key: Option<String>,
    /// Where their metadata is kept, if it is apart.
    pub key_storage: Option<StorageReference>,
    /// What keeps their locks; what keeps those of the enclosing run, unless set.
    pub locks: Option<Arc<dyn LockManager>>,
    /// Whether the task has a cache policy that gives keys.
    pub is_cached: bool,
}

impl fmt::Debug for TaskResultOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskResultOptions")
            .field("storage", &self.storage)
            .field("serializer", &self.serializer)
            .field("persist", &self.persist)
            .field("storage_key", &self.storage_key)
            .field("key_storage", &self.key_storage)
            .field("is_cached", &self.is_cached)
            .finish_non_exhaustive()
    }
}

impl TaskResultOptions {
    /// It says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where results are kept.
    #[must_use]
    pub fn storage(mut self, storage: StorageReference) -> Self {
        self.storage = Some(storage);
        self
    }

    /// Sets how results are written.
    #[must_use]
    pub fn serializer(mut self, serializer: Serializer) -> Self {
        self.serializer = Some(serializer);
        self
    }

    /// Sets whether results are kept.
    #[must_use]
    pub fn persist(mut self, persist: bool) -> Self {
        self.persist = Some(persist);
        self
    }

    /// Sets the format string of their keys.
    #[must_use]
    pub fn storage_key(mut self, format: impl Into<String>) -> Self {
        self.storage_key = Some(format.into());
        self
    }

    /// Sets where their metadata is kept.
    #[must_use]
    pub fn key_storage(mut self, storage: StorageReference) -> Self {
        self.key_storage = Some(storage);
        self
    }

    /// Sets what keeps their locks.
    #[must_use]
    pub fn locks(mut self, locks: Arc<dyn LockManager>) -> Self {
        self.locks = Some(locks);
        self
    }

    /// Sets whether the task has a cache policy that gives keys.
    #[must_use]
    pub fn cached(mut self, is_cached: bool) -> Self {
        self.is_cached = is_cached;
        self
    }

    pub(crate) fn own_decision(&self) -> Option<bool> {
        let implied = self.is_cached
            || self.storage.is_some()
            || self.serializer.is_some()
            || self.storage_key.is_some();
        self.persist.or(implied.then_some(true))
    }
}

/// What is optional about a record.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CreateRecordOptions {
    /// Its key, such as one of a cache policy; a new one unless set.
    pub key: Option<String>,
    /// What the task's format string of keys is filled in with: an object of `flow_run`, `task_run`, `deployment`,
    /// `parameters`.
    pub key_values: Value,
    /// Until when it counts as cached.
    pub expiration: Option<DateTime<Utc>>,
}

impl CreateRecordOptions {
    /// With a new key, for ever.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets its key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets what the task's format string of keys is filled in with.
    #[must_use]
    pub fn key_values(mut self, values: Value) -> Self {
        self.key_values = values;
        self
    }

    /// Sets until when it counts as cached.
    #[must_use]
    pub fn expiration(mut self, end: DateTime<Utc>) -> Self {
        self.expiration = Some(end);
        self
    }
}
