//! What the runner says of a run whose process has ended, where that said nothing.

use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(runners)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, StateCreate, StateType};
use prefect_client::requests::SetFlowRunState;
use uuid::Uuid;

use super::ending;
use super::execute::Over;
#[dual(runners)]
use super::runner::AsyncShared;
use super::{REQUEST, runners};
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;
use crate::events::EmitEventOptions;
#[dual(runners)]
use crate::events::aemit_event;
#[dual(runners)]
use crate::faces::asleep;
use crate::{Error, RunContext, states};

/// How long it is tried to say how a run ended, where the server does not answer; and where the runner is to stop.
const REPORTING: Duration = Duration::from_mins(10);
const LAST_REPORTING: Duration = Duration::from_secs(30);
/// How long to wait between two attempts.
const AGAIN: Duration = Duration::from_secs(5);

/// Has the run end in a state, whatever became of its process.
#[dual(runners)]
pub(super) async fn aconclude(shared: &AsyncShared, id: Uuid, over: &Over) {
    let client = abounded(&shared.client, REQUEST);
    let begun = Instant::now();
    loop {
        let error = match atry_to_conclude(&client, id, over).await {
            Ok(Some(run)) => {
                atell_cancelled(&client, &shared.options.name, &run).await;
                return;
            }
            Ok(None) => return,
            Err(error) => error,
        };
        let time = if shared.is_stopping() {
            LAST_REPORTING
        } else {
            REPORTING
        };
        let is_over = Deadline::after(Some(time), begun).is_over(Instant::now());
        // A run that is gone needs no state.
        if is_over || error.is_not_found() {
            tracing::error!(flow_run = %id, "the run has no last state: {error}");
            return;
        }
        tracing::warn!(flow_run = %id, "the run has no last state yet: {error}");
        asleep(AGAIN).await;
    }
}

/// Gives the run, where it was cancelled by this.
#[dual(runners)]
async fn atry_to_conclude(
    client: &AsyncPrefectClient,
    id: Uuid,
    over: &Over,
) -> Result<Option<FlowRunResponse>, Error> {
    let run = client.read_flow_run(id).await?;
    let Some(state) = forced(&run, over) else {
        return Ok(None);
    };
    let force = SetFlowRunState::new().force(true);
    client.set_flow_run_state_with(id, &state, &force).await?;
    let is_cancelled = state.type_ == StateType::Cancelled;
    Ok(is_cancelled.then_some(run))
}

fn forced(run: &FlowRunResponse, over: &Over) -> Option<StateCreate> {
    match over {
        Over::Ended(facts) => ending::state(run, facts.end, facts.code.unwrap_or(-1)),
        Over::NotStarted(why) => {
            let state = ending::state(run, None, -1)?;
            let text = format!("Flow run could not start: {why}");
            Some(match state.type_ {
                StateType::Crashed => states::crashed().message(text),
                _ => state,
            })
        }
    }
}

/// The event that a runner cancelled a run. Nothing depends on it.
#[dual(runners)]
async fn atell_cancelled(client: &AsyncPrefectClient, runner: &str, run: &FlowRunResponse) {
    let id = format!("prefect.runner.{}", slug::slugify(runner));
    let resource = [
        ("prefect.resource.id", id.as_str()),
        ("prefect.resource.name", runner),
        ("prefect.version", prefect_client::PREFECT_VERSION),
    ];
    let options = EmitEventOptions::new().run(&RunContext::flow_run(run.id));
    let name = "prefect.runner.cancelled-flow-run";
    if let Err(error) = aemit_event(client, name, resource, &options).await {
        tracing::warn!(flow_run = %run.id, "nobody is told that the run is cancelled: {error}");
    }
}
