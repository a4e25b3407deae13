//! What the server has of a flow run in the end, without what differs from run to run: ids, times and random names.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::{
    EventFilter, EventOrder, EventResourceFilter, ReceivedEvent, State, StateDetails, StateType,
    TaskRun, TaskRunFilter, TaskRunFilterFlowRunId, TaskRunFilterId, TaskRunSort,
};
use prefect_sdk::client::requests::{ReadEvents, ReadTaskRuns};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server;

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(3);

/// The rows of a flow run and of its task runs, and the events that the latter are made of.
pub(crate) fn rows(id: Uuid, task_runs: usize) -> Value {
    let client = server::client();
    let run = client.read_flow_run(id).unwrap();
    let states = client.read_flow_run_states(id).unwrap();
    let task_runs: Vec<Value> = settled(&client, id, task_runs)
        .iter()
        .map(|run| task_run(&client, run))
        .collect();
    let policy = run.empirical_policy.as_ref();
    json!({
        "name": run.name, "version": run.flow_version, "parameters": run.parameters, "tags": run.tags,
        "run_count": run.run_count, "retries": policy.map(|policy| (policy.retries, policy.retry_delay)),
        "started": run.start_time.is_some(), "ended": run.end_time.is_some(),
        "states": states.iter().map(state).collect::<Vec<_>>(),
        "task_runs": task_runs,
    })
}

fn is_last(type_: &StateType) -> bool {
    let last = [
        StateType::Completed,
        StateType::Failed,
        StateType::Crashed,
        StateType::Cancelled,
    ];
    last.contains(type_)
}

/// The task runs, once as many as there are to be have ended. They arrive some time after their events.
pub(crate) fn settled(client: &PrefectClient, id: Uuid, count: usize) -> Vec<TaskRun> {
    let limit = Instant::now() + LONG;
    loop {
        let of_flow = TaskRunFilterFlowRunId::new().any([id]);
        let filter = TaskRunFilter::new().flow_run_id(of_flow);
        let found = client
            .read_task_runs_with(&ReadTaskRuns::new().task_runs(filter))
            .unwrap();
        let mut found: Vec<TaskRun> = found.into_iter().collect();
        let is_never_ready = |run: &TaskRun| run.state_name.as_deref() == Some("NotReady");
        let has_ended =
            |run: &TaskRun| run.state_type.as_ref().is_some_and(is_last) || is_never_ready(run);
        if found.len() == count && found.iter().all(has_ended) {
            found.sort_by_key(|run| run.expected_start_time);
            return found;
        }
        let shown: Vec<_> = found
            .iter()
            .map(|run| (&run.name, &run.state_name))
            .collect();
        assert!(
            Instant::now() < limit,
            "{count} task runs were to end: {shown:?}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

/// A task run, once it has ended.
pub(crate) fn ended(client: &PrefectClient, id: Uuid) -> TaskRun {
    let by_id = TaskRunFilter::new().id(TaskRunFilterId::new().any([id]));
    once_ended(client, &ReadTaskRuns::new().task_runs(by_id), |_| true)
}

/// The task run that a task run outside of flows has called, once it has ended.
pub(crate) fn called_by(client: &PrefectClient, parent: Uuid) -> TaskRun {
    let outside = TaskRunFilterFlowRunId::new().is_null(true);
    let outside = TaskRunFilter::new().flow_run_id(outside);
    let newest = ReadTaskRuns::new()
        .task_runs(outside)
        .sort(TaskRunSort::ExpectedStartTimeDesc);
    once_ended(client, &newest, |run| {
        let parents = run.task_inputs.get("__parents__");
        parents.is_some_and(|parents| format!("{parents:?}").contains(&parent.to_string()))
    })
}

fn once_ended(
    client: &PrefectClient,
    request: &ReadTaskRuns,
    is_it: impl Fn(&TaskRun) -> bool,
) -> TaskRun {
    let limit = Instant::now() + LONG;
    loop {
        let found = server::patiently(|| client.read_task_runs_with(request));
        let mut found = found.into_iter().filter(&is_it);
        if let Some(run) = found.next()
            && run.state_type.as_ref().is_some_and(is_last)
        {
            return run;
        }
        assert!(Instant::now() < limit, "it does not end");
        thread::sleep(Duration::from_millis(100));
    }
}

pub(crate) fn task_run(client: &PrefectClient, run: &TaskRun) -> Value {
    let (states, events) = history(client, run.id);
    let policy = run.empirical_policy.as_ref();
    let inputs: BTreeMap<_, _> = run
        .task_inputs
        .iter()
        .map(|(name, inputs)| (name, inputs.len()))
        .collect();
    let key = run.task_key.rsplit_once('-').unwrap();
    // Outside of flows it begins with the task's.
    let of_task = format!("{}-", run.task_key);
    let own_key = run.dynamic_key.strip_prefix(&of_task);
    let dynamic_key = own_key.unwrap_or(&run.dynamic_key);
    assert!(Uuid::parse_str(dynamic_key).is_ok(), "{dynamic_key}");
    json!({
        "name": shown_name(run),
        "task_key": key.0, "key_length": key.1.len(), "is_outside": own_key.is_some(), "version": run.task_version,
        "tags": sorted(&run.tags), "inputs": inputs,
        "run_count": run.run_count, "flow_run_run_count": run.flow_run_run_count,
        "policy": policy.map(|policy| format!("{policy:?}")),
        "ran": run.total_run_time > 0.0, "ended": run.end_time.is_some(),
        "order": run.expected_start_time <= run.start_time && run.start_time <= run.end_time,
        "states": states, "events": events,
    })
}

/// The name of a task run, without what differs from run to run.
pub(crate) fn shown_name(run: &TaskRun) -> String {
    without_key(run.name.as_deref().unwrap(), &run.dynamic_key)
}

/// A name that ends with the first characters of the key says so.
fn without_key(name: &str, key: &str) -> String {
    let Some(key) = key.get(..3) else {
        return name.to_owned();
    };
    match name.strip_suffix(key) {
        Some(name) => format!("{name}…"),
        None => name.to_owned(),
    }
}

pub(crate) fn sorted(tags: &[String]) -> Vec<&String> {
    let mut tags: Vec<_> = tags.iter().collect();
    tags.sort();
    tags
}

pub(crate) fn state(state: &State) -> Value {
    let said = StateDetails::new();
    let details = state.state_details.as_ref().unwrap_or(&said);
    json!({
        "type": state.type_.as_str(), "name": state.name, "message": state.message,
        "retriable": details.retriable, "untrackable_result": details.untrackable_result,
        "scheduled": details.scheduled_time.is_some(),
        "data": state.data.as_ref().is_some_and(|data| data.get("storage_key").is_some()),
    })
}

/// The states of a task run and its events, in order, which are as many: the server stores them apart, and some time after.
fn history(client: &PrefectClient, id: Uuid) -> (Vec<Value>, Vec<Value>) {
    let limit = Instant::now() + LONG;
    let resource = EventResourceFilter::new().id([format!("prefect.task-run.{id}")]);
    let filter = EventFilter::new().resource(resource).order(EventOrder::Asc);
    let filter = ReadEvents::new().filter(filter);
    let (states, found) = loop {
        let states = client.read_task_run_states(id).unwrap();
        let found = client.read_events_with(&filter).unwrap().events;
        let is_never_ready = |state: &State| state.name.as_deref() == Some("NotReady");
        let is_over = |state: &State| is_last(&state.type_) || is_never_ready(state);
        if found.len() == states.len() && states.last().is_some_and(is_over) {
            break (states, found);
        }
        assert!(Instant::now() < limit, "{states:?} {found:?}");
        thread::sleep(Duration::from_millis(100));
    };
    let before = std::iter::once(None).chain(found.iter().map(|event| Some(event.id)));
    for (event, before) in found.iter().zip(before) {
        assert_eq!(event.follows, before, "{}", event.event);
    }
    let states = states.iter().map(state).collect();
    (states, found.iter().map(event).collect())
}

/// Says where two differ, and not all that is the same.
#[track_caller]
pub(crate) fn assert_same(found: &Value, expected: &Value) {
    let lines = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    let (found, expected) = (lines(found), lines(expected));
    let differs = found
        .lines()
        .zip(expected.lines())
        .position(|(one, other)| one != other);
    if let Some(at) = differs {
        let around = |text: &str| {
            let lines = text.lines().skip(at.saturating_sub(20)).take(40);
            lines.collect::<Vec<_>>().join("\n")
        };
        panic!("{}\n\nand not\n\n{}", around(&found), around(&expected));
    }
    assert_eq!(found.len(), expected.len(), "one has more");
}

fn event(event: &ReceivedEvent) -> Value {
    let key = event.payload["task_run"]["dynamic_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut shown = json!({
        "event": event.event, "resource": event.resource, "related": event.related, "payload": event.payload,
    });
    for name in ["/payload/task_run/name", "/resource/prefect.resource.name"] {
        let place = shown.pointer_mut(name).unwrap();
        *place = without_key(place.as_str().unwrap(), &key).into();
    }
    blur(&mut shown);
    shown
}

/// In Python, whichever task runs when another one is rolled back stands in the event of that.
pub(crate) fn unsay_current(run: &mut Value) {
    for event in run["events"].as_array_mut().unwrap() {
        if event["event"] == "prefect.task-run.RolledBack" {
            let related = event["related"].as_array_mut().unwrap();
            related.retain(|resource| resource["prefect.resource.role"] != "task-run");
        }
    }
}

/// Leaves out what the metadata of a result says of the language that wrote it.
pub(crate) fn unsay_language(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(unsay_language),
        Value::Object(fields) => {
            let of_python = [
                "prefect_version",
                "jsonlib",
                "object_decoder",
                "object_encoder",
            ];
            fields.retain(|name, _| !of_python.contains(&name.as_str()));
            fields.values_mut().for_each(unsay_language);
        }
        _ => {}
    }
}

/// A key of a task without what tells it from others.
fn shortened(key: &Value) -> Value {
    let key = key.as_str().unwrap().rsplit_once('-').unwrap();
    key.0.into()
}

fn sort(tags: &mut Value) {
    let tags = tags.as_array_mut().unwrap();
    tags.sort_by_key(ToString::to_string);
}

/// Takes out what differs from run to run.
pub(crate) fn blur(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(blur),
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.as_str() {
                    "total_run_time" => *value = (value.as_f64() > Some(0.0)).into(),
                    "task_key" => *value = shortened(value),
                    // Python has them in no order.
                    "tags" => sort(value),
                    "storage_key" => *value = "…".into(),
                    _ => blur(value),
                }
            }
        }
        Value::String(text) => {
            let (before, last) = text.rsplit_once('.').unwrap_or(("", text));
            let of_task = text.rsplit_once('-').map_or("", |(_, id)| id);
            if Uuid::parse_str(last).is_ok() {
                *text = format!("{before}.<id>");
            } else if Uuid::parse_str(of_task).is_ok() {
                "<key>-<id>".clone_into(text);
            } else if chrono::DateTime::parse_from_rfc3339(text).is_ok() {
                "<time>".clone_into(text);
            }
        }
        _ => {}
    }
}
