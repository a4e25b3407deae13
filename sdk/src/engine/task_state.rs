//! A state that a task run is in. No I/O.

use chrono::{DateTime, TimeDelta, Utc};
use prefect_client::models::{State, StateCreate, StateDetails, StateType};
use serde_json::json;
use uuid::Uuid;

use super::task_event::{Details, StateTold};

/// A message is told to this length.
const LONGEST_MESSAGE: usize = 100_000;

/// A state that the run is in; the event of it has its id and its time.
#[derive(Clone, Debug)]
pub(super) struct TaskState {
    pub(super) id: Uuid,
    pub(super) timestamp: DateTime<Utc>,
    pub(super) state: StateCreate,
}

impl TaskState {
    pub(super) fn of(state: &State, now: DateTime<Utc>) -> Self {
        let mut told = StateCreate::new(state.type_.clone());
        told.name.clone_from(&state.name);
        told.message.clone_from(&state.message);
        told.data.clone_from(&state.data);
        told.state_details = state.state_details.clone().map(of_no_run);
        Self {
            id: state.id,
            timestamp: state.timestamp.unwrap_or(now),
            state: told,
        }
    }

    pub(super) fn is(&self, type_: &StateType) -> bool {
        self.state.type_ == *type_
    }

    pub(super) fn type_(&self) -> &str {
        self.state.type_.as_str()
    }

    pub(super) fn message(&self) -> &str {
        let message = self.state.message.as_deref().unwrap_or_default();
        let end = message.char_indices().nth(LONGEST_MESSAGE);
        &message[..end.map_or(message.len(), |(end, _)| end)]
    }

    pub(super) fn told(&self) -> StateTold<'_> {
        StateTold {
            type_: self.type_(),
            name: self.state.name.as_deref(),
            message: self.message(),
            state_details: Details(self.state.state_details.as_ref()),
            data: None,
        }
    }
}

/// The server knows which run the state is one of.
fn of_no_run(mut details: StateDetails) -> StateDetails {
    (details.task_run_id, details.flow_run_id) = (None, None);
    details
}

/// Now, but later than the state before: the server tells the order of states by their times.
pub(super) fn after(before: Option<&TaskState>, now: DateTime<Utc>) -> DateTime<Utc> {
    let soonest = before.map(|before| before.timestamp + TimeDelta::microseconds(1));
    soonest.map_or(now, |soonest| now.max(soonest))
}

/// A state as the server would have it.
pub(super) fn made(state: &StateCreate) -> State {
    let of = entered_now(state.clone());
    as_state(&of)
}

/// A state that is entered now.
pub(super) fn entered_now(state: StateCreate) -> TaskState {
    TaskState {
        id: Uuid::now_v7(),
        timestamp: Utc::now(),
        state,
    }
}

/// The state, as who asks is told of it.
pub(super) fn as_state(of: &TaskState) -> State {
    let told = json!({"type": StateType::Pending, "id": of.id});
    let read: Result<State, _> = serde_json::from_value(told);
    let mut state = read.expect("a state has a type and an id");
    state.type_ = of.state.type_.clone();
    state.name.clone_from(&of.state.name);
    state.message.clone_from(&of.state.message);
    state.data.clone_from(&of.state.data);
    state.state_details.clone_from(&of.state.state_details);
    state.timestamp = Some(of.timestamp);
    state
}
