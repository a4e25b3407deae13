//! What is optional about a flow, and about one run of it.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use super::{Cancellation, RunName};
use crate::results::{FlowResultOptions, ResultSettings};

/// What is optional about a flow, by Prefect's names.
///
/// ```
/// use std::time::Duration;
/// use prefect_sdk::flows::FlowOptions;
///
/// let options = FlowOptions::new()
///     .retries(3)
///     .retry_delay(Duration::from_secs(10))
///     .flow_run_name("load-{day}");
/// assert_eq!(options.retries, 3);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FlowOptions {
    /// What it is for, as its deployments say.
    pub description: Option<String>,
    /// The version that its runs are said to be of.
    pub version: Option<String>,
    /// How often a run that failed runs again; never unless set.
    pub retries: u32,
    /// How long that waits, in whole seconds: what is between two is the longer.
    pub retry_delay: Duration,
    /// How long its function may take; for ever unless set, or where it is zero. An async one is left where it awaits then. Nothing stops
    /// a blocking one, but what it gives is not taken; the run ends when it has ended, and the tasks that have begun, which are told by
    /// their [`cancellation`](crate::tasks::TaskRun::cancellation).
    pub timeout: Option<Duration>,
    /// The names of its runs; the server makes them unless set.
    pub flow_run_name: Option<RunName>,
    /// What it says about its results.
    pub results: FlowResultOptions,
    /// How many of the tasks that are submitted in a run of it run at once; 100 unless set. In the blocking face, each has a
    /// thread meanwhile.
    pub max_workers: usize,
    /// From which level on what its runs say, and the task runs in them, is shipped by a [`RunLayer`](crate::logs); the layer's unless
    /// set.
    pub log_level: Option<LevelFilter>,
}

impl Default for FlowOptions {
    fn default() -> Self {
        Self {
            description: None,
            version: None,
            retries: 0,
            retry_delay: Duration::ZERO,
            timeout: None,
            flow_run_name: None,
            results: FlowResultOptions::default(),
            max_workers: 100,
            log_level: None,
        }
    }
}

impl FlowOptions {
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

    /// Sets how often a run that failed runs again.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets how long that waits.
    #[must_use]
    pub fn retry_delay(mut self, delay: Duration) -> Self {
        self.retry_delay = delay;
        self
    }

    /// Sets how long its function may take; zero is for ever, as with Python's Prefect. In the blocking face nothing stops it then: see
    /// [`timeout`](field@FlowOptions::timeout).
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into().filter(|timeout| !timeout.is_zero());
        self
    }

    /// Sets the names of its runs.
    #[must_use]
    pub fn flow_run_name(mut self, name: impl Into<RunName>) -> Self {
        self.flow_run_name = Some(name.into());
        self
    }

    /// Sets what it says about its results.
    #[must_use]
    pub fn results(mut self, results: FlowResultOptions) -> Self {
        self.results = results;
        self
    }

    /// Sets how many of the tasks that are submitted in a run of it run at once, at least 1.
    #[must_use]
    pub fn max_workers(mut self, tasks: usize) -> Self {
        self.max_workers = tasks.max(1);
        self
    }

    /// Sets from which level on what its runs say is shipped, such as `tracing::Level::DEBUG`.
    #[must_use]
    pub fn log_level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.log_level = Some(level.into());
        self
    }
}

/// What is optional about one run of a flow.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RunFlowOptions {
    /// Tags of the run, and of the task runs in it.
    pub tags: Vec<String>,
    /// Where results are kept, and the errors of runs that failed. Without it nothing is kept.
    pub results: Option<ResultSettings>,
    /// What cancels the run; nothing of this program unless set.
    pub cancellation: Option<Cancellation>,
    /// How often an event tells that the run goes on, every 30 seconds at most; none does unless set.
    pub heartbeat_frequency: Option<Duration>,
}

impl RunFlowOptions {
    /// Nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same for a run within another: it has that one's tags as well, and is cancelled with it, too.
    pub(crate) fn within(self, tags: &[String], cancellation: &Cancellation) -> Self {
        let mut same = self.of_one_run();
        let own = std::mem::replace(&mut same.tags, tags.to_vec());
        let new = own.into_iter().filter(|tag| !tags.contains(tag));
        same.tags.extend(new);
        let own = same.cancellation.get_or_insert_default();
        own.ends_with(cancellation);
        same
    }

    /// The same with a token that is of one run only: each says how it ends.
    pub(crate) fn of_one_run(mut self) -> Self {
        self.cancellation = self.cancellation.map(|cancellation| cancellation.child());
        self
    }

    /// Sets the tags of the run, and of the task runs in it.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what cancels the run: once it is requested, an async function is left where it awaits; a blocking one, which nothing stops,
    /// is to ask for it. The run is `Cancelled` when that and the tasks that have begun have ended.
    #[must_use]
    pub fn cancellation(mut self, cancellation: &Cancellation) -> Self {
        self.cancellation = Some(cancellation.clone());
        self
    }

    /// Sets how often an event (`prefect.flow-run.heartbeat`) tells that the run goes on, and that one does when it begins. An
    /// automation of the server can so end the runs whose process is gone.
    #[must_use]
    pub fn heartbeat_frequency(mut self, every: Duration) -> Self {
        self.heartbeat_frequency = Some(every);
        self
    }

    /// Sets where results are kept, such as [`ResultSettings::from_env`].
    #[must_use]
    pub fn results(mut self, settings: ResultSettings) -> Self {
        self.results = Some(settings);
        self
    }
}
