//! The state that a task run is in, as those see it who hold its future. No I/O.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prefect_client::models::{State, StateType};
use uuid::Uuid;

use super::task_state::{TaskState, as_state, entered_now};
use super::{RunFailed, last_state};
use crate::states;

/// The state that a run is in, which its engine keeps up to date. Clones are of the same run.
#[derive(Clone)]
pub(crate) struct StateShown(Arc<Mutex<Of>>);

struct Of {
    state: TaskState,
    flow_run: Option<Uuid>,
}

/// `Pending`, until the run has begun.
impl Default for StateShown {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Of {
            state: entered_now(states::pending()),
            flow_run: None,
        })))
    }
}

impl StateShown {
    fn of(&self) -> MutexGuard<'_, Of> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, state: TaskState, flow_run: Option<Uuid>) {
        *self.of() = Of { state, flow_run };
    }

    pub(crate) fn get(&self, task_run: Uuid) -> State {
        let of = self.of();
        shown(&of.state, task_run, of.flow_run)
    }

    pub(super) fn is_completed(&self) -> bool {
        self.of().state.state.type_ == StateType::Completed
    }

    /// The run has ended so; where its last state is not known, as it never began or was left, this is it.
    pub(crate) fn end<E>(&self, failed: &RunFailed<E>) {
        let mut of = self.of();
        let is_open = [StateType::Pending, StateType::Running, StateType::Scheduled]
            .contains(&of.state.state.type_);
        let last = match failed {
            RunFailed::NotReady(_) => return,
            RunFailed::Cancelled => states::cancelled(),
            RunFailed::Engine(error) => last_state::crashed(error),
            _ => last_state::dropped(),
        };
        if is_open {
            of.state = entered_now(last);
        }
    }
}

fn shown(of: &TaskState, task_run: Uuid, flow_run: Option<Uuid>) -> State {
    let mut details = of.state.state_details.clone().unwrap_or_default();
    details.task_run_id = Some(task_run);
    details.flow_run_id = flow_run;
    let mut state = as_state(of);
    state.state_details = Some(details);
    state
}
