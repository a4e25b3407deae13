//! The state that a task run is in, as those see it who hold its future. No I/O.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;
use prefect_client::models::{State, StateType};
use serde_json::json;
use uuid::Uuid;

use super::task_record::TaskState;
use crate::states;

/// The state that a run is in, which its engine keeps up to date. Clones are of the same run.
#[derive(Clone, Default)]
pub(crate) struct StateShown(Arc<Mutex<Option<Of>>>);

struct Of {
    state: TaskState,
    task_run: Uuid,
    flow_run: Uuid,
}

impl StateShown {
    pub(super) fn set(&self, state: TaskState, task_run: Uuid, flow_run: Uuid) {
        let new = Of {
            state,
            task_run,
            flow_run,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(new);
    }

    /// `Pending`, where the run has not begun.
    pub(crate) fn get(&self, task_run: Uuid) -> State {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(of) => shown(&of.state, of.task_run, Some(of.flow_run)),
            None => shown(
                &TaskState {
                    id: Uuid::nil(),
                    timestamp: Utc::now(),
                    state: states::pending(),
                },
                task_run,
                None,
            ),
        }
    }
}

fn shown(of: &TaskState, task_run: Uuid, flow_run: Option<Uuid>) -> State {
    let mut details = of.state.state_details.clone().unwrap_or_default();
    details.task_run_id = Some(task_run);
    details.flow_run_id = flow_run;
    let told = json!({"type": StateType::Pending, "id": of.id});
    let read: Result<State, _> = serde_json::from_value(told);
    let mut state = read.expect("a state has a type and an id");
    state.type_ = of.state.type_.clone();
    state.name.clone_from(&of.state.name);
    state.message.clone_from(&of.state.message);
    state.data.clone_from(&of.state.data);
    state.state_details = Some(details);
    state.timestamp = Some(of.timestamp);
    state
}
