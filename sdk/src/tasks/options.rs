//! What is optional about a task.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::engine::{RetryDelay, RetryPolicy, RunName};
use crate::results::TaskResultOptions;
use crate::transactions::IsolationLevel;

/// What is optional about a task, by Prefect's names.
///
/// ```
/// use std::time::Duration;
/// use prefect_sdk::tasks::{RetryDelay, TaskOptions};
///
/// let options = TaskOptions::new()
///     .tags(["shop"])
///     .retries(3)
///     .retry_delay(RetryDelay::Exponential(Duration::from_secs(1)))
///     .retry_jitter_factor(0.5);
/// assert_eq!(options.tags, ["shop"]);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TaskOptions {
    /// What it is for.
    pub description: Option<String>,
    /// The version that its runs are said to be of.
    pub version: Option<String>,
    /// Tags of its runs, beside those of the flow's run.
    pub tags: Vec<String>,
    /// How long its function may take; for ever unless set, or where it is zero.
    pub timeout: Option<Duration>,
    /// The names of its runs; its own name and three characters unless set.
    pub task_run_name: Option<RunName>,
    /// What it says about its results.
    pub results: TaskResultOptions,
    /// For how long a result counts as cached; for ever unless set.
    pub cache_expiration: Option<Duration>,
    /// Whether the function is called although its result is cached, and that is replaced.
    pub refresh_cache: bool,
    /// Whether others with the same key wait until it has ended, and what is part of it; as of the transaction that it is called in,
    /// or not, unless set. It takes something that keeps locks, as `TaskResultOptions::locks` says.
    pub isolation_level: Option<IsolationLevel>,
    /// From which level on what its runs say is shipped by a [`RunLayer`](crate::logs); that of the flow unless set.
    pub log_level: Option<LevelFilter>,
    pub(crate) retry: RetryPolicy,
}

impl TaskOptions {
    /// Nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the version that its runs are said to be of.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets the tags of its runs.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how often a run that failed runs again; never unless set.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retry.retries = retries;
        self
    }

    /// Sets how long that waits: not at all unless set.
    #[must_use]
    pub fn retry_delay(mut self, delay: impl Into<RetryDelay>) -> Self {
        self.retry.delay = delay.into();
        self
    }

    /// Sets by how much a delay may be longer, such as 0.5 for half of it, or shorter: it is chosen by chance, and the average
    /// is the delay.
    #[must_use]
    pub fn retry_jitter_factor(mut self, factor: f64) -> Self {
        self.retry.jitter = Some(factor);
        self
    }

    /// Sets how long its function may take; zero is for ever, as with Python's Prefect.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into().filter(|timeout| !timeout.is_zero());
        self
    }

    /// Sets the names of its runs.
    #[must_use]
    pub fn task_run_name(mut self, name: impl Into<RunName>) -> Self {
        self.task_run_name = Some(name.into());
        self
    }

    /// Sets for how long a result counts as cached.
    #[must_use]
    pub fn cache_expiration(mut self, expiration: impl Into<Option<Duration>>) -> Self {
        self.cache_expiration = expiration.into();
        self
    }

    /// Sets whether the function is called although its result is cached.
    #[must_use]
    pub fn refresh_cache(mut self, refresh: bool) -> Self {
        self.refresh_cache = refresh;
        self
    }

    /// Sets whether others with the same key wait until it has ended.
    #[must_use]
    pub fn isolation_level(mut self, level: impl Into<Option<IsolationLevel>>) -> Self {
        self.isolation_level = level.into();
        self
    }

    /// Sets from which level on what its runs say is shipped, such as `tracing::Level::DEBUG`.
    #[must_use]
    pub fn log_level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.log_level = Some(level.into());
        self
    }

    /// Sets what it says about its results.
    #[must_use]
    pub fn results(mut self, results: TaskResultOptions) -> Self {
        self.results = results;
        self
    }
}
