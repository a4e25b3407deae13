//! What the server has of a flow run, of its task runs, and of the flow runs within.

use prefect_sdk::client::models::{
    FlowFilter, FlowFilterName, FlowRunFilter, FlowRunFilterName, FlowRunResponse, State, TaskRun,
};
use prefect_sdk::client::requests::ReadFlowRuns;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows;
use super::submitted::nameless;
use crate::room::Room;
use crate::{python, server};

/// That Python's program and both faces tell the same, and leave the same runs, with so many task runs. The program is given the name of
/// its flow and a room of its own.
#[track_caller]
pub(crate) fn assert_as_in_python(
    what: &str,
    program: &str,
    runs: &[(&str, usize)],
    blocking: impl FnOnce(&PrefectClient, &str) -> Value,
    asynchronous: impl AsyncFnOnce(&AsyncPrefectClient, &str) -> Value,
) {
    let names = ["python", "blocking", "async"].map(|who| server::unique(&format!("{what}-{who}")));
    let room = Room::new(what);
    let arguments = json!({"name": names[0], "room": room.text()});
    let python = python::run(program, &arguments);
    let told = [
        blocking(&server::client(), &names[1]),
        server::run(async { asynchronous(&server::async_client(), &names[2]).await }),
    ];
    for told in told {
        rows::assert_same(&told, &python);
    }
    assert_same_trees(&names, runs);
}

/// That of each of these flows, the first of which is Python's, the server has the same: of runs of those names, with so many task runs.
#[track_caller]
pub(crate) fn assert_same_trees(flows: &[String], runs: &[(&str, usize)]) {
    let found = |flow: &String| -> Vec<Value> {
        let runs = runs.iter();
        runs.map(|(run, task_runs)| tree(flow, run, *task_runs))
            .collect()
    };
    let found: Vec<_> = flows.iter().map(found).collect();
    for others in &found[1..] {
        for (other, python) in others.iter().zip(&found[0]) {
            rows::assert_same(other, python);
        }
    }
}

/// The run of that name of a flow, with so many task runs.
pub(crate) fn tree(flow: &str, name: &str, task_runs: usize) -> Value {
    let mut tree = run(&server::client(), run_of(flow, name).id, task_runs);
    nameless(&mut tree);
    rows::unsay_language(&mut tree);
    let text = tree.to_string().replace(flow, "<flow>");
    serde_json::from_str(&text).unwrap()
}

/// The only run of that name of a flow.
pub(crate) fn run_of(flow: &str, name: &str) -> FlowRunResponse {
    let client = server::client();
    let of_flow = FlowFilter::new().name(FlowFilterName::new().any([flow]));
    let named = FlowRunFilter::new().name(FlowRunFilterName::new().any([name]));
    let filter = ReadFlowRuns::new().flows(of_flow).flow_runs(named);
    let found = server::patiently(|| client.read_flow_runs_with(&filter));
    let mut found: Vec<_> = found.into_iter().collect();
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0)
}

fn run(client: &PrefectClient, id: Uuid, task_runs: usize) -> Value {
    let run = client.read_flow_run(id).unwrap();
    let states = client.read_flow_run_states(id).unwrap();
    let mut found = rows::settled(client, id, task_runs);
    found.sort_by_key(|run| (rows::shown_name(run), run.expected_start_time));
    let shown = found.iter().map(|run| {
        if let Some(child) = child(run) {
            return tracking(client, run, child);
        }
        let mut shown = rows::task_run(client, run);
        rows::unsay_current(&mut shown);
        shown
    });
    json!({
        "task_runs": shown.collect::<Vec<_>>(),
        "states": shown_states(&states),
        "run": told(&run),
    })
}

/// Python keeps each exception of a flow, wherever that is.
fn shown_states(states: &[State]) -> Vec<Value> {
    let shown = states.iter().map(|state| {
        let mut shown = rows::state(state);
        shown["data"] = false.into();
        shown
    });
    shown.collect()
}

fn told(run: &FlowRunResponse) -> Value {
    let policy = run.empirical_policy.as_ref();
    json!({
        "name": run.name, "tags": rows::sorted(&run.tags), "parameters": run.parameters, "run_count": run.run_count,
        "retries": policy.map(|policy| (policy.retries, policy.retry_delay)), "version": run.flow_version,
        "state": (&run.state_type, &run.state_name), "is_within": run.parent_task_run_id.is_some(),
        "ran": run.total_run_time > 0.0, "ended": run.end_time.is_some(),
    })
}

fn child(run: &TaskRun) -> Option<Uuid> {
    let details = run.state.as_ref()?.state_details.as_ref()?;
    details.child_flow_run_id
}

/// A task run that stands for a flow run, and that. Of what the tests run within others, each has two task runs.
fn tracking(client: &PrefectClient, tracking: &TaskRun, child: Uuid) -> Value {
    let states = client.read_task_run_states(tracking.id).unwrap();
    let key = tracking.task_key.rsplit_once('-').unwrap();
    json!({
        "name": tracking.name, "dynamic_key": tracking.dynamic_key, "tags": rows::sorted(&tracking.tags),
        "task_key": (key.0, key.1.len()), "inputs": tracking.task_inputs, "run_count": tracking.run_count,
        "flow_run_run_count": tracking.flow_run_run_count,
        "states": shown_states(&states),
        "child": run(client, child, 2),
    })
}
