//! Hears which runs are being cancelled, or suspended: by events, and by asking now and then.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(watching)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{
    EventFilter, EventNameFilter, FlowRunFilter, FlowRunFilterId, FlowRunFilterState,
    FlowRunFilterStateType, FlowRunResponse, ReceivedEvent, State, StateType,
};
use prefect_client::requests::ReadFlowRuns;
use uuid::Uuid;

use crate::Error;
use crate::deadline::Deadline;
#[dual(watching)]
use crate::deadline::abounded;
use crate::events::SubscribeOptions;
#[dual(watching)]
use crate::events::alisten;
#[dual(watching)]
use crate::faces::asleep;

diptych_macros::faces! {
    /// The names that differ between the faces of what hears of such runs.
    watching {
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

/// What is heard of.
pub(crate) struct Wanted {
    events: &'static [&'static str],
    types: &'static [StateType],
    /// The name of the state, where its type is not enough.
    name: Option<&'static str>,
}

/// A run that waits for a retry, or has not begun, is cancelled without being `Cancelling` before.
pub(crate) static CANCELLED: Wanted = Wanted {
    events: &["prefect.flow-run.Cancelling", "prefect.flow-run.Cancelled"],
    types: &[StateType::Cancelling, StateType::Cancelled],
    name: None,
};

/// A run that somebody suspended, which its process does not hear otherwise.
pub(crate) static SUSPENDED: Wanted = Wanted {
    events: &["prefect.flow-run.Suspended"],
    types: &[StateType::Paused],
    name: Some("Suspended"),
};

/// How often it is asked, beside listening.
const ASKING: Duration = Duration::from_secs(10);
/// How long it is only asked where events can't be heard.
const DEAF: Duration = Duration::from_mins(1);
/// How long it is listened at a time: whoever watches may have ended.
const LISTENING: Duration = Duration::from_secs(1);
/// How long a request may take.
const REQUEST: Duration = Duration::from_secs(30);

/// Who wants to know of such runs.
pub(crate) trait Watcher: Send + Sync {
    /// What it wants to know.
    fn wants(&self) -> &'static Wanted {
        &CANCELLED
    }

    /// The runs that it is about now.
    fn runs(&self) -> Vec<Uuid>;

    /// One of them is in such a state. It may be told more than once.
    fn heard(&self, run: Uuid);

    /// Since when such a state counts also where another has followed it: who was in it is to stop. Without that, it counts while the
    /// run is in it.
    fn since(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// Whether it wants to know no more.
    fn is_over(&self) -> bool;
}

/// Tells of such runs, until nobody wants to know any more.
#[dual(watching)]
pub(crate) async fn awatch(client: &AsyncPrefectClient, watcher: &dyn Watcher) {
    let mut told = String::new();
    while !watcher.is_over() {
        if let Err(error) = ahear(client, watcher).await {
            let why = error.to_string();
            // Where it stays so, once is enough.
            if why != told {
                tracing::warn!("what becomes of runs can't be heard, only asked for: {why}");
                told = why;
            }
            aask_for_a_while(client, watcher).await;
        }
    }
}

/// Until it is worth while to try again to listen.
#[dual(watching)]
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
#[dual(watching)]
async fn ahear(client: &AsyncPrefectClient, watcher: &dyn Watcher) -> Result<(), Error> {
    let names = watcher.wants().events.iter().copied();
    let filter = EventFilter::new().event(EventNameFilter::new().name(names));
    let options = SubscribeOptions::new().reconnect_on_clean_close();
    // It is asked meanwhile, also where a connection takes long to come about.
    let mut events = alisten(client, filter, &options)?;
    // What came before anybody listened is asked for soon, where it may have.
    let first = watcher.since().map_or(ASKING, |_| Duration::ZERO);
    let mut next = Deadline::after(Some(first), Instant::now());
    while !watcher.is_over() {
        match events.anext_within(LISTENING).await {
            Ok(Some(event)) => {
                if let Some(id) = flow_run_of(&event) {
                    acheck_one(client, watcher, id, event.occurred).await;
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
#[dual(watching)]
async fn acheck_one(
    client: &AsyncPrefectClient,
    watcher: &dyn Watcher,
    id: Uuid,
    occurred: DateTime<Utc>,
) {
    if !watcher.runs().contains(&id) {
        return;
    }
    let run = abounded(client, REQUEST).read_flow_run(id).await;
    let state = run.ok().and_then(|run| run.state);
    if state.is_some_and(|state| counts(watcher.wants(), watcher.since(), &state, occurred)) {
        watcher.heard(id);
    }
}

/// Whether what an event says still holds, where the run is in this state now.
fn counts(
    wanted: &Wanted,
    since: Option<DateTime<Utc>>,
    now: &State,
    occurred: DateTime<Utc>,
) -> bool {
    let is_new = since.is_some_and(|since| occurred > since);
    wanted.holds(now) || (is_new && now.timestamp.is_some_and(|now| now >= occurred))
}

impl Wanted {
    fn holds(&self, state: &State) -> bool {
        let has_name = |name: &str| state.name.as_deref() == Some(name);
        self.types.contains(&state.type_) && self.name.is_none_or(has_name)
    }
}

/// Asks which of the runs are in such a state.
#[dual(watching)]
async fn aask(client: &AsyncPrefectClient, watcher: &dyn Watcher) {
    let (ids, wanted) = (watcher.runs(), watcher.wants());
    if ids.is_empty() {
        return;
    }
    let types = FlowRunFilterStateType::new().any(wanted.types.iter().cloned());
    let filter = FlowRunFilter::new()
        .id(FlowRunFilterId::new().any(ids))
        .state(FlowRunFilterState::new().type_(types));
    let request = ReadFlowRuns::new().flow_runs(filter);
    match abounded(client, REQUEST)
        .read_flow_runs_with(&request)
        .await
    {
        Ok(runs) => {
            let such =
                |run: &FlowRunResponse| run.state.as_ref().is_some_and(|state| wanted.holds(state));
            for run in runs.into_iter().filter(such) {
                watcher.heard(run.id);
            }
        }
        Err(error) => tracing::warn!("what has become of runs can't be read: {error}"),
    }
}

/// The flow run that an event is about.
fn flow_run_of(event: &ReceivedEvent) -> Option<Uuid> {
    let resource = event.resource.get("prefect.resource.id")?;
    Uuid::parse_str(resource.strip_prefix("prefect.flow-run.")?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(type_: &str, name: &str, second: i64) -> State {
        let at = DateTime::from_timestamp(second, 0);
        let told = json!({"type": type_, "name": name, "id": Uuid::nil(), "timestamp": at});
        serde_json::from_value(told).unwrap()
    }

    #[test]
    fn a_suspension_counts_while_it_holds_and_also_once_it_is_over_if_it_is_new() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let counts =
            |since, now: &State, occurred| counts(&SUSPENDED, Some(at(since)), now, at(occurred));
        let suspended = state("PAUSED", "Suspended", 5);
        assert!(counts(1, &suspended, 5));
        assert!(!counts(1, &state("PAUSED", "Paused", 4), 5));
        // It was resumed meanwhile: another process has the run.
        let resumed = state("SCHEDULED", "Resuming", 6);
        assert!(counts(1, &resumed, 5));
        // It was suspended before this process had it.
        assert!(!counts(5, &state("RUNNING", "Running", 5), 5));
        // It can't be seen yet.
        assert!(!counts(1, &state("RUNNING", "Running", 1), 5));
    }

    #[test]
    fn a_cancellation_counts_only_while_it_holds() {
        let at = DateTime::from_timestamp(5, 0).unwrap();
        let cancelled = |now: &State| counts(&CANCELLED, None, now, at);
        assert!(cancelled(&state("CANCELLING", "Cancelling", 5)));
        assert!(cancelled(&state("CANCELLED", "Cancelled", 6)));
        assert!(!cancelled(&state("SCHEDULED", "Scheduled", 6)));
    }
}
