//! Waiting for the end of a run.

use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, StateType};
use uuid::Uuid;

use crate::Error;
#[dual(sdk)]
use crate::deadline::abounded;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;
use crate::polling::{Missed, Polling};

/// What is optional about waiting for a flow run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitForFlowRunOptions {
    /// How long to wait; `None` is for ever. Three hours unless set.
    pub timeout: Option<Duration>,
    /// How long to wait between two looks at most: the first follows soon, and the waits grow. 5 seconds unless set.
    pub poll_interval: Duration,
    /// Whether to tell each state that the run is seen in, as an event of `tracing`. It is not told unless set.
    pub log_states: bool,
}

impl Default for WaitForFlowRunOptions {
    fn default() -> Self {
        Self {
            timeout: Some(Duration::from_hours(3)),
            poll_interval: Duration::from_secs(5),
            log_states: false,
        }
    }
}

impl WaitForFlowRunOptions {
    /// For three hours at most.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long to wait; `None` is for ever.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets how long to wait between two looks at most; 10 milliseconds at least.
    #[must_use]
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.poll_interval = poll_interval;
        self
    }

    /// Sets whether to tell each state that the run is seen in.
    #[must_use]
    pub fn log_states(mut self, log_states: bool) -> Self {
        self.log_states = log_states;
        self
    }
}

/// Waits until a flow run is in a final state (completed, failed, cancelled, crashed), and gives it. Three hours at most.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, flow_runs};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let run = flow_runs::await_for_flow_run(&client, id).await?;
/// println!("{:?}", run.state_name);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The run did not end in time ([`Error::is_timeout`]). There is no such run ([`Error::is_not_found`]). A call of the
/// client failed.
#[dual(sdk)]
pub async fn await_for_flow_run(
    client: &AsyncPrefectClient,
    id: Uuid,
) -> Result<FlowRunResponse, Error> {
    await_for_flow_run_with(client, id, &WaitForFlowRunOptions::new()).await
}

/// As [`await_for_flow_run`], with what is optional about it.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::client::AsyncPrefectClient;
/// # use prefect_sdk::flow_runs::{self, WaitForFlowRunOptions};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = WaitForFlowRunOptions::new().timeout(Duration::from_mins(1));
/// let run = flow_runs::await_for_flow_run_with(&client, id, &options).await?;
/// println!("{:?}", run.state_name);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`await_for_flow_run`].
#[dual(sdk)]
pub async fn await_for_flow_run_with(
    client: &AsyncPrefectClient,
    id: Uuid,
    options: &WaitForFlowRunOptions,
) -> Result<FlowRunResponse, Error> {
    let mut polling = Polling::new(options.timeout, options.poll_interval);
    let (mut told, mut missed) = (None, Missed::default());
    loop {
        let looked = abounded(client, polling.for_look()).read_flow_run(id).await;
        let run = match looked {
            Ok(run) => run,
            Err(error) if missed.passes(&error) => match polling.next_wait() {
                Some(wait) => {
                    asleep(wait).await;
                    continue;
                }
                None => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        };
        missed.forget();
        if options.log_states && told != run.state_id {
            tracing::info!(flow_run = %id, state = run.state_name, "the flow run changed its state");
            told = run.state_id;
        }
        if is_final(&run) {
            return Ok(run);
        }
        // A subscription to the run's events, begun before the first look, would cut this wait short.
        match polling.next_wait() {
            Some(wait) => asleep(wait).await,
            None => return Err(unfinished(&run, options)),
        }
    }
}

fn unfinished(run: &FlowRunResponse, options: &WaitForFlowRunOptions) -> Error {
    let seconds = options.timeout.unwrap_or_default().as_secs_f64();
    let state = run.state_name.as_deref().unwrap_or("without a state");
    let id = run.id;
    Error::timeout(format!(
        "the flow run {id} did not end within {seconds} s: it is {state}"
    ))
}

/// Whether nothing will happen to the run by itself.
pub(crate) fn is_final(run: &FlowRunResponse) -> bool {
    run.state
        .as_ref()
        .is_some_and(|state| is_last(&state.type_))
}

/// Whether no other state follows by itself.
pub(crate) fn is_last(state: &StateType) -> bool {
    matches!(
        state,
        StateType::Completed | StateType::Failed | StateType::Cancelled | StateType::Crashed
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A run in a state of that type.
    pub(crate) fn run_in(type_: &str) -> FlowRunResponse {
        let id = Uuid::nil();
        let run = json!({
            "id": id, "flow_id": id, "created": null, "updated": null, "state": {"type": type_, "id": id}
        });
        serde_json::from_value(run).unwrap()
    }

    #[test]
    fn four_states_are_final() {
        for type_ in ["COMPLETED", "FAILED", "CANCELLED", "CRASHED"] {
            assert!(is_final(&run_in(type_)), "{type_}");
        }
        for type_ in [
            "SCHEDULED",
            "PENDING",
            "RUNNING",
            "PAUSED",
            "CANCELLING",
            "NEW",
        ] {
            assert!(!is_final(&run_in(type_)), "{type_}");
        }
    }

    #[test]
    fn the_timeout_is_prefect_s_and_may_be_taken_away() {
        assert_eq!(
            WaitForFlowRunOptions::new().timeout,
            Some(Duration::from_hours(3))
        );
        assert_eq!(WaitForFlowRunOptions::new().timeout(None).timeout, None);
    }
}
