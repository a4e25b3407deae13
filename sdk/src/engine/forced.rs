//! The end of a flow run that can't be proposed: it is forced, unless the run has ended.

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::StateCreate;
use uuid::Uuid;

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
            tracing::error!(flow_run = %id, "the flow run has no last state: {error}");
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
    let run = client.read_flow_run(id).await?;
    let forced = last_state::forced(run.state_type.as_ref(), crashed);
    if let Some(state) = &forced {
        aforce_state(client, id, state).await?;
    }
    Ok(forced)
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
