//! Pausing: the run's process waits until the run is resumed.

use std::collections::BTreeMap;
use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, StateType};
use uuid::Uuid;

use super::pausing::{Stopped, Way};
#[dual(sdk)]
use super::propose::apropose_state;
use super::wait::is_final;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;
use crate::polling::Polling;
use crate::{Error, Refusal, RunContext};

/// What is optional about pausing a flow run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PauseFlowRun {
    /// How long the run may stay paused; the server fails it then. An hour unless set.
    pub timeout: Duration,
    /// How long to wait between two looks at most: the first follows soon, and the waits grow. 10 seconds unless set.
    pub poll_interval: Duration,
    /// Which pause of the run it is; each key pauses a run once. [`RunContext::next_pause_key`] unless set.
    pub key: Option<String>,
    /// Where the input is that resuming must give: the keys of its `schema`, `response` and `description`. The schema
    /// must be among the run's inputs before somebody resumes.
    pub run_input_keyset: Option<BTreeMap<String, String>>,
}

impl Default for PauseFlowRun {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(3600),
            poll_interval: Duration::from_secs(10),
            key: None,
            run_input_keyset: None,
        }
    }
}

impl PauseFlowRun {
    /// For an hour at most, without input.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long the run may stay paused.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long to wait between two looks at most; 10 milliseconds at least.
    #[must_use]
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.poll_interval = poll_interval;
        self
    }

    /// Sets which pause of the run it is.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets where the input is that resuming must give.
    #[must_use]
    pub fn run_input_keyset(mut self, keyset: BTreeMap<String, String>) -> Self {
        self.run_input_keyset = Some(keyset);
        self
    }
}

/// A run that is paused, and how it is looked at.
#[derive(Debug)]
pub(crate) struct Pausing {
    id: Uuid,
    polling: Polling,
    stopped: Stopped,
}

/// Pauses the flow run that the program is part of, and waits until it is resumed. Task runs that have begun go on.
///
/// Where the server says that this pause was there before (see [`PauseFlowRun::key`]), it returns at once.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient, flow_runs::{self, PauseFlowRun}};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let how = PauseFlowRun::new().timeout(Duration::from_secs(600));
/// flow_runs::apause_flow_run(&client, &run, &how).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The context has no flow run, or the timeout ends after the calendar ([`Error::is_invalid`]). The run is not one that
/// can be paused, or it ended while it was paused ([`Error::is_refused`]); Python would wait on for a run that ended,
/// and relies on a signal that ends the process. The run was not resumed in time ([`Error::is_timeout`]). A call of the
/// client failed.
#[dual(sdk)]
pub async fn apause_flow_run(
    client: &AsyncPrefectClient,
    run: &RunContext,
    request: &PauseFlowRun,
) -> Result<(), Error> {
    let pausing = abegin_pause(client, run, request).await?;
    aend_pause(client, pausing).await
}

/// Brings the run into the paused state; what resuming needs, a schema, can be stored after it and before the wait.
#[dual(sdk)]
pub(crate) async fn abegin_pause(
    client: &AsyncPrefectClient,
    run: &RunContext,
    request: &PauseFlowRun,
) -> Result<Pausing, Error> {
    let id = Way::Pause.current(run)?;
    let polling = Polling::new(Some(request.timeout), request.poll_interval);
    let key = request.key.clone();
    let state = Way::Pause.state(
        key.unwrap_or_else(|| run.next_pause_key()),
        Some(request.timeout),
        request.run_input_keyset.as_ref(),
    )?;
    let stopped = Way::Pause.stopped(apropose_state(client, id, &state).await?)?;
    Ok(Pausing {
        id,
        polling,
        stopped,
    })
}

/// Waits until the run is resumed.
#[dual(sdk)]
pub(crate) async fn aend_pause(
    client: &AsyncPrefectClient,
    mut pausing: Pausing,
) -> Result<(), Error> {
    if pausing.stopped == Stopped::Before {
        return Ok(());
    }
    while let Some(wait) = pausing.polling.next_wait() {
        asleep(wait).await;
        let run = client.read_flow_run(pausing.id).await?;
        if is_resumed(&run, pausing.polling.is_over())? {
            return Ok(());
        }
    }
    Err(never_resumed(pausing.id))
}

fn is_resumed(run: &FlowRunResponse, is_over: bool) -> Result<bool, Error> {
    match run.state.as_ref() {
        Some(state) if state.type_ == StateType::Running => Ok(true),
        // The server fails a run whose pause is over.
        Some(_) if is_final(run) && is_over => Err(never_resumed(run.id)),
        Some(state) if is_final(run) => {
            let (id, type_) = (run.id, &state.type_);
            let text = format!("the flow run {id} ended while it was paused: it is {type_}");
            Err(Error::refused(Refusal::State, text))
        }
        _ => Ok(false),
    }
}

fn never_resumed(id: Uuid) -> Error {
    Error::timeout(format!("the flow run {id} was paused and never resumed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow_runs::wait::tests::run_in;

    #[test]
    fn a_paused_run_goes_on_when_it_runs_and_stops_when_it_ended() {
        assert!(is_resumed(&run_in("RUNNING"), false).unwrap());
        assert!(is_resumed(&run_in("RUNNING"), true).unwrap());
        assert!(!is_resumed(&run_in("PAUSED"), false).unwrap());
        let cancelled = is_resumed(&run_in("CANCELLED"), false).unwrap_err();
        assert!(cancelled.is_refused() && cancelled.to_string().ends_with("it is CANCELLED"));
        assert!(
            is_resumed(&run_in("FAILED"), true)
                .unwrap_err()
                .is_timeout()
        );
    }
}
