//! Hears which runs are being cancelled: by events, and by asking now and then.

use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(cancelling)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{
    EventFilter, EventNameFilter, FlowRunFilter, FlowRunFilterId, FlowRunFilterState,
    FlowRunFilterStateType, ReceivedEvent, StateType,
};
use prefect_client::requests::ReadFlowRuns;
use uuid::Uuid;

use crate::Error;
use crate::deadline::Deadline;
#[dual(cancelling)]
use crate::deadline::abounded;
use crate::events::SubscribeOptions;
#[dual(cancelling)]
use crate::events::alisten;
#[dual(cancelling)]
use crate::faces::asleep;

diptych_macros::faces! {
    /// The names that differ between the faces of what hears of cancellations.
    cancelling {
        ..crate::faces::sdk,
        aask => ask,
        aask_for_a_while => ask_for_a_while,
        acheck_one => check_one,
        ahear => hear,
        alisten => listen,
        anext_within => next_within,
        awatch => watch,
    }
}

/// What is heard of. A run that waits for a retry, or has not begun, is cancelled without being `Cancelling` before.
const NAMES: [&str; 2] = ["prefect.flow-run.Cancelling", "prefect.flow-run.Cancelled"];
const CANCELLED: [StateType; 2] = [StateType::Cancelling, StateType::Cancelled];

/// How often it is asked, beside listening.
const ASKING: Duration = Duration::from_secs(10);
/// How long it is only asked where events can't be heard.
const DEAF: Duration = Duration::from_mins(1);
/// How long it is listened at a time: whoever watches may have ended.
const LISTENING: Duration = Duration::from_secs(1);
/// How long a request may take.
const REQUEST: Duration = Duration::from_secs(30);

/// Who wants to know of cancellations.
pub(crate) trait Watcher: Send + Sync {
    /// The runs that it is about now.
    fn runs(&self) -> Vec<Uuid>;

    /// One of them is being cancelled. It may be told more than once.
    fn cancel(&self, run: Uuid);

    /// Whether it wants to know no more.
    fn is_over(&self) -> bool;
}

/// Tells of runs that are being cancelled, until nobody wants to know any more.
#[dual(cancelling)]
pub(crate) async fn awatch(client: &AsyncPrefectClient, watcher: &dyn Watcher) {
    let mut told = String::new();
    while !watcher.is_over() {
        if let Err(error) = ahear(client, watcher).await {
            let why = error.to_string();
            // Where it stays so, once is enough.
            if why != told {
                tracing::warn!("cancellations can't be heard of, only asked for: {why}");
                told = why;
            }
            aask_for_a_while(client, watcher).await;
        }
    }
}

/// Until it is worth while to try again to listen.
#[dual(cancelling)]
async fn aask_for_a_while(client: &AsyncPrefectClient, watcher: &dyn Watcher) {
    let end = Deadline::after(Some(DEAF), Instant::now());
    let mut next = Deadline::after(Some(Duration::ZERO), Instant::now());
    while !watcher.is_over() && !end.is_over(Instant::now()) {
        if next.is_over(Instant::now()) {
            aask(client, watcher).await;
            next = Deadline::after(Some(ASKING), Instant::now());
        }
        asleep(LISTENING).await;
    }
}

/// Until events can't be heard.
#[dual(cancelling)]
async fn ahear(client: &AsyncPrefectClient, watcher: &dyn Watcher) -> Result<(), Error> {
    let cancelling = EventNameFilter::new().name(NAMES);
    let filter = EventFilter::new().event(cancelling);
    let options = SubscribeOptions::new().reconnect_on_clean_close();
    // It is asked meanwhile, also where a connection takes long to come about.
    let mut events = alisten(client, filter, &options)?;
    let mut next = Deadline::after(Some(ASKING), Instant::now());
    while !watcher.is_over() {
        match events.anext_within(LISTENING).await {
            Ok(Some(event)) => {
                if let Some(id) = flow_run_of(&event) {
                    acheck_one(client, watcher, id).await;
                }
            }
            Ok(None) => return Ok(()),
            Err(error) if error.is_timeout() => {}
            Err(error) => return Err(error),
        }
        if next.is_over(Instant::now()) {
            aask(client, watcher).await;
            next = Deadline::after(Some(ASKING), Instant::now());
        }
    }
    Ok(())
}

/// An event may be an old one, of a run that has begun again since.
#[dual(cancelling)]
async fn acheck_one(client: &AsyncPrefectClient, watcher: &dyn Watcher, id: Uuid) {
    if !watcher.runs().contains(&id) {
        return;
    }
    let run = abounded(client, REQUEST).read_flow_run(id).await;
    let state = run.ok().and_then(|run| run.state_type);
    if state.is_some_and(|state| CANCELLED.contains(&state)) {
        watcher.cancel(id);
    }
}

/// Asks which of the runs are being cancelled.
#[dual(cancelling)]
async fn aask(client: &AsyncPrefectClient, watcher: &dyn Watcher) {
    let ids = watcher.runs();
    if ids.is_empty() {
        return;
    }
    let state = FlowRunFilterStateType::new().any(CANCELLED);
    let filter = FlowRunFilter::new()
        .id(FlowRunFilterId::new().any(ids))
        .state(FlowRunFilterState::new().type_(state));
    let request = ReadFlowRuns::new().flow_runs(filter);
    match abounded(client, REQUEST)
        .read_flow_runs_with(&request)
        .await
    {
        Ok(runs) => {
            for run in runs {
                watcher.cancel(run.id);
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
