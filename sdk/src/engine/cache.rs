//! Results that are there already: what a task run gives without running its function.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use diptych_macros::dual;
use prefect_client::models::StateCreate;
use serde::de::DeserializeOwned;

use super::engine;
use crate::Error;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::{CacheInputs, CachePolicy, ResultRecord};
use crate::states;

type Compute = dyn Fn(&CacheInputs<'_>) -> Option<String> + Send + Sync;

/// From what the key of a run is made, and how what is found is read.
pub(crate) struct Caching<T> {
    keys: Keys,
    read: fn(&ResultRecord) -> Result<T, Error>,
}

#[derive(Clone)]
enum Keys {
    Policy(CachePolicy),
    Computed(Arc<Compute>),
}

impl<T> Clone for Caching<T> {
    fn clone(&self) -> Self {
        Self {
            keys: self.keys.clone(),
            read: self.read,
        }
    }
}

impl<T: DeserializeOwned> Caching<T> {
    pub(crate) fn by(policy: CachePolicy) -> Option<Self> {
        (!policy.is_none()).then(|| Self {
            keys: Keys::Policy(policy),
            read: ResultRecord::value,
        })
    }

    pub(crate) fn computed(
        compute: impl Fn(&CacheInputs<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            keys: Keys::Computed(Arc::new(compute)),
            read: ResultRecord::value,
        }
    }
}

impl<T> Caching<T> {
    /// The key of a run; none where what computes it panics, as with Python's Prefect.
    pub(super) fn key(&self, run: &CacheInputs<'_>) -> Option<String> {
        match &self.keys {
            Keys::Policy(policy) => policy.compute_key(run),
            Keys::Computed(compute) => {
                let computed = catch_unwind(AssertUnwindSafe(|| compute(run)));
                computed.unwrap_or_else(|_| {
                    tracing::warn!("the function for a cache key panicked, so that the task runs");
                    None
                })
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
