//! What a server was told of runs.

use std::collections::BTreeMap;

use prefect_client::models::{Event, StateType};
use serde_json::Value;
use uuid::Uuid;

/// A state that a run was in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordedState {
    /// Its type.
    pub type_: StateType,
    /// Its name, such as `AwaitingRetry`.
    pub name: String,
    /// Its message; empty where there is none.
    pub message: String,
}

/// A flow run, with all the states that it was in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordedFlowRun {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The name of its flow.
    pub flow_name: String,
    /// Its parameters.
    pub parameters: BTreeMap<String, Value>,
    /// Its tags.
    pub tags: Vec<String>,
    /// How often it ran.
    pub run_count: i64,
    /// Its states, in their order.
    pub states: Vec<RecordedState>,
}

/// A task run, with all the states that it was in: what its events tell.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordedTaskRun {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The id of its flow run.
    pub flow_run_id: Option<Uuid>,
    /// Its tags.
    pub tags: Vec<String>,
    /// How often it ran.
    pub run_count: u64,
    /// The task runs that each of its parameters comes from.
    pub task_inputs: Value,
    /// Its states, in their order.
    pub states: Vec<RecordedState>,
}

impl RecordedFlowRun {
    /// The names of its states, in their order.
    #[must_use]
    pub fn state_names(&self) -> Vec<&str> {
        names(&self.states)
    }
}

impl RecordedTaskRun {
    /// The names of its states, in their order.
    #[must_use]
    pub fn state_names(&self) -> Vec<&str> {
        names(&self.states)
    }
}

fn names(states: &[RecordedState]) -> Vec<&str> {
    states.iter().map(|state| state.name.as_str()).collect()
}

/// The task runs that events tell of, in the order in which each began.
pub(super) fn task_runs(events: &[Event]) -> Vec<RecordedTaskRun> {
    let mut runs: Vec<RecordedTaskRun> = Vec::new();
    for event in events {
        let Some(id) = id_of(&event.resource, "prefect.task-run.") else {
            continue;
        };
        let payload = event.payload.as_ref();
        let told = |key: &str| payload.and_then(|payload| payload.get(key)).cloned();
        let (run, state) = (told("task_run"), told("validated_state"));
        let (Some(run), Some(state)) = (run, state) else {
            continue;
        };
        let states = match runs.iter_mut().find(|known| known.id == id) {
            Some(known) => std::mem::take(&mut known.states),
            None => Vec::new(),
        };
        let related = event.related.iter().flatten();
        let mut flow_runs = related.filter_map(|related| id_of(related, "prefect.flow-run."));
        let now = RecordedTaskRun {
            id,
            name: text(&run, "name"),
            flow_run_id: flow_runs.next(),
            tags: serde_json::from_value(run["tags"].clone()).unwrap_or_default(),
            run_count: run["run_count"].as_u64().unwrap_or_default(),
            task_inputs: run["task_inputs"].clone(),
            states: states.into_iter().chain([state_of(&state)]).collect(),
        };
        match runs.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = now,
            None => runs.push(now),
        }
    }
    runs
}

fn id_of(resource: &BTreeMap<String, String>, kind: &str) -> Option<Uuid> {
    let id = resource.get("prefect.resource.id")?;
    id.strip_prefix(kind)?.parse().ok()
}

fn state_of(state: &Value) -> RecordedState {
    RecordedState {
        type_: StateType::from(text(state, "type").as_str()),
        name: text(state, "name"),
        message: text(state, "message"),
    }
}

fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_default().to_owned()
}
