//! A run of a deployment that is suspended while it runs, in both faces and beside Python.

use std::thread::sleep;
use std::time::{Duration, Instant};

use prefect_sdk::client::models::{
    DeploymentCreate, DeploymentFlowRunCreate, FlowCreate, FlowRunFilter, FlowRunFilterId,
    StateCreate, StateType,
};
use prefect_sdk::client::requests::ReadTaskRuns;
use prefect_sdk::flow_runs::suspend_flow_run_by_id;
use serde_json::json;
use uuid::Uuid;

use crate::program::{ASTEPS, MOST_STEPS, STEPS, started_for};
use crate::{python, server};

const LONG: Duration = Duration::from_mins(3);

const PYTHON: &str = r"
import time
from uuid import UUID
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow

@task
def step(number):
    time.sleep(0.1)

@flow(name=arguments['name'])
def steps():
    for number in range(arguments['most']):
        step(number)

with get_client(sync_client=True) as client:
    run = client.read_flow_run(UUID(arguments['run']))
try:
    run_flow(steps, flow_run=run)
    answer('completed')
except Pause:
    answer('paused')
";

/// A run of a deployment of that flow, which is pending.
fn pending(flow: &str) -> Uuid {
    let client = server::client();
    let flow = server::patiently(|| client.create_flow(&FlowCreate::new(flow)));
    let deployment = DeploymentCreate::new(server::unique("suspended"), flow.id);
    let deployment = server::patiently(|| client.create_deployment(&deployment));
    let run = DeploymentFlowRunCreate::new()
        .state(StateCreate::new(StateType::Pending))
        .idempotency_key(server::unique("run"));
    server::patiently(|| client.create_flow_run_from_deployment(deployment.id, &run)).id
}

/// In which states the task runs are, one name for each.
fn tasks(run: Uuid) -> Vec<String> {
    let of_run = FlowRunFilter::new().id(FlowRunFilterId::new().any([run]));
    let request = ReadTaskRuns::new().flow_runs(of_run);
    let runs = server::patiently(|| server::client().read_task_runs_with(&request));
    runs.into_iter().filter_map(|run| run.state_name).collect()
}

/// Suspends a run as soon as one of its tasks has completed.
fn suspend(run: Uuid) {
    let limit = Instant::now() + LONG;
    while !tasks(run).iter().any(|state| state == "Completed") {
        assert!(Instant::now() < limit, "no task has completed");
        sleep(Duration::from_millis(50));
    }
    suspend_flow_run_by_id(&server::client(), run).unwrap();
}

/// The state of the run stays, and so do those of the tasks that it had begun. Python's engine and ours look once more whether
/// the run is suspended when a task is pending, so one may stay so.
fn is_left(run: Uuid) {
    let limit = Instant::now() + LONG;
    loop {
        let mut left = tasks(run);
        left.retain(|state| state != "Completed");
        if left.len() <= 1 && left.iter().all(|state| state == "Pending") {
            break;
        }
        assert!(Instant::now() < limit, "{left:?}");
        sleep(Duration::from_millis(50));
    }
    let count = u64::try_from(tasks(run).len()).unwrap();
    assert!(count < MOST_STEPS.min(200), "it did not stop");
    let now = server::patiently(|| server::client().read_flow_run(run));
    assert_eq!(now.state_name.as_deref(), Some("Suspended"));
    assert_eq!(now.state_type, Some(StateType::Paused));
}

#[test]
fn a_run_that_is_suspended_stops_before_its_next_task_as_python_s() {
    for flow in [STEPS, ASTEPS] {
        let run = pending(flow);
        let mut process = started_for(&run.to_string()).spawn().unwrap();
        suspend(run);
        assert_eq!(process.wait().unwrap().code(), Some(0), "{flow}");
        is_left(run);
    }
    let name = server::unique("steps");
    let run = pending(&name);
    let arguments = json!({"name": name, "run": run, "most": MOST_STEPS});
    let process = python::start(PYTHON, &arguments);
    suspend(run);
    assert_eq!(python::answer(process, PYTHON), json!("paused"));
    is_left(run);
}
