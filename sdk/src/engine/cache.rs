//! Results that are there already: what a task run gives without running its function.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use diptych_macros::dual;
use prefect_client::models::StateCreate;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::engine;
use crate::Error;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::{CacheInputs, CachePolicy, ResultRecord, format_storage_key};
use crate::states;

type Compute = dyn Fn(&CacheInputs<'_>) -> Option<String> + Send + Sync;

/// From what the key of a run is made, and how what is found is read.
pub(crate) struct Caching<T> {
    keys: Keys,
    /// The format string of the keys of storage: it is what results are found by, too, whatever the policy is, unless that is
    /// that nothing is cached.
    storage_key: Option<Arc<str>>,
    read: fn(&ResultRecord) -> Result<T, Error>,
}

#[derive(Clone)]
enum Keys {
    Unsaid,
    Never,
    Policy(CachePolicy),
    Computed(Arc<Compute>),
}

impl<T> Clone for Caching<T> {
    fn clone(&self) -> Self {
        Self {
            keys: self.keys.clone(),
            storage_key: self.storage_key.clone(),
            read: self.read,
        }
    }
}

impl<T: DeserializeOwned> Caching<T> {
    pub(crate) fn new() -> Self {
        Self {
            keys: Keys::Unsaid,
            storage_key: None,
            read: ResultRecord::value,
        }
    }
}

impl<T> Caching<T> {
    pub(crate) fn by(mut self, policy: CachePolicy) -> Self {
        self.keys = if policy.is_none() {
            Keys::Never
        } else {
            Keys::Policy(policy)
        };
        self
    }

    pub(crate) fn computed(
        mut self,
        compute: impl Fn(&CacheInputs<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.keys = Keys::Computed(Arc::new(compute));
        self
    }

    pub(crate) fn by_storage_key(mut self, format: impl Into<Arc<str>>) -> Self {
        self.storage_key = Some(format.into());
        self
    }

    pub(crate) fn storage_key(&self) -> Option<&str> {
        self.storage_key.as_deref()
    }

    /// Whether it gives keys at all.
    pub(crate) fn has_keys(&self) -> bool {
        match self.keys {
            Keys::Never => false,
            Keys::Unsaid => self.storage_key.is_some(),
            Keys::Policy(_) | Keys::Computed(_) => true,
        }
    }

    /// The key of a run; none where what computes it panics, as with Python's Prefect. The values are those for a format string.
    pub(super) fn key(
        &self,
        run: &CacheInputs<'_>,
        values: impl FnOnce() -> Value,
    ) -> Result<Option<String>, Error> {
        match (&self.keys, &self.storage_key) {
            (Keys::Never, _) | (Keys::Unsaid, None) => Ok(None),
            (_, Some(format)) => format_storage_key(format, &values()).map(Some),
            (Keys::Policy(policy), None) => Ok(policy.compute_key(run)),
            (Keys::Computed(compute), None) => {
                let computed = catch_unwind(AssertUnwindSafe(|| compute(run)));
                Ok(computed.unwrap_or_else(|_| {
                    tracing::warn!("the function for a cache key panicked, so that the task runs");
                    None
                }))
            }
        }
    }
}

/// What is kept below that key, with the state of a run that gives it. What can't be read is not there: the task runs.
#[dual(engine)]
pub(super) async fn acached<T>(
    caching: &Caching<T>,
    store: &AsyncResultStore,
    key: &str,
) -> Option<(T, StateCreate)> {
    let found = match store.exists(key).await {
        Ok(false) => return None,
        Ok(true) => store.read(key).await,
        Err(error) => Err(error),
    };
    let read = found.and_then(|record| {
        let value = (caching.read)(&record)?;
        Ok((value, record.metadata().to_state_data()))
    });
    match read {
        Ok((value, data)) => {
            let mut state = states::completed().name("Cached");
            state.data = Some(data);
            Some((value, state))
        }
        Err(error) => {
            tracing::warn!("a cached result can't be read, so that the task runs: {error}");
            None
        }
    }
}
