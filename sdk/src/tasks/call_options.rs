//! What is optional about one run of a task.

use crate::engine::Dependency;
use crate::results::ResultSettings;

/// What is optional about one run of a task, called or submitted.
///
/// ```
/// # use prefect_sdk::tasks::{CallTaskOptions, Dependency};
/// # fn run(copied: impl Into<Dependency>, checked: impl Into<Dependency>) {
/// let options = CallTaskOptions::new().add_wait_for(copied).add_wait_for(checked);
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallTaskOptions {
    pub(crate) wait_for: Vec<Dependency>,
    pub(crate) results: Option<ResultSettings>,
}

impl CallTaskOptions {
    /// Nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the task runs that must have completed before, beside those that its arguments come from.
    #[must_use]
    pub fn wait_for(mut self, runs: impl IntoIterator<Item = impl Into<Dependency>>) -> Self {
        self.wait_for = runs.into_iter().map(Into::into).collect();
        self
    }

    /// Sets where results are kept of a task that is called with a client, outside of flows: nowhere unless set. Within a run it is where
    /// that says.
    #[must_use]
    pub fn results(mut self, settings: ResultSettings) -> Self {
        self.results = Some(settings);
        self
    }

    /// Adds a task run that must have completed before.
    #[must_use]
    pub fn add_wait_for(mut self, run: impl Into<Dependency>) -> Self {
        self.wait_for.push(run.into());
        self
    }
}
