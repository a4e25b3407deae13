//! States to propose, by Prefect's names for them.

use chrono::{DateTime, Utc};
use prefect_client::models::{StateCreate, StateDetails, StateType};

fn named(type_: StateType, name: &str) -> StateCreate {
    StateCreate::new(type_).name(name)
}

fn at(name: &str, time: DateTime<Utc>) -> StateCreate {
    let details = StateDetails::new().scheduled_time(time);
    named(StateType::Scheduled, name).state_details(details)
}

/// `Scheduled`: to run at a time.
#[must_use]
pub fn scheduled(time: DateTime<Utc>) -> StateCreate {
    at("Scheduled", time)
}

/// `Late`: still to run, after its time.
#[must_use]
pub fn late(time: DateTime<Utc>) -> StateCreate {
    at("Late", time)
}

/// `AwaitingRetry`: to run again at a time.
#[must_use]
pub fn awaiting_retry(time: DateTime<Utc>) -> StateCreate {
    at("AwaitingRetry", time)
}

/// `AwaitingConcurrencySlot`: to run once there is room, which is looked at then.
#[must_use]
pub fn awaiting_concurrency_slot(time: DateTime<Utc>) -> StateCreate {
    at("AwaitingConcurrencySlot", time)
}

/// `Pending`: about to run.
#[must_use]
pub fn pending() -> StateCreate {
    named(StateType::Pending, "Pending")
}

/// `Submitting`: a worker is about to start it.
#[must_use]
pub fn submitting() -> StateCreate {
    named(StateType::Pending, "Submitting")
}

/// `InfrastructurePending`: what it runs on is about to start.
#[must_use]
pub fn infrastructure_pending() -> StateCreate {
    named(StateType::Pending, "InfrastructurePending")
}

/// `Running`.
#[must_use]
pub fn running() -> StateCreate {
    named(StateType::Running, "Running")
}

/// `Retrying`: running again.
#[must_use]
pub fn retrying() -> StateCreate {
    named(StateType::Running, "Retrying")
}

/// `Completed`.
///
/// ```
/// use prefect_sdk::client::models::StateType;
/// use prefect_sdk::states;
///
/// let state = states::completed().message("All is well.");
/// assert_eq!(state.type_, StateType::Completed);
/// ```
#[must_use]
pub fn completed() -> StateCreate {
    named(StateType::Completed, "Completed")
}

/// `Failed`: what it runs said so.
#[must_use]
pub fn failed() -> StateCreate {
    named(StateType::Failed, "Failed")
}

/// `Crashed`: it ended, and what it runs could not say how.
#[must_use]
pub fn crashed() -> StateCreate {
    named(StateType::Crashed, "Crashed")
}

/// The last state of a run whose future was dropped, or which its engine left.
pub(crate) fn dropped() -> StateCreate {
    crashed().message("Execution was cancelled by the runtime environment.")
}

/// `Cancelling`: it is to end.
#[must_use]
pub fn cancelling() -> StateCreate {
    named(StateType::Cancelling, "Cancelling")
}

/// `Cancelled`: it was ended.
#[must_use]
pub fn cancelled() -> StateCreate {
    named(StateType::Cancelled, "Cancelled")
}

/// What is optional about a paused or suspended state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PausedStateOptions {
    /// When it fails unless it was resumed; never unless set.
    pub expiration: Option<DateTime<Utc>>,
    /// The key of the pause: the server lets each pause a run once.
    pub key: Option<String>,
    /// Whether a worker runs it again when it is resumed. A suspended one always is.
    pub reschedule: bool,
}

impl PausedStateOptions {
    /// It pauses for ever, and its process waits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets when it fails unless it was resumed.
    #[must_use]
    pub fn expiration(mut self, end: DateTime<Utc>) -> Self {
        self.expiration = Some(end);
        self
    }

    /// Sets the key of the pause.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets whether a worker runs it again when it is resumed.
    #[must_use]
    pub fn reschedule(mut self, reschedule: bool) -> Self {
        self.reschedule = reschedule;
        self
    }
}

/// `Paused`: its process waits to be resumed.
#[must_use]
pub fn paused() -> StateCreate {
    paused_with(&PausedStateOptions::new())
}

/// `Paused`, with an end, a key, or to be run again by a worker.
#[must_use]
pub fn paused_with(options: &PausedStateOptions) -> StateCreate {
    stopped("Paused", options, options.reschedule)
}

/// `Suspended`: its process ends, and a worker runs it again when it is resumed.
#[must_use]
pub fn suspended() -> StateCreate {
    suspended_with(&PausedStateOptions::new())
}

/// `Suspended`, with an end or a key.
#[must_use]
pub fn suspended_with(options: &PausedStateOptions) -> StateCreate {
    stopped("Suspended", options, true)
}

fn stopped(name: &str, options: &PausedStateOptions, reschedule: bool) -> StateCreate {
    let mut details = StateDetails::new().pause_reschedule(reschedule);
    details.pause_timeout = options.expiration;
    details.pause_key.clone_from(&options.key);
    named(StateType::Paused, name).state_details(details)
}
