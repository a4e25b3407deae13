//! What is optional about a runner.

use std::fmt;
use std::time::Duration;

use super::HealthServer;

/// What is optional about a runner.
#[derive(Clone)]
#[non_exhaustive]
pub struct RunnerOptions {
    /// Its name, in the events that it emits; `runner` unless set.
    pub name: String,
    /// How long it waits between two looks for runs that are due, give or take 30 %; 10 seconds unless set, as Prefect waits.
    pub query_interval: Duration,
    /// How long before its time a run is taken; it waits in its process for the rest. 10 seconds unless set, as Prefect does.
    pub prefetch: Duration,
    /// How many runs it has at once; 5 unless set, as Prefect has, and as many as are due with `None`.
    pub limit: Option<usize>,
    /// Whether its deployments are paused when it stops, so that no runs pile up meanwhile; they are unless set otherwise.
    pub pause_on_shutdown: bool,
    /// How long a run has to end by itself when it is cancelled, or the runner stops, before its process is killed; 30 seconds
    /// unless set, as Prefect waits.
    pub grace: Duration,
    /// Whether it stops when the process is to end (`SIGTERM`, Ctrl-C); it does unless set otherwise. A program that hears these
    /// signals itself calls [`Runner::stop`](super::Runner::stop).
    pub signals: bool,
    /// The arguments that the program is called with for a run; none unless set.
    pub arguments: Vec<String>,
    /// What runs flows of Python's, which are fetched from a [source](crate::deployments::Source): an interpreter that has Prefect;
    /// `python` unless set.
    pub python: String,
    /// How often the code of deployments is fetched again that is elsewhere; every minute unless set.
    pub pull_interval: Duration,
    /// Where it answers who asks how it is; nowhere unless set.
    pub health: Option<HealthServer>,
    /// How often a run says that it is alive; as its process' settings say unless set.
    pub heartbeat: Option<Duration>,
    /// Whether it says on stderr when a run begins and ends, a line each; where that is a terminal, unless set.
    pub progress: Option<bool>,
    /// What is added to the environment of the processes.
    pub env: Vec<(String, String)>,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            name: "runner".to_owned(),
            query_interval: Duration::from_secs(10),
            prefetch: Duration::from_secs(10),
            limit: Some(5),
            pause_on_shutdown: true,
            grace: Duration::from_secs(30),
            signals: true,
            arguments: Vec::new(),
            python: "python".to_owned(),
            pull_interval: Duration::from_mins(1),
            health: None,
            heartbeat: None,
            progress: None,
            env: Vec::new(),
        }
    }
}

impl RunnerOptions {
    /// As Prefect's runner.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets its name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets how long it waits between two looks for runs that are due; 100 milliseconds at least, and a day at most.
    #[must_use]
    pub fn query_interval(mut self, interval: Duration) -> Self {
        self.query_interval = interval;
        self
    }

    /// Sets how long before its time a run is taken.
    #[must_use]
    pub fn prefetch(mut self, prefetch: Duration) -> Self {
        self.prefetch = prefetch;
        self
    }

    /// Sets how many runs it has at once.
    #[must_use]
    pub fn limit(mut self, limit: impl Into<Option<usize>>) -> Self {
        self.limit = limit.into();
        self
    }

    /// Sets whether its deployments are paused when it stops.
    #[must_use]
    pub fn pause_on_shutdown(mut self, pause: bool) -> Self {
        self.pause_on_shutdown = pause;
        self
    }

    /// Sets how long a run has to end by itself.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Sets whether it stops when the process is to end.
    #[must_use]
    pub fn signals(mut self, signals: bool) -> Self {
        self.signals = signals;
        self
    }

    /// Sets the arguments that the program is called with for a run.
    #[must_use]
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what runs flows of Python's.
    #[must_use]
    pub fn python(mut self, interpreter: impl Into<String>) -> Self {
        self.python = interpreter.into();
        self
    }

    /// Sets how often the code of deployments is fetched again that is elsewhere; each 100 milliseconds at most.
    #[must_use]
    pub fn pull_interval(mut self, interval: Duration) -> Self {
        self.pull_interval = interval;
        self
    }

    /// Has it answer who asks how it is.
    #[must_use]
    pub fn health(mut self, at: impl Into<Option<HealthServer>>) -> Self {
        self.health = at.into();
        self
    }

    /// Sets how often a run says that it is alive, so that one whose machine is gone is noticed; 30 seconds at least, in whole
    /// ones.
    #[must_use]
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.heartbeat = Some(every);
        self
    }

    /// Sets whether it says on stderr when a run begins and ends.
    #[must_use]
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Adds a variable to the environment of the processes.
    #[must_use]
    pub fn add_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }
}

/// The values of variables may be secret.
impl fmt::Debug for RunnerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("RunnerOptions")
            .field("name", &self.name)
            .field("query_interval", &self.query_interval)
            .field("prefetch", &self.prefetch)
            .field("limit", &self.limit)
            .field("pause_on_shutdown", &self.pause_on_shutdown)
            .field("grace", &self.grace)
            .field("signals", &self.signals)
            .field("arguments", &self.arguments)
            .field("python", &self.python)
            .field("pull_interval", &self.pull_interval)
            .field("health", &self.health)
            .field("heartbeat", &self.heartbeat)
            .field("progress", &self.progress)
            .field("env", &names)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_variables_hold_is_not_shown() {
        let shown = format!("{:?}", RunnerOptions::new().add_env("KEY", "s3cret"));
        assert!(
            shown.contains("KEY") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
