//! The store: records in a storage.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use diptych_macros::dual;
#[dual(results)]
use prefect_client::AsyncPrefectClient;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::holder;
#[dual(results)]
use super::storages::{adefault_storage, aopen_storage};
use super::{
    CreateRecordOptions, FlowResultOptions, LockManager, ResultRecord, ResultRecordMetadata,
    ResultSettings, Serializer, TaskResultOptions, format_storage_key, results,
};
#[dual(results)]
use crate::filesystems::AsyncStorage;
use crate::{Error, Refusal};

mod locked;
#[cfg(all(feature = "async", feature = "blocking", feature = "flows"))]
mod on_threads;

/// How long a lock is waited for unless said otherwise: a holder that is gone is not waited for at all where that is known.
const LOCK_TIMEOUT: Duration = Duration::from_mins(1);

/// Writes the results of a run to a storage, and reads them.
///
/// A run inherits the store of the run that encloses it: [`update_for_flow`](Self::update_for_flow) and
/// [`update_for_task`](Self::update_for_task) say what a flow or task has otherwise.
#[dual(results)]
#[derive(Clone)]
pub struct AsyncResultStore {
    settings: ResultSettings,
    storage: Option<Arc<dyn AsyncStorage>>,
    /// Whether the storage is the default one, and somebody has chosen it.
    is_chosen: bool,
    metadata_storage: Option<Arc<dyn AsyncStorage>>,
    serializer: Serializer,
    key_format: Option<String>,
    locks: Option<Arc<dyn LockManager>>,
    lock_timeout: Option<Duration>,
    holder: String,
}

#[dual(results)]
impl fmt::Debug for AsyncResultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultStore")
            .field("settings", &self.settings)
            .field("serializer", &self.serializer)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}

#[dual(results)]
impl AsyncResultStore {
    /// A store that no run encloses. It has no storage before one is set, or it is updated for a flow or task.
    #[must_use]
    pub fn new(settings: ResultSettings) -> Self {
        Self {
            serializer: settings.default_serializer.clone(),
            settings,
            storage: None,
            is_chosen: false,
            metadata_storage: None,
            key_format: None,
            locks: None,
            lock_timeout: Some(LOCK_TIMEOUT),
            holder: holder::new_name(),
        }
    }

    /// Sets the storage, such as one of your own.
    #[must_use]
    pub fn storage(mut self, storage: Arc<dyn AsyncStorage>) -> Self {
        self.storage = Some(storage);
        self
    }

    /// Sets where metadata is kept, apart from the results.
    #[must_use]
    pub fn metadata_storage(mut self, storage: Arc<dyn AsyncStorage>) -> Self {
        self.metadata_storage = Some(storage);
        self
    }

    /// Sets how results are written.
    #[must_use]
    pub fn serializer(mut self, serializer: Serializer) -> Self {
        self.serializer = serializer;
        self
    }

    /// Sets the format string of the keys of records that are given none: [`format_storage_key`].
    #[must_use]
    pub fn key_format(mut self, format: impl Into<String>) -> Self {
        self.key_format = Some(format.into());
        self
    }

    /// Sets what keeps the locks; nothing is locked unless set.
    #[must_use]
    pub fn locks(mut self, locks: Arc<dyn LockManager>) -> Self {
        self.locks = Some(locks);
        self
    }

    /// Sets how long a lock is waited for; a minute unless set.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.lock_timeout = timeout.into();
        self
    }

    /// Sets as whom it holds locks; as nobody else, unless set. Clones, and stores that are updated from it, hold as the same.
    #[must_use]
    pub fn holder(mut self, name: impl Into<String>) -> Self {
        self.holder = name.into();
        self
    }

    /// The same store, which holds locks as nobody else does.
    #[cfg(feature = "flows")]
    pub(crate) fn for_one_holder(&self) -> Self {
        self.clone().holder(holder::new_name())
    }

    /// The same store, with that one's locks, if it has none itself.
    #[cfg(feature = "flows")]
    pub(crate) fn or_locks_of(mut self, other: &Self) -> Self {
        self.locks = self.locks.or_else(|| other.locks.clone());
        self
    }

    /// Whether results of a flow are kept: what it says itself, or else the enclosing run, or else the settings. Outside of a
    /// run they are kept, too, where a default storage was chosen.
    #[must_use]
    pub fn persists_flow(&self, flow: &FlowResultOptions, enclosing: Option<bool>) -> bool {
        let own = flow.own_decision();
        own.or(enclosing)
            .unwrap_or_else(|| self.persists_by_default())
    }

    /// Whether results of a task are kept: what it says itself, or else the setting of tasks, or else the enclosing run, or
    /// else the settings. Outside of a run they are kept, too, where a default storage was chosen.
    #[must_use]
    pub fn persists_task(&self, task: &TaskResultOptions, enclosing: Option<bool>) -> bool {
        let own = task
            .own_decision()
            .or(self.settings.tasks_persist_by_default);
        own.or(enclosing)
            .unwrap_or_else(|| self.persists_by_default())
    }

    fn persists_by_default(&self) -> bool {
        let is_chosen = self.is_chosen || self.settings.default_storage_block.is_some();
        self.settings.persist_by_default || is_chosen
    }

    /// The store of a flow's run: what the flow says itself, or else what this store has, or else the default, for which the
    /// server is asked.
    ///
    /// # Errors
    ///
    /// A block is not there ([`Error::is_not_found`]), or is not a storage here ([`Error::is_refused`]); or a call failed.
    pub async fn update_for_flow(
        &self,
        client: &AsyncPrefectClient,
        flow: &FlowResultOptions,
    ) -> Result<Self, Error> {
        let mut store = self.clone();
        if let Some(storage) = &flow.storage {
            store.storage = Some(aopen_storage(client, storage).await?);
        }
        if let Some(serializer) = &flow.serializer {
            store.serializer = serializer.clone();
        }
        // What a task has for itself.
        store.key_format = None;
        store.metadata_storage = None;
        store.settle(client).await
    }

    /// The store of a task's run: what the task says itself, or else what this store has, or else the default, for which the
    /// server is asked.
    ///
    /// # Errors
    ///
    /// A block is not there ([`Error::is_not_found`]), or is not a storage here ([`Error::is_refused`]); or a call failed.
    pub async fn update_for_task(
        &self,
        client: &AsyncPrefectClient,
        task: &TaskResultOptions,
    ) -> Result<Self, Error> {
        let mut store = self.clone();
        if let Some(storage) = &task.storage {
            store.storage = Some(aopen_storage(client, storage).await?);
        }
        if let Some(storage) = &task.key_storage {
            store.metadata_storage = Some(aopen_storage(client, storage).await?);
        }
        if let Some(serializer) = &task.serializer {
            store.serializer = serializer.clone();
        }
        if let Some(locks) = &task.locks {
            store.locks = Some(Arc::clone(locks));
        }
        if let Some(format) = &task.storage_key {
            store.key_format = Some(format.clone());
        }
        store.settle(client).await
    }

    async fn settle(mut self, client: &AsyncPrefectClient) -> Result<Self, Error> {
        if self.storage.is_none() {
            let (storage, is_chosen) = adefault_storage(client, &self.settings).await?;
            (self.storage, self.is_chosen) = (Some(storage), is_chosen);
        }
        Ok(self)
    }

    fn opened(&self) -> Result<&Arc<dyn AsyncStorage>, Error> {
        self.storage.as_ref().ok_or_else(|| {
            Error::invalid("the store has no storage: set one, or update it for a flow or task")
        })
    }

    /// A record of a result, with a new key. Nothing is written before it is [persisted](Self::persist).
    ///
    /// # Errors
    ///
    /// As those of [`create_record_with`](Self::create_record_with).
    pub async fn create_record<T: Serialize + ?Sized>(
        &self,
        value: &T,
    ) -> Result<ResultRecord, Error> {
        let options = CreateRecordOptions::new();
        self.create_record_with(value, &options).await
    }

    /// A record of a result. Nothing is written before it is [persisted](Self::persist).
    ///
    /// # Errors
    ///
    /// The result has no JSON, or its serializer writes nothing, or the key can't be made ([`Error::is_invalid`]); or the key
    /// leads out of the storage ([`Error::is_refused`]).
    pub async fn create_record_with<T: Serialize + ?Sized>(
        &self,
        value: &T,
        options: &CreateRecordOptions,
    ) -> Result<ResultRecord, Error> {
        let storage = self.opened()?;
        let key = match (&options.key, &self.key_format) {
            (Some(key), _) => key.clone(),
            (None, Some(format)) => format_storage_key(format, &options.key_values)?,
            (None, None) => Uuid::new_v4().simple().to_string(),
        };
        let storage_block_id = storage.block_document_id();
        let storage_key = match storage_block_id {
            Some(_) => key.clone(),
            None => storage.full_path(&key).await?,
        };
        let metadata = ResultRecordMetadata {
            storage_key: Some(storage_key),
            expiration: options.expiration,
            serializer: self.serializer.clone(),
            prefect_version: None,
            storage_block_id,
        };
        ResultRecord::write(value, key, metadata)
    }

    /// Whether keys are made of what [`CreateRecordOptions::key_values`] says.
    #[cfg(feature = "flows")]
    pub(crate) fn has_key_format(&self) -> bool {
        self.key_format.is_some()
    }

    /// Whether there is a record of that key which is not expired.
    ///
    /// # Errors
    ///
    /// The storage can't be read.
    pub async fn exists(&self, key: &str) -> Result<bool, Error> {
        let read = match &self.metadata_storage {
            Some(apart) => apart.read_path(key).await,
            None => self.opened()?.read_path(key).await,
        };
        let found = read.and_then(|bytes| match &self.metadata_storage {
            Some(_) => metadata(key, &bytes),
            None => ResultRecord::read_wrapped(key, &bytes).map(|record| record.metadata().clone()),
        });
        match found {
            Ok(metadata) => Ok(!metadata.is_expired()),
            Err(error) if error.is_not_found() || error.is_unfit() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads a record, also one that is expired. Where somebody else has locked it, that is waited for.
    ///
    /// # Errors
    ///
    /// There is no such record ([`Error::is_not_found`]); it is not one, or of a Python class that can't be read here
    /// ([`Error::is_unfit`]); it stays locked ([`Error::is_timeout`], or [`Error::is_lost`] where its holder has ended); or
    /// the storage can't be read.
    pub async fn read(&self, key: &str) -> Result<ResultRecord, Error> {
        self.until_free(key).await?;
        let storage = self.opened()?;
        let Some(apart) = &self.metadata_storage else {
            let bytes = storage.read_path(key).await?;
            return ResultRecord::read(key, &bytes, &self.serializer);
        };
        let metadata = metadata(key, &apart.read_path(key).await?)?;
        let place = metadata.storage_key.clone();
        let place = place.ok_or_else(|| {
            Error::unfit(format!(
                "the metadata of `{key}` does not say where its result is"
            ))
        })?;
        let bytes = storage.read_path(&place).await?;
        ResultRecord::read_apart(key, &bytes, metadata)
    }

    /// Writes a record, in place of one of that key. Whoever reads it meanwhile sees the old one or the new one.
    ///
    /// # Errors
    ///
    /// Somebody else has locked it ([`Error::is_refused`]); or the storage can't be written.
    pub async fn persist(&self, record: &ResultRecord) -> Result<(), Error> {
        let key = record.key();
        if let Some(other) = self.other_holder(key).await? {
            let text = format!("the record `{key}` is locked by `{}`", other.name);
            return Err(Error::refused(Refusal::State, text));
        }
        let storage = self.opened()?;
        let Some(apart) = &self.metadata_storage else {
            storage.write_path(key, &record.to_bytes()?).await?;
            return Ok(());
        };
        // Whoever finds the metadata finds the result.
        storage
            .write_path(key, record.content()?.as_bytes())
            .await?;
        let said = record.metadata().to_state_data().to_string();
        apart.write_path(key, said.as_bytes()).await?;
        Ok(())
    }

    /// Writes the arguments of a background task, for whoever executes it: `{"parameters": {…}}`, also `wait_for` and
    /// `context`, as Python's task workers read it.
    ///
    /// # Errors
    ///
    /// They have no JSON ([`Error::is_invalid`]); or the storage can't be written.
    pub async fn store_parameters<T: Serialize + ?Sized>(
        &self,
        id: Uuid,
        parameters: &T,
    ) -> Result<(), Error> {
        let metadata = ResultRecordMetadata {
            storage_key: Some(id.to_string()),
            serializer: self.serializer.clone(),
            ..ResultRecordMetadata::default()
        };
        let record = ResultRecord::write(parameters, parameters_key(id), metadata)?;
        let storage = self.opened()?;
        storage
            .write_path(record.key(), &record.to_bytes()?)
            .await?;
        Ok(())
    }

    /// Reads the arguments of a background task.
    ///
    /// # Errors
    ///
    /// There are none ([`Error::is_not_found`]); they are not of that type, or of a Python class that can't be read here
    /// ([`Error::is_unfit`]); or the storage can't be read.
    pub async fn read_parameters<T: DeserializeOwned>(&self, id: Uuid) -> Result<T, Error> {
        let key = parameters_key(id);
        let bytes = self.opened()?.read_path(&key).await?;
        ResultRecord::read_wrapped(&key, &bytes)?.value()
    }
}

fn metadata(key: &str, bytes: &[u8]) -> Result<ResultRecordMetadata, Error> {
    let read = serde_json::from_slice(bytes);
    read.map_err(|error| {
        Error::unfit(format!("`{key}` is not the metadata of a result")).because(error)
    })
}

fn parameters_key(id: Uuid) -> String {
    format!("parameters/{id}")
}
