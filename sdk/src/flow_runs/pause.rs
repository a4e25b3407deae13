//! Pausing: the run's process waits until the run is resumed.

use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, StateType};
use uuid::Uuid;

use super::pausing::{Stopped, Way};
#[dual(sdk, map(apropose_state => propose_state))]
use super::propose::apropose_state;
use super::wait::is_final;
#[dual(sdk)]
use crate::deadline::abounded;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;
use crate::input::{InputForm, InputType, Question};
use crate::polling::Polling;
use crate::{Error, Refusal, RunContext};

/// What is optional about pausing a flow run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PauseFlowRunOptions {
    /// How long the run may stay paused, after which the server fails it; `None` is for ever. An hour unless set.
    pub timeout: Option<Duration>,
    /// How long to wait between two looks at most: the first follows soon, and the waits grow. 10 seconds unless set.
    pub poll_interval: Duration,
    /// Which pause of the run it is; each key pauses a run once. [`RunContext::next_pause_key`] unless set.
    pub key: Option<String>,
}

impl Default for PauseFlowRunOptions {
    fn default() -> Self {
        Self {
            timeout: Some(Duration::from_hours(1)),
            poll_interval: Duration::from_secs(10),
            key: None,
        }
    }
}

impl PauseFlowRunOptions {
    /// For an hour at most.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long the run may stay paused; `None` is for ever.
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

    /// Sets which pause of the run it is.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}

/// Pauses the flow run that the program is part of, for an hour at most, and waits until it is resumed. Task runs that
/// have begun go on.
///
/// Where the server says that this pause was there before (see [`PauseFlowRunOptions::key`]), it returns at once.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient, flow_runs};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// flow_runs::apause_flow_run(&client, &run).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The context has no flow run ([`Error::is_invalid`]). The run is not one that can be paused, or it ended while it was
/// paused ([`Error::is_refused`]); Python would wait on for a run that ended, and relies on a signal that ends the process.
/// The run was not resumed in time ([`Error::is_timeout`]). A call of the client failed.
#[dual(sdk)]
pub async fn apause_flow_run(client: &AsyncPrefectClient, run: &RunContext) -> Result<(), Error> {
    apause_flow_run_with(client, run, &PauseFlowRunOptions::new()).await
}

/// As [`apause_flow_run`], with what is optional about it.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient, flow_runs::{self, PauseFlowRunOptions}};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = PauseFlowRunOptions::new().timeout(Duration::from_mins(10));
/// flow_runs::apause_flow_run_with(&client, &run, &options).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`apause_flow_run`].
#[dual(sdk, map(apause => pause))]
pub async fn apause_flow_run_with(
    client: &AsyncPrefectClient,
    run: &RunContext,
    options: &PauseFlowRunOptions,
) -> Result<(), Error> {
    let id = Way::Pause.current(run)?;
    let key = key_of(run, options);
    apause(client, id, &key, None, options).await
}

/// Pauses the flow run that the program is part of, for an hour at most, until somebody resumes it with an input, which it
/// gives. Whoever resumes the run in Prefect's UI is shown the form.
///
/// The server refuses to resume the run with what is no such input. Where the server says that this pause was there
/// before, it gives the input of then.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient, flow_runs};
/// use prefect_sdk::input::{InputForm, RunInput, schemars};
///
/// #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema, RunInput)]
/// struct Approval {
///     approved: bool,
/// }
///
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let form = InputForm::<Approval>::new().description("Well?");
/// let approval = flow_runs::apause_flow_run_for_input(&client, &run, &form).await?;
/// println!("{}", approval.approved);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The form has a field that the type doesn't have ([`Error::is_invalid`]). The input can't be read
/// ([`Error::is_unfit`]). Or as [`apause_flow_run`].
#[dual(sdk)]
pub async fn apause_flow_run_for_input<T: InputType>(
    client: &AsyncPrefectClient,
    run: &RunContext,
    form: &InputForm<T>,
) -> Result<T, Error> {
    apause_flow_run_for_input_with(client, run, form, &PauseFlowRunOptions::new()).await
}

/// As [`apause_flow_run_for_input`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient, input::InputForm};
/// # use prefect_sdk::flow_runs::{self, PauseFlowRunOptions};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let (form, options) = (InputForm::<String>::new(), PauseFlowRunOptions::new().timeout(None));
/// let name = flow_runs::apause_flow_run_for_input_with(&client, &run, &form, &options).await?;
/// println!("{name}");
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`apause_flow_run_for_input`].
#[dual(sdk, map(apause => pause, aload => load))]
pub async fn apause_flow_run_for_input_with<T: InputType>(
    client: &AsyncPrefectClient,
    run: &RunContext,
    form: &InputForm<T>,
    options: &PauseFlowRunOptions,
) -> Result<T, Error> {
    let id = Way::Pause.current(run)?;
    let key = key_of(run, options);
    let question = form.question(Way::Pause.keyset(&key))?;
    apause(client, id, &key, Some(&question), options).await?;
    form.aload(client, id, &question.keyset).await
}

/// Brings the run into the paused state, and waits until it is resumed.
#[dual(sdk, map(apropose_state => propose_state, aask => ask))]
async fn apause(
    client: &AsyncPrefectClient,
    id: Uuid,
    key: &str,
    question: Option<&Question>,
    options: &PauseFlowRunOptions,
) -> Result<(), Error> {
    let mut polling = Polling::new(options.timeout, options.poll_interval);
    let keyset = question.map(|question| question.keyset.clone());
    let state = Way::Pause.state(key, options.timeout, keyset);
    let proposed = apropose_state(client, id, &state).await?;
    if Way::Pause.stopped(proposed)? == Stopped::Before {
        return Ok(());
    }
    if let Some(question) = question {
        question.aask(client, id).await?;
    }
    while let Some(wait) = polling.next_wait() {
        asleep(wait).await;
        let run = abounded(client, polling.for_look())
            .read_flow_run(id)
            .await?;
        if is_resumed(&run, polling.is_over())? {
            return Ok(());
        }
    }
    Err(never_resumed(id))
}

fn key_of(run: &RunContext, options: &PauseFlowRunOptions) -> String {
    let key = options.key.clone();
    key.unwrap_or_else(|| run.next_pause_key())
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
