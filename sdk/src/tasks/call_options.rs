//! What is optional about one run of a task.

use crate::engine::Dependency;

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

    /// Adds a task run that must have completed before.
    #[must_use]
    pub fn add_wait_for(mut self, run: impl Into<Dependency>) -> Self {
        self.wait_for.push(run.into());
        self
    }
}
