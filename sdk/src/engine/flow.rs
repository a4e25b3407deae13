//! A flow run, from its first state to its last.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{State, StateCreate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

#[dual(engine)]
use super::AsyncCalledBy;
#[dual(engine)]
use super::apart::aapart;
#[dual(engine)]
use super::drawn::astand_in;
#[dual(engine)]
use super::flow_conversation::{AsyncFlowConversation, AsyncStarted};
use super::flow_step::End;
use super::parameters::read_parameters;
use super::pool::Left;
#[dual(engine)]
use super::results::{akept, akept_error};
#[dual(engine)]
use super::scope::AsyncScope;
use super::{ExistingRun, RunFailed, aggregate, engine, last_state, remarks, task_state};
use crate::flows::RunFlowOptions;
#[dual(engine)]
use crate::flows::{AsyncFlow, AsyncFlowRun};
use crate::results::CreateRecordOptions;
use crate::{Error, states};

/// Runs a flow in a run of its own, which is a part of the caller's, if that is one.
#[dual(engine)]
pub(crate) async fn arun_flow<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    called_by: AsyncCalledBy,
    parameters: Map<String, Value>,
    options: &RunFlowOptions,
) -> Result<T, RunFailed<E>>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    if let Some(drawing) = called_by.drawing() {
        return astand_in(flow, drawing, parameters).await;
    }
    if let Some(within) = called_by.within() {
        within.scope.suspension.check()?;
    }
    aapart(|| arun_part(flow, called_by, parameters, options)).await
}

#[dual(engine)]
async fn arun_part<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    called_by: AsyncCalledBy,
    parameters: Map<String, Value>,
    options: &RunFlowOptions,
) -> Result<T, RunFailed<E>>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let mut run = aapart(|| abegun(flow, called_by, parameters, options)).await?;
    if let (Some(record), Some(read)) = (&run.had, flow.reads()) {
        return Ok(read(record)?);
    }
    let ended = aapart(|| aattempts(flow, &mut run)).await;
    aapart(|| run.ended(ended)).await
}

/// As [`arun_flow`], but gives the state that the run is in then, whatever that is.
#[dual(engine)]
pub(crate) async fn aflow_state<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    called_by: AsyncCalledBy,
    parameters: Map<String, Value>,
    options: &RunFlowOptions,
) -> Result<State, Error>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    if let Some(drawing) = called_by.drawing() {
        drawing.subflow(flow.name());
        return Ok(task_state::made(&states::completed()));
    }
    let within = called_by.within();
    if let Some(state) = within.and_then(|within| within.scope.suspension.state()) {
        return Ok(*state);
    }
    let mut run = aapart(|| abegun(flow, called_by, parameters, options)).await?;
    if run.had.is_some() {
        return run.state().await;
    }
    let ended = aapart(|| aattempts(flow, &mut run)).await;
    drop(aapart(|| run.ended(ended)).await);
    run.state().await
}

#[dual(engine)]
async fn abegun<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    called_by: AsyncCalledBy,
    parameters: Map<String, Value>,
    options: &RunFlowOptions,
) -> Result<AsyncFlowConversation, Error> {
    AsyncFlowConversation::abegin(called_by, &flow.facts(), parameters, options).await
}

/// Runs a flow in a run that exists already.
#[dual(engine)]
pub(crate) async fn arun_existing_flow<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    client: &AsyncPrefectClient,
    existing: ExistingRun,
    options: &RunFlowOptions,
) -> Result<T, RunFailed<E>>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let mut run = AsyncFlowConversation::of_existing(client, &flow.facts(), existing, options)?;
    let ended = match run.take_over().await {
        Ok(()) => aapart(|| aattempts(flow, &mut run)).await,
        Err(error) => Err(error.into()),
    };
    run.ended(ended).await
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
            remarks::flow_run_is_refused(&failed);
            let error = failed.run_error();
            return match aapart(|| run.refuse(&error)).await? {
                End::Over(_) | End::Again => Err(failed),
                End::Ended(state) => Err(RunFailed::Ended(state)),
                End::Cancelled => Err(RunFailed::Cancelled),
            };
        }
    };
    aapart(|| run.rename()).await?;
    loop {
        let scope = match aapart(|| run.start()).await? {
            AsyncStarted::Running(scope) => scope,
            AsyncStarted::Ended(state) => return Err(RunFailed::Ended(state)),
            AsyncStarted::Cancelled => return Err(RunFailed::Cancelled),
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
        let left = Left::after(&ended);
        aapart(|| scope.work.finish(left, &run.cancellation)).await;
        if let Some(why) = run.cancellation.why() {
            aapart(|| run.stop(why)).await?;
            return Err(RunFailed::Cancelled);
        }
        if let Some(state) = aapart(|| run.suspended()).await {
            return Err(RunFailed::Ended(state));
        }
        let (ended, state) = aapart(|| astate_of(&scope, ended)).await;
        match aapart(|| run.end(&state)).await? {
            End::Over(_) => return ended.and_then(unless_wrong),
            End::Ended(state) => return Err(RunFailed::Ended(state)),
            End::Cancelled => return Err(RunFailed::Cancelled),
            End::Again => {}
        }
    }
}

/// Who calls a flow that gives one state is told what that says; a list of states is a value.
fn unless_wrong<T: 'static, E>(value: T) -> Result<T, RunFailed<E>> {
    match aggregate::gone_wrong(&value) {
        Some(state) => Err(RunFailed::Ended(Box::new(state.clone()))),
        None => Ok(value),
    }
}

/// The state of a run whose function ended so. What it gave is kept before, if it is to be.
#[dual(engine)]
async fn astate_of<T, E>(
    scope: &AsyncScope,
    ended: Result<T, RunFailed<E>>,
) -> (Result<T, RunFailed<E>>, StateCreate)
where
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send,
{
    let failed = match ended {
        Ok(value) => {
            let store = scope.results.as_ref().filter(|_| scope.persists);
            match akept(store, &value, &CreateRecordOptions::new()).await {
                Ok(data) => {
                    let state = last_state::of_value(&value, data);
                    return (Ok(value), state);
                }
                Err(error) => RunFailed::Engine(error),
            }
        }
        Err(failed) => failed,
    };
    remarks::flow_run_failed(&scope.span, &failed);
    if let RunFailed::TimedOut(timeout) = failed {
        return (Err(failed), last_state::timed_out("Flow", timeout));
    }
    let error = failed.run_error();
    // It is kept whether or not results are.
    let data = akept_error(scope.results.as_ref(), &error).await;
    (Err(failed), last_state::failed(error.flow_message(), data))
}
