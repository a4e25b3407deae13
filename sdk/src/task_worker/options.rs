//! What is optional about a task worker.

use std::time::Duration;

use crate::results::ResultSettings;

/// How many runs are executed at once unless set; as many as Python's.
const LIMIT: usize = 10;

/// What is optional about a [`TaskWorker`](super::TaskWorker).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskWorkerOptions {
    /// How many runs are executed at once; `None` is as many as there are. 10 unless set.
    pub limit: Option<usize>,
    /// How long runs are waited for when the worker is to stop; `None` is until they have ended, as it is unless set. What has
    /// not ended then is asked to end, and not waited for: once this process is gone, the server hands it to another worker.
    pub grace: Option<Duration>,
    /// The port of this machine, for nobody else, at which it answers `GET /status` with what it does, as Python's worker does;
    /// none unless set. The system chooses one for 0, which the log says.
    pub status_server_port: Option<u16>,
    /// Where parameters and results are; as the environment says unless set ([`ResultSettings::from_env`]).
    pub results: Option<ResultSettings>,
}

impl Default for TaskWorkerOptions {
    fn default() -> Self {
        Self {
            limit: Some(LIMIT),
            grace: None,
            status_server_port: None,
            results: None,
        }
    }
}

impl TaskWorkerOptions {
    /// Ten runs at once, and what runs is waited for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many runs are executed at once, at least 1; `None` is as many as there are.
    #[must_use]
    pub fn limit(mut self, limit: impl Into<Option<usize>>) -> Self {
        self.limit = limit.into().map(|limit| limit.max(1));
        self
    }

    /// Sets how long runs are waited for when the worker is to stop.
    #[must_use]
    pub fn grace(mut self, grace: impl Into<Option<Duration>>) -> Self {
        self.grace = grace.into();
        self
    }

    /// Sets the port at which it answers what it does.
    #[must_use]
    pub fn status_server_port(mut self, port: impl Into<Option<u16>>) -> Self {
        self.status_server_port = port.into();
        self
    }

    /// Sets where parameters and results are.
    #[must_use]
    pub fn results(mut self, settings: ResultSettings) -> Self {
        self.results = Some(settings);
        self
    }
}
