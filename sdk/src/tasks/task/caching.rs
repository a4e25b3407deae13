//! What a task says of results that are there already.

use diptych_macros::dual;
use serde::de::DeserializeOwned;

#[dual(engine)]
use super::AsyncTask;
use crate::engine::{Caching, engine};
use crate::results::{CacheInputs, CachePolicy, TaskResultOptions};

/// Results that are there already. The flow's run says where they are kept ([`RunFlowOptions::results`](crate::flows::RunFlowOptions));
/// what one language has computed, the other finds.
#[dual(engine)]
impl<P, T: DeserializeOwned, E> AsyncTask<P, T, E> {
    /// Sets from what the key of a run's result is made: a run that finds one below its key does not call its function, and ends
    /// in the state `Cached`.
    ///
    /// ```
    /// use prefect_sdk::results::CachePolicy;
    /// # #[cfg(feature = "blocking")]
    /// # fn cached(load: prefect_sdk::tasks::Task<u32, String, String>) -> prefect_sdk::tasks::Task<u32, String, String> {
    /// let load = load.cache_policy(CachePolicy::inputs() + CachePolicy::run_id());
    /// # load }
    /// ```
    #[must_use]
    pub fn cache_policy(mut self, policy: CachePolicy) -> Self {
        self.caching = Some(self.caching.unwrap_or_else(Caching::new).by(policy));
        self
    }

    /// Sets what computes that key; where it gives none, the result is not cached.
    #[must_use]
    pub fn cache_key_fn(
        mut self,
        compute: impl Fn(&CacheInputs<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let caching = self.caching.unwrap_or_else(Caching::new);
        self.caching = Some(caching.computed(compute));
        self
    }

    /// Sets the format string of the keys below which results are kept, as
    /// [`format_storage_key`](crate::results::format_storage_key) fills it in, and by which they are found again: a run that finds
    /// a result there does not call its function, and ends in the state `Cached`. It comes before a cache policy and what computes
    /// a key, other than [`CachePolicy::none`], with which results are kept there and never found.
    ///
    /// Where results are to be kept by such keys without being found, or are of a type that can't be read,
    /// [`TaskResultOptions::storage_key`] sets the same.
    ///
    /// ```
    /// # #[cfg(feature = "blocking")]
    /// # fn cached(load: prefect_sdk::tasks::Task<u32, String, String>) -> prefect_sdk::tasks::Task<u32, String, String> {
    /// let load = load.result_storage_key("{flow_run.name}-{parameters[page]}.json");
    /// # load }
    /// ```
    #[must_use]
    pub fn result_storage_key(mut self, format: impl Into<String>) -> Self {
        let caching = self.caching.unwrap_or_else(Caching::new);
        self.caching = Some(caching.by_storage_key(format.into()));
        self
    }
}

#[dual(engine)]
impl<P, T, E> AsyncTask<P, T, E> {
    pub(crate) fn caching(&self) -> Option<&Caching<T>> {
        self.caching.as_ref().filter(|caching| caching.has_keys())
    }

    /// What its options say of results, with what it says of their keys itself.
    pub(crate) fn results(&self) -> TaskResultOptions {
        let mut results = self.options.results.clone();
        results.is_cached |= self.caching().is_some();
        if let Some(format) = self.caching.as_ref().and_then(Caching::storage_key) {
            results.storage_key = Some(format.to_owned());
        }
        results
    }
}
