//! The end of a flow run that can't be proposed: it is forced, unless the run has ended.

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, StateCreate};
use uuid::Uuid;

#[dual(engine)]
use super::hooks::{AsyncFlowRunEntered, AsyncHooks};
use super::voice::Voice;
use super::{engine, last_state};
use crate::Error;
use crate::cancellation::Why;
#[dual(engine)]
use crate::flow_runs::aforce_state;

/// Ends a run that crashed, whatever the server has to say, unless it has ended otherwise. There is nobody left to tell what
/// goes wrong.
#[dual(engine)]
pub(super) async fn aforce(
    client: &AsyncPrefectClient,
    id: Uuid,
    crashed: StateCreate,
) -> Option<StateCreate> {
    match atry_to_force(client, id, crashed).await {
        Ok(forced) => forced,
        Err(error) => {
            no_last_state(id, &error);
            None
        }
    }
}

/// As [`aforce`], for those who can tell.
#[dual(engine)]
pub(crate) async fn atry_to_force(
    client: &AsyncPrefectClient,
    id: Uuid,
    crashed: StateCreate,
) -> Result<Option<StateCreate>, Error> {
    let (_, forced) = aforced(client, id, crashed).await?;
    Ok(forced)
}

/// Ends a run that nobody goes on with, and calls the hooks of that.
#[dual(engine)]
pub(super) async fn aend_left(
    client: &AsyncPrefectClient,
    id: Uuid,
    last: StateCreate,
    (flow_name, hooks): (&str, &AsyncHooks<AsyncFlowRunEntered>),
    voice: Voice,
) {
    let (run, state) = match aforced(client, id, last).await {
        Ok((run, Some(state))) => (run, last_state::as_hooks_see(&state)),
        Ok((_, None)) => return,
        Err(error) => return no_last_state(id, &error),
    };
    let mut entered = AsyncFlowRunEntered::new(client.clone(), flow_name, run, state);
    entered.voice = voice;
    hooks.entered(entered).await;
}

/// The run as it was before, and the state that it was forced into, if it was.
#[dual(engine)]
async fn aforced(
    client: &AsyncPrefectClient,
    id: Uuid,
    last: StateCreate,
) -> Result<(FlowRunResponse, Option<StateCreate>), Error> {
    let run = client.read_flow_run(id).await?;
    let forced = last_state::forced(run.state_type.as_ref(), last);
    if let Some(state) = &forced {
        aforce_state(client, id, state).await?;
    }
    Ok((run, forced))
}

fn no_last_state(id: Uuid, error: &Error) {
    tracing::error!(flow_run = %id, "the flow run has no last state: {error}");
}

/// Ends a run that was cancelled, or whose process is to end, unless it has ended otherwise.
#[dual(engine)]
pub(crate) async fn astop(
    client: &AsyncPrefectClient,
    id: Uuid,
    why: Why,
) -> Result<Vec<StateCreate>, Error> {
    if matches!(why, Why::LeftToParent | Why::LeftToRunner | Why::Left) {
        return Ok(Vec::new());
    }
    let run = client.read_flow_run(id).await?;
    let states = last_state::stopped(run.state_type.as_ref(), why);
    for state in &states {
        aforce_state(client, id, state).await?;
    }
    Ok(states)
}
