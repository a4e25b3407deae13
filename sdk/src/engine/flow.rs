//! A flow run, from its first state to its last.

use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::time::Duration;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{
    FlowCreate, FlowRunCreate, FlowRunPolicy, FlowRunResponse, FlowRunUpdate, State, StateCreate,
};
use prefect_client::requests::SetFlowRunState;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::engine;
use super::flow_step::{self, Begin, End};
use super::parameters::read_parameters;
#[dual(engine)]
use super::results::{akept, akept_error, aresult_store};
#[dual(engine)]
use super::scope::{AsyncScope, adelivered_or_said};
use super::{RunFailed, Unlimited, last_state, results, retry};
#[dual(engine)]
use crate::events::AsyncEventSender;
use crate::events::{SendEventsOptions, of_flow_run};
#[dual(engine)]
use crate::faces::asleep;
#[dual(engine)]
use crate::flow_runs::apropose_state;
#[dual(engine)]
use crate::flows::{AsyncFlow, AsyncFlowRun};
use crate::flows::{FlowOptions, RunFlowOptions};
use crate::results::CreateRecordOptions;
use crate::states::{self, RunError};
use crate::{Error, RunContext};

/// How long to wait until `Running` is proposed again to a server that is not ready for it; as long as Python waits.
const LATER: Duration = Duration::from_millis(200);

/// Runs a flow in a run of its own.
#[dual(engine)]
pub(crate) async fn arun_flow<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    client: &AsyncPrefectClient,
    parameters: Map<String, Value>,
    options: &RunFlowOptions,
) -> Result<T, RunFailed<E>>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let mut run =
        AsyncFlowConversation::abegin(client, flow.name(), flow.options(), parameters, options)
            .await?;
    match aattempts(flow, &mut run).await {
        Err(RunFailed::Engine(error)) => {
            run.crash(&error).await;
            Err(RunFailed::Engine(error))
        }
        ended => ended,
    }
}

/// Runs the function until the server takes a last state.
#[dual(engine)]
async fn aattempts<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    run: &mut AsyncFlowConversation,
) -> Result<T, RunFailed<E>>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let mut parameters = match read_parameters::<P>(&run.parameters) {
        Ok(parameters) => Some(parameters),
        Err(text) => {
            let failed = RunFailed::Parameters(text);
            run.refuse(&failed.run_error()).await?;
            return Err(failed);
        }
    };
    run.rename().await?;
    loop {
        let scope = match run.start().await? {
            AsyncStarted::Running(scope) => scope,
            AsyncStarted::Ended(state) => return Err(RunFailed::Ended(state)),
        };
        // Each attempt has parameters of its own.
        let given = match parameters.take() {
            Some(given) => Ok(given),
            None => read_parameters(&run.parameters).map_err(RunFailed::Parameters),
        };
        let handle = AsyncFlowRun::new(Arc::clone(&scope));
        let ended = match given {
            Ok(given) => flow.body().run(handle, given, flow.options().timeout).await,
            Err(failed) => Err(failed),
        };
        let (ended, state) = astate_of(&scope, ended).await;
        match run.end(&scope, &state).await? {
            End::Over => return ended,
            End::Ended(state) => return Err(RunFailed::Ended(state)),
            End::Again => {
                if let Err(failed) = ended {
                    tracing::info!(flow_run = %scope.id, "the flow run is tried again: {failed}");
                }
            }
        }
    }
}

/// The state of a run whose function ended so. What it gave is kept before, if it is to be.
#[dual(engine)]
async fn astate_of<T, E>(
    scope: &AsyncScope,
    ended: Result<T, RunFailed<E>>,
) -> (Result<T, RunFailed<E>>, StateCreate)
where
    T: Serialize + Send + Sync,
    E: Display + Send,
{
    let failed = match ended {
        Ok(value) => {
            let store = scope.results.as_ref().filter(|_| scope.persists);
            match akept(store, &value, &CreateRecordOptions::new()).await {
                Ok(data) => return (Ok(value), last_state::completed(data)),
                Err(error) => RunFailed::Engine(error),
            }
        }
        Err(failed) => failed,
    };
    if let RunFailed::TimedOut(timeout) = failed {
        return (Err(failed), last_state::timed_out("Flow", timeout));
    }
    let error = failed.run_error();
    // It is kept whether or not results are.
    let data = akept_error(scope.results.as_ref(), &error).await;
    (Err(failed), last_state::failed(error.flow_message(), data))
}

/// What came of the proposal to run.
#[dual(engine)]
enum AsyncStarted {
    Running(Arc<AsyncScope>),
    Ended(Box<State>),
}

/// What is said to the server of one flow run, and what is known of it.
#[dual(engine)]
struct AsyncFlowConversation {
    client: AsyncPrefectClient,
    sender: AsyncEventSender,
    context: RunContext,
    flow: prefect_client::models::Flow,
    run: FlowRunResponse,
    options: FlowOptions,
    how: RunFlowOptions,
    parameters: Map<String, Value>,
    /// The name that it gets, if it is not the server's.
    name: Option<String>,
    unlimited: Arc<Unlimited>,
    is_over: bool,
}

#[dual(engine)]
impl AsyncFlowConversation {
    /// Makes a run, which is pending. What can't be run is refused before anything is sent.
    #[dual(name = begin)]
    async fn abegin(
        client: &AsyncPrefectClient,
        flow_name: &str,
        options: &FlowOptions,
        parameters: Map<String, Value>,
        how: &RunFlowOptions,
    ) -> Result<Self, Error> {
        results::check(options.results.own_decision(), how.results.is_some())?;
        let name = options.flow_run_name.as_ref();
        let name = name.map(|name| name.of(&parameters)).transpose()?;
        let sender = AsyncEventSender::start(client, &SendEventsOptions::new())?;
        let new = FlowCreate::new(flow_name).tags(Vec::<String>::new());
        let flow = client.create_flow(&new).await?;
        let run = run_to_create(flow.id, options, &parameters, how);
        let run = client.create_flow_run(&run).await?;
        Ok(Self {
            client: client.clone(),
            sender,
            context: RunContext::flow_run(run.id),
            flow,
            run,
            options: options.clone(),
            how: how.clone(),
            parameters,
            name,
            unlimited: Arc::default(),
            is_over: false,
        })
    }

    /// Its parameters don't fit, so that it never runs.
    async fn refuse(&mut self, error: &RunError) -> Result<(), Error> {
        let settings = self.how.results.as_ref();
        let (store, _) = aresult_store(&self.client, settings, &self.options.results).await?;
        let data = akept_error(store.as_ref(), error).await;
        let state = last_state::failed(last_state::unfit_message(error), data);
        apropose_state(&self.client, self.run.id, &state).await?;
        self.is_over = true;
        Ok(())
    }

    /// Gives it its own name.
    async fn rename(&mut self) -> Result<(), Error> {
        if let Some(name) = self.name.take() {
            let update = FlowRunUpdate::new().name(name);
            self.client.update_flow_run(self.run.id, &update).await?;
        }
        Ok(())
    }

    /// Proposes to run, until the server says what becomes of that.
    async fn start(&mut self) -> Result<AsyncStarted, Error> {
        loop {
            let proposal = apropose_state(&self.client, self.run.id, &states::running()).await?;
            match self.heard(flow_step::begin(proposal))? {
                Begin::Run => break,
                Begin::Later => asleep(LATER).await,
                Begin::Ended(state) => {
                    self.is_over = true;
                    return Ok(AsyncStarted::Ended(state));
                }
            }
        }
        // What the server has now: its count of runs, its name.
        self.run = self.client.read_flow_run(self.run.id).await?;
        let settings = self.how.results.as_ref();
        let (results, persists) =
            aresult_store(&self.client, settings, &self.options.results).await?;
        Ok(AsyncStarted::Running(Arc::new(AsyncScope {
            client: self.client.clone(),
            sender: self.sender.clone(),
            context: self.context.clone(),
            id: self.run.id,
            name: self.run.name.clone().unwrap_or_default(),
            flow_name: self.flow.name.clone(),
            run_count: self.run.run_count,
            tags: self.run.tags.clone(),
            parameters: self.parameters.clone(),
            related: of_flow_run(&self.run, &self.flow),
            results,
            persists,
            unlimited: Arc::clone(&self.unlimited),
        })))
    }

    /// Proposes a last state, after all that was told of task runs has arrived. What can't be delivered does not keep the run
    /// from ending.
    async fn end(&mut self, scope: &AsyncScope, state: &StateCreate) -> Result<End, Error> {
        adelivered_or_said(&scope.sender, scope.id).await;
        let proposal = apropose_state(&self.client, scope.id, state).await?;
        let end = self.heard(flow_step::end(proposal))?;
        self.is_over = end != End::Again;
        Ok(end)
    }

    /// What follows from the server's answer. Where that is nothing, the server has decided, and is told no more.
    fn heard<S>(&mut self, step: Result<S, Error>) -> Result<S, Error> {
        self.is_over |= step.is_err();
        step
    }

    /// Says that it ends here; but not where it has ended, or the server has decided already.
    async fn crash(&mut self, why: &Error) {
        if !self.is_over {
            aforce(&self.client, self.run.id, last_state::crashed(why)).await;
        }
        self.is_over = true;
    }
}

/// Whoever dropped the future waits for nothing, so a task tells that the run ends here.
#[cfg(feature = "async")]
impl Drop for AsyncFlowConversation {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let id = self.run.id;
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            tracing::error!(flow_run = %id, "the flow run has no last state: its runtime is gone");
            return;
        };
        let (client, sender) = (self.client.clone(), self.sender.clone());
        drop(runtime.spawn(async move {
            adelivered_or_said(&sender, id).await;
            aforce(&client, id, last_state::dropped()).await;
        }));
    }
}

/// A panic that is not the function's, such as one of what shows its error, leaves the run without a last state.
#[cfg(feature = "blocking")]
impl Drop for FlowConversation {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        delivered_or_said(&self.sender, self.run.id);
        force(&self.client, self.run.id, last_state::dropped());
    }
}

/// Ends a run that crashed, whatever the server has to say, unless it has ended otherwise. There is nobody left to tell what
/// goes wrong.
#[dual(engine)]
async fn aforce(client: &AsyncPrefectClient, id: Uuid, crashed: StateCreate) {
    if let Err(error) = atry_to_force(client, id, crashed).await {
        tracing::error!(flow_run = %id, "the flow run has no last state: {error}");
    }
}

#[dual(engine)]
async fn atry_to_force(
    client: &AsyncPrefectClient,
    id: Uuid,
    crashed: StateCreate,
) -> Result<(), Error> {
    let run = client.read_flow_run(id).await?;
    if let Some(state) = last_state::forced(run.state_type.as_ref(), crashed) {
        let force = SetFlowRunState::new().force(true);
        client.set_flow_run_state_with(id, &state, &force).await?;
    }
    Ok(())
}

fn run_to_create(
    flow_id: Uuid,
    options: &FlowOptions,
    parameters: &Map<String, Value>,
    how: &RunFlowOptions,
) -> FlowRunCreate {
    let delay = options.retry_delay.min(retry::LONGEST_TOLD);
    // The server waits whole seconds.
    let delay = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    let policy = FlowRunPolicy::new()
        .retries(i64::from(options.retries))
        .retry_delay(i64::try_from(delay).unwrap_or(i64::MAX));
    let mut run = FlowRunCreate::new(flow_id)
        .state(states::pending())
        .parameters(parameters.clone().into_iter().collect())
        .empirical_policy(policy)
        .tags(how.tags.clone());
    run.flow_version.clone_from(&options.version);
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_told_whole_seconds_and_no_more_than_it_can_add_to_a_time() {
        let told = |delay| {
            let options = FlowOptions::new().retries(1).retry_delay(delay);
            let run = run_to_create(Uuid::nil(), &options, &Map::new(), &RunFlowOptions::new());
            run.empirical_policy.and_then(|policy| policy.retry_delay)
        };
        let told = |delay| serde_json::to_value(told(delay)).unwrap();
        assert_eq!(told(Duration::from_millis(1500)), 2);
        assert_eq!(told(Duration::MAX), retry::LONGEST_TOLD.as_secs());
    }
}
