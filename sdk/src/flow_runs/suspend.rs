//! Suspending: the run's process ends, and resuming starts another.

use std::collections::BTreeMap;
use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use uuid::Uuid;

use super::pausing::{Stopped, Way};
#[dual(sdk)]
use super::propose::apropose_state;
use crate::faces::sdk;
use crate::{Error, Refusal, RunContext};

/// What is optional about suspending a flow run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuspendFlowRun {
    /// How long the run may stay suspended; the server fails it then. For ever unless set.
    pub timeout: Option<Duration>,
    /// Which pause of the run it is; each key stops a run once. [`RunContext::next_pause_key`] unless set, and a random
    /// one for a run that the program is not part of.
    pub key: Option<String>,
    /// Where the input is that resuming must give: the keys of its `schema`, `response` and `description`. The schema
    /// must be among the run's inputs before somebody resumes.
    pub run_input_keyset: Option<BTreeMap<String, String>>,
}

impl SuspendFlowRun {
    /// For as long as it takes, without input.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long the run may stay suspended.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
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

/// What suspending came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the process of a run that is suspended is to end"]
pub enum Suspension {
    /// The run is suspended, and its process is to end: return from `main` with success, and without setting a state.
    /// Another process begins the run anew when it is resumed.
    Suspended,
    /// This suspend was there before, and the run was resumed since: go on.
    Resumed,
}

/// Suspends the flow run that the program is part of. It must be a run of a deployment, and no subflow.
///
/// It returns as soon as the server has agreed, so that the caller can tidy up: nothing here ends the process. When the
/// run is resumed, it runs from its beginning in a new process, comes here again, and is told
/// [`Suspension::Resumed`]; so what came before should have stored its results.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient};
/// # use prefect_sdk::flow_runs::{self, SuspendFlowRun, Suspension};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let how = SuspendFlowRun::new().key("approval");
/// if let Suspension::Suspended = flow_runs::asuspend_flow_run(&client, &run, &how).await? {
///     return Ok(());
/// }
/// println!("approved");
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The context has no flow run, or is within a task run, or the timeout ends after the calendar
/// ([`Error::is_invalid`]). The run is not one that can be suspended ([`Error::is_refused`]). A call of the client
/// failed.
#[dual(sdk)]
pub async fn asuspend_flow_run(
    client: &AsyncPrefectClient,
    run: &RunContext,
    request: &SuspendFlowRun,
) -> Result<Suspension, Error> {
    let id = Way::Suspend.current(run)?;
    if run.task_run_id.is_some() {
        return Err(Error::invalid("a task run cannot suspend its flow run"));
    }
    let key = request.key.clone();
    let key = key.unwrap_or_else(|| run.next_pause_key());
    asuspend(client, id, key, request).await
}

/// Suspends a flow run that the program is not part of: it ends before its next task. It must be a run of a deployment,
/// and no subflow.
///
/// # Errors
///
/// The timeout ends after the calendar ([`Error::is_invalid`]). The run is not one that can be suspended, or one with
/// that key was resumed already ([`Error::is_refused`]). A call of the client failed.
#[dual(sdk)]
pub async fn asuspend_flow_run_by_id(
    client: &AsyncPrefectClient,
    id: Uuid,
    request: &SuspendFlowRun,
) -> Result<(), Error> {
    let key = request.key.clone();
    let key = key.unwrap_or_else(|| Uuid::new_v4().to_string());
    match asuspend(client, id, key, request).await? {
        Suspension::Suspended => Ok(()),
        Suspension::Resumed => {
            let text = format!("the flow run {id} was suspended with this key before: it runs");
            Err(Error::refused(Refusal::State, text))
        }
    }
}

#[dual(sdk)]
async fn asuspend(
    client: &AsyncPrefectClient,
    id: Uuid,
    key: String,
    request: &SuspendFlowRun,
) -> Result<Suspension, Error> {
    let keyset = request.run_input_keyset.as_ref();
    let state = Way::Suspend.state(key, request.timeout, keyset)?;
    match Way::Suspend.stopped(apropose_state(client, id, &state).await?)? {
        Stopped::Now => Ok(Suspension::Suspended),
        Stopped::Before => Ok(Suspension::Resumed),
    }
}
