//! Suspending: the run's process ends, and resuming starts another.

use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use uuid::Uuid;

use super::pausing::{Stopped, Way};
#[dual(sdk, map(apropose_state => propose_state))]
use super::propose::apropose_state;
use crate::faces::sdk;
use crate::input::{InputForm, InputType, Question};
use crate::{Error, Refusal, RunContext};

/// What is optional about suspending a flow run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuspendFlowRunOptions {
    /// How long the run may stay suspended, after which the server fails it; `None`, as unless set, is for ever.
    pub timeout: Option<Duration>,
    /// Which pause of the run it is; each key stops a run once. [`RunContext::next_pause_key`] unless set, and a random
    /// one for a run that the program is not part of.
    pub key: Option<String>,
}

impl SuspendFlowRunOptions {
    /// For as long as it takes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long the run may stay suspended; `None` is for ever.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets which pause of the run it is.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}

/// What suspending came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the process of a run that is suspended is to end"]
pub enum Suspension<T = ()> {
    /// The run is suspended, and its process is to end: return from `main` with success, and without setting a state.
    /// Another process begins the run anew when it is resumed.
    Suspended,
    /// This suspend was there before, and the run was resumed since: go on, with the input if one was asked for.
    Resumed(T),
}

/// Suspends the flow run that the program is part of. It must be a run of a deployment, and no subflow.
///
/// It returns as soon as the server has agreed, so that the caller can tidy up: nothing here ends the process. When the
/// run is resumed, it runs from its beginning in a new process, comes here again, and is told
/// [`Suspension::Resumed`]; so what came before should have stored its results.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient, flow_runs::{self, Suspension}};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// if let Suspension::Suspended = flow_runs::asuspend_flow_run(&client, &run).await? {
///     return Ok(());
/// }
/// println!("approved");
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The context has no flow run, or is within a task run ([`Error::is_invalid`]). The run is not one that can be suspended
/// ([`Error::is_refused`]). A call of the client failed.
#[dual(sdk)]
pub async fn asuspend_flow_run(
    client: &AsyncPrefectClient,
    run: &RunContext,
) -> Result<Suspension, Error> {
    asuspend_flow_run_with(client, run, &SuspendFlowRunOptions::new()).await
}

/// As [`asuspend_flow_run`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient};
/// # use prefect_sdk::flow_runs::{self, SuspendFlowRunOptions, Suspension};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = SuspendFlowRunOptions::new().key("approval");
/// let suspension = flow_runs::asuspend_flow_run_with(&client, &run, &options).await?;
/// if suspension == Suspension::Suspended {
///     return Ok(());
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`asuspend_flow_run`].
#[dual(sdk, map(asuspend => suspend))]
pub async fn asuspend_flow_run_with(
    client: &AsyncPrefectClient,
    run: &RunContext,
    options: &SuspendFlowRunOptions,
) -> Result<Suspension, Error> {
    let (id, key) = current(run, options)?;
    Ok(match asuspend(client, id, &key, None, options).await? {
        Stopped::Now => Suspension::Suspended,
        Stopped::Before => Suspension::Resumed(()),
    })
}

/// Suspends the flow run that the program is part of until somebody resumes it with an input; see
/// [`asuspend_flow_run`], and [`apause_flow_run_for_input`](super::apause_flow_run_for_input) for the input.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient, input::InputForm};
/// # use prefect_sdk::flow_runs::{self, Suspension};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let form = InputForm::<String>::new().description("Who are you?");
/// match flow_runs::asuspend_flow_run_for_input(&client, &run, &form).await? {
///     Suspension::Suspended => return Ok(()),
///     Suspension::Resumed(name) => println!("hello {name}"),
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The form has a field that the type doesn't have ([`Error::is_invalid`]). The input can't be read
/// ([`Error::is_unfit`]). Or as [`asuspend_flow_run`].
#[dual(sdk)]
pub async fn asuspend_flow_run_for_input<T: InputType>(
    client: &AsyncPrefectClient,
    run: &RunContext,
    form: &InputForm<T>,
) -> Result<Suspension<T>, Error> {
    asuspend_flow_run_for_input_with(client, run, form, &SuspendFlowRunOptions::new()).await
}

/// As [`asuspend_flow_run_for_input`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient, input::InputForm};
/// # use prefect_sdk::flow_runs::{self, SuspendFlowRunOptions};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let (form, options) = (InputForm::<i64>::new(), SuspendFlowRunOptions::new().key("how many"));
/// let answer = flow_runs::asuspend_flow_run_for_input_with(&client, &run, &form, &options).await?;
/// println!("{answer:?}");
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`asuspend_flow_run_for_input`].
#[dual(sdk, map(asuspend => suspend, aload => load))]
pub async fn asuspend_flow_run_for_input_with<T: InputType>(
    client: &AsyncPrefectClient,
    run: &RunContext,
    form: &InputForm<T>,
    options: &SuspendFlowRunOptions,
) -> Result<Suspension<T>, Error> {
    let (id, key) = current(run, options)?;
    let question = form.question(Way::Suspend.keyset(&key))?;
    let suspended = asuspend(client, id, &key, Some(&question), options).await?;
    if suspended == Stopped::Now {
        return Ok(Suspension::Suspended);
    }
    let input = form.aload(client, id, &question.keyset).await?;
    Ok(Suspension::Resumed(input))
}

/// Suspends a flow run that the program is not part of: it ends before its next task. It must be a run of a deployment,
/// and no subflow.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, flow_runs};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// flow_runs::asuspend_flow_run_by_id(&client, id).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The run is not one that can be suspended ([`Error::is_refused`]). A call of the client failed.
#[dual(sdk)]
pub async fn asuspend_flow_run_by_id(client: &AsyncPrefectClient, id: Uuid) -> Result<(), Error> {
    asuspend_flow_run_by_id_with(client, id, &SuspendFlowRunOptions::new()).await
}

/// As [`asuspend_flow_run_by_id`], with what is optional about it.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{client::AsyncPrefectClient, flow_runs::{self, SuspendFlowRunOptions}};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = SuspendFlowRunOptions::new().timeout(Duration::from_hours(1));
/// flow_runs::asuspend_flow_run_by_id_with(&client, id, &options).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// A suspend with that key was there before, and the run was resumed since ([`Error::is_refused`]); or as
/// [`asuspend_flow_run_by_id`].
#[dual(sdk, map(asuspend => suspend))]
pub async fn asuspend_flow_run_by_id_with(
    client: &AsyncPrefectClient,
    id: Uuid,
    options: &SuspendFlowRunOptions,
) -> Result<(), Error> {
    let key = options.key.clone();
    let key = key.unwrap_or_else(|| Uuid::new_v4().to_string());
    match asuspend(client, id, &key, None, options).await? {
        Stopped::Now => Ok(()),
        Stopped::Before => {
            let text = format!("the flow run {id} was suspended with this key before: it runs");
            Err(Error::refused(Refusal::State, text))
        }
    }
}

#[dual(sdk, map(apropose_state => propose_state, aask => ask))]
async fn asuspend(
    client: &AsyncPrefectClient,
    id: Uuid,
    key: &str,
    question: Option<&Question>,
    options: &SuspendFlowRunOptions,
) -> Result<Stopped, Error> {
    let keyset = question.map(|question| question.keyset.clone());
    let state = Way::Suspend.state(key, options.timeout, keyset);
    let stopped = Way::Suspend.stopped(apropose_state(client, id, &state).await?)?;
    if let (Stopped::Now, Some(question)) = (stopped, question) {
        question.aask(client, id).await?;
    }
    Ok(stopped)
}

fn current(run: &RunContext, options: &SuspendFlowRunOptions) -> Result<(Uuid, String), Error> {
    let id = Way::Suspend.current(run)?;
    if run.task_run_id.is_some() {
        return Err(Error::invalid("a task run cannot suspend its flow run"));
    }
    let key = options.key.clone();
    Ok((id, key.unwrap_or_else(|| run.next_pause_key())))
}
