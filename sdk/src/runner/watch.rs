//! Hears which runs are cancelled: by events, and by asking now and then.

use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_client::models::{
    EventFilter, EventNameFilter, FlowRunFilter, FlowRunFilterId, FlowRunFilterState,
    FlowRunFilterStateType, ReceivedEvent, StateType,
};
use prefect_client::requests::ReadFlowRuns;
use uuid::Uuid;

use super::ending::Ended;
#[dual(runners)]
use super::runner::AsyncShared;
use super::{REQUEST, runners};
use crate::Error;
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;
use crate::events::SubscribeOptions;
#[dual(runners)]
use crate::events::asubscribe;
#[dual(runners)]
use crate::faces::asleep;

/// How often it is asked, beside listening.
const ASKING: Duration = Duration::from_secs(10);
/// How long it is listened at a time: the runner may have stopped.
const LISTENING: Duration = Duration::from_secs(1);

/// Has those runs end that are cancelled, until the runner has stopped.
#[dual(runners)]
pub(super) async fn awatch(shared: &AsyncShared) {
    while !shared.is_stopping() {
        if let Err(error) = ahear(shared).await {
            tracing::warn!("cancellations can't be heard of: {error}");
            aask(shared).await;
            asleep(LISTENING).await;
        }
    }
}

/// Until events can't be heard, or the runner has stopped.
#[dual(runners)]
async fn ahear(shared: &AsyncShared) -> Result<(), Error> {
    let cancelling = EventNameFilter::new().name(["prefect.flow-run.Cancelling"]);
    let filter = EventFilter::new().event(cancelling);
    let options = SubscribeOptions::new().reconnect_on_clean_close();
    let mut events = asubscribe(&shared.client, filter, &options).await?;
    let mut next = Deadline::after(Some(ASKING), Instant::now());
    while !shared.is_stopping() {
        match events.anext_within(LISTENING).await {
            Ok(Some(event)) => {
                if let Some(id) = flow_run_of(&event) {
                    acancel(shared, id).await;
                }
            }
            Ok(None) => return Ok(()),
            Err(error) if error.is_timeout() => {}
            Err(error) => return Err(error),
        }
        if next.is_over(Instant::now()) {
            aask(shared).await;
            next = Deadline::after(Some(ASKING), Instant::now());
        }
    }
    Ok(())
}

/// An event may be an old one, of a run that has begun again since.
#[dual(runners)]
async fn acancel(shared: &AsyncShared, id: Uuid) {
    let Some(running) = shared.running.get(id) else {
        return;
    };
    let run = abounded(&shared.client, REQUEST).read_flow_run(id).await;
    if run.is_ok_and(|run| run.state_type == Some(StateType::Cancelling)) {
        running.end(Ended::Cancelled);
    }
}

/// Asks which of the runs are being cancelled.
#[dual(runners)]
async fn aask(shared: &AsyncShared) {
    let ids = shared.running.ids();
    if ids.is_empty() {
        return;
    }
    let state = FlowRunFilterStateType::new().any([StateType::Cancelling]);
    let filter = FlowRunFilter::new()
        .id(FlowRunFilterId::new().any(ids))
        .state(FlowRunFilterState::new().type_(state));
    let request = ReadFlowRuns::new().flow_runs(filter);
    let client = abounded(&shared.client, REQUEST);
    match client.read_flow_runs_with(&request).await {
        Ok(runs) => {
            for running in runs.iter().filter_map(|run| shared.running.get(run.id)) {
                running.end(Ended::Cancelled);
            }
        }
        Err(error) => tracing::warn!("which runs are cancelled can't be read: {error}"),
    }
}

/// The flow run that an event is about.
fn flow_run_of(event: &ReceivedEvent) -> Option<Uuid> {
    let resource = event.resource.get("prefect.resource.id")?;
    Uuid::parse_str(resource.strip_prefix("prefect.flow-run.")?).ok()
}
