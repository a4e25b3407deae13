//! Telling the server of a state, also where its answer is lost: the run says then what became of it.

use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::Progress;
use prefect_client::models::{OrchestrationResult, State, StateCreate, StateDetails};
use prefect_client::requests::SetFlowRunState;
use uuid::Uuid;

use crate::Error;
#[dual(sdk)]
use crate::faces::asleep_for;
use crate::faces::sdk;

/// How many milliseconds to wait each time that an answer is lost until it is asked what became of the state.
pub(super) const PAUSES: [u64; 5] = [250, 500, 1000, 2000, 4000];

/// What is known of a state that the server was told of.
pub(super) enum Told {
    Answered(OrchestrationResult),
    /// Its answer was lost, and the run is in this state.
    Became(State),
}

/// Tells the server of a state, which names its transition. Where the answer is lost, it is told again, unless the state that the run is in
/// settles what became of it: the server would let a run begin anew that was cancelled meanwhile.
#[dual(sdk)]
pub(super) async fn atell(
    client: &AsyncPrefectClient,
    id: Uuid,
    state: &StateCreate,
    request: &SetFlowRunState,
    is_settled: fn(&State, &StateCreate) -> bool,
) -> Result<Told, Error> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let told = client.set_flow_run_state_with(id, state, request).await;
        let error = match told {
            Ok(answer) => return Ok(Told::Answered(answer)),
            Err(error) => error,
        };
        let pause = match pauses.next() {
            Some(pause) if error.progress() == Progress::MayBeExecuted => pause,
            _ => return Err(error.into()),
        };
        asleep_for(client, Duration::from_millis(pause)).await;
        let Ok(run) = client.read_flow_run(id).await else {
            return Err(error.into());
        };
        if let Some(now) = run.state.filter(|now| is_settled(now, state)) {
            return Ok(Told::Became(now));
        }
        tracing::info!(flow_run = %id, "the server is told again of a state: {error}");
    }
}

/// Whether the run came into its state by what was sent.
pub(super) fn is_ours(now: &State, sent: &StateCreate) -> bool {
    let transition = |details: Option<&StateDetails>| details?.transition_id;
    let ours = transition(sent.state_details.as_ref());
    ours.is_some() && transition(now.state_details.as_ref()) == ours
}
