//! A task run as a server makes it of its events. No I/O.

use std::collections::BTreeMap;

use prefect_client::models::{Event, State, TaskRun};
use serde_json::{Value, json};
use uuid::Uuid;

/// The run of that id, in the last state that was told of it.
pub(super) fn task_run(events: &[Event], id: Uuid) -> Option<TaskRun> {
    let resource = format!("prefect.task-run.{id}");
    let is_its = |event: &&Event| event.resource.get("prefect.resource.id") == Some(&resource);
    let of_run = events.iter().filter(is_its);
    let last = of_run.max_by_key(|event| event.occurred)?;
    let payload = last.payload.as_ref()?;
    let mut run = payload.get("task_run")?.clone();
    let mut state = payload.get("validated_state")?.clone();
    state["id"] = json!(last.id);
    state["timestamp"] = json!(last.occurred);
    run["id"] = json!(id);
    run["created"] = Value::Null;
    run["updated"] = Value::Null;
    let mut run: TaskRun = serde_json::from_value(run).ok()?;
    let state: State = serde_json::from_value(state).ok()?;
    run.state_id = Some(state.id);
    run.state_type = Some(state.type_.clone());
    run.state_name.clone_from(&state.name);
    run.state = Some(state);
    Some(run)
}

/// The names of the states that task runs are in.
pub(super) fn state_names(events: &[Event]) -> BTreeMap<Uuid, String> {
    let mut last: BTreeMap<Uuid, &Event> = BTreeMap::new();
    for event in events {
        let id = event.resource.get("prefect.resource.id");
        let id = id.and_then(|id| id.strip_prefix("prefect.task-run."));
        let Some(id) = id.and_then(|id| id.parse().ok()) else {
            continue;
        };
        let known = last.entry(id).or_insert(event);
        if known.occurred <= event.occurred {
            *known = event;
        }
    }
    let name = |event: &Event| event.resource.get("prefect.state-name").cloned();
    let names = last.into_iter();
    names
        .filter_map(|(id, event)| Some((id, name(event)?)))
        .collect()
}
