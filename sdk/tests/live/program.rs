//! A program with flows, as its users write one: this test's own executable, which somebody starts for a run.

use std::process::{Command, Output};
use std::time::Duration;

use prefect_sdk::client::models::{FlowCreate, FlowRunCreate, StateType};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun};
use prefect_sdk::results::FlowResultOptions;
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server;

pub(crate) const ADD: &str = "program-add";
pub(crate) const DOUBLE: &str = "program-double";
pub(crate) const PANIC: &str = "program-panic";
/// Sleeps for so many milliseconds.
pub(crate) const SLEEP: &str = "program-sleep";
/// Ends its process in a way that is the parameter.
pub(crate) const LEAVE: &str = "program-leave";

#[derive(Debug, Serialize, Deserialize)]
struct Sum {
    x: i64,
    #[serde(default)]
    y: i64,
}

fn add() -> Flow<Sum, i64, String> {
    let results = FlowResultOptions::new().persist(true);
    Flow::new(ADD, |_: FlowRun, sum: Sum| {
        let result = sum.x.checked_add(sum.y);
        result.ok_or_else(|| "it is too much".to_owned())
    })
    .with_options(FlowOptions::new().version("v1").results(results))
}

fn double() -> AsyncFlow<Sum, i64, String> {
    let task = AsyncTask::new("twice", |_: AsyncTaskRun, x: i64| async move {
        tokio::task::yield_now().await;
        Ok::<_, String>(2 * x)
    });
    AsyncFlow::new(DOUBLE, move |run: AsyncFlowRun, sum: Sum| {
        let task = task.clone();
        async move {
            let doubled = task.call(&run, sum.x).await;
            doubled.map_err(|failed| failed.to_string())
        }
    })
}

fn panics() -> Flow<(), (), String> {
    Flow::new(PANIC, |_: FlowRun, (): ()| panic!("it is what it does"))
}

fn sleep() -> Flow<u64, (), String> {
    Flow::new(SLEEP, |_: FlowRun, milliseconds: u64| {
        std::thread::sleep(Duration::from_millis(milliseconds));
        Ok(())
    })
}

fn leave() -> Flow<String, (), String> {
    Flow::new(LEAVE, |_: FlowRun, way: String| match way.as_str() {
        "abort" => std::process::abort(),
        code => std::process::exit(code.parse().unwrap()),
    })
}

/// The `main` of the program. In the test itself it does nothing.
#[test]
fn main() {
    prefect_sdk::run(&[&add(), &double(), &panics(), &sleep(), &leave()]);
}

/// What this program is called with, so that it is only its `main`.
pub(crate) fn arguments() -> [&'static str; 3] {
    ["--exact", "program::main", "--nocapture"]
}

/// This program as somebody starts it for a run.
pub(crate) fn started_for(run: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("an executable"));
    command
        .args(arguments())
        .env("PREFECT__FLOW_RUN_ID", run)
        .env("PREFECT_API_URL", server::api_url());
    command
}

/// A run that waits for the program.
pub(crate) fn pending(flow: &str, parameters: Value) -> Uuid {
    let client = server::client();
    let flow = server::patiently(|| client.create_flow(&FlowCreate::new(flow)));
    let parameters = serde_json::from_value(parameters).unwrap();
    let run = FlowRunCreate::new(flow.id)
        .parameters(parameters)
        .idempotency_key(server::unique("run"));
    server::patiently(|| client.create_flow_run(&run)).id
}

fn run(run: Uuid) -> Output {
    let output = started_for(&run.to_string()).output();
    output.expect("the program runs")
}

/// How a run ended: the type of its state, its message, and how often it ran.
pub(crate) fn ended(id: Uuid) -> (StateType, String, i64) {
    let run = server::client().read_flow_run(id).unwrap();
    let state = run.state.unwrap();
    (
        state.type_,
        state.message.unwrap_or_default(),
        run.run_count,
    )
}

#[test]
fn a_run_that_the_environment_names_is_run_in_either_face_once() {
    for (flow, parameters) in [(ADD, json!({"x": 2, "y": 3})), (DOUBLE, json!({"x": 4}))] {
        let id = pending(flow, parameters);
        assert_eq!(run(id).status.code(), Some(0));
        assert_eq!(ended(id), (StateType::Completed, String::new(), 1));
        // Whoever starts it again does not run it again.
        assert_eq!(run(id).status.code(), Some(0));
        assert_eq!(ended(id), (StateType::Completed, String::new(), 1));
    }
}

#[test]
fn what_can_not_run_ends_all_the_same() {
    let unfit = pending(ADD, json!({"x": "two"}));
    assert_eq!(run(unfit).status.code(), Some(0));
    let (type_, message, count) = ended(unfit);
    assert_eq!((type_, count), (StateType::Failed, 0));
    assert!(message.contains("x: invalid type"), "{message}");
    let panicking = pending(PANIC, json!({}));
    assert_eq!(run(panicking).status.code(), Some(0));
    let (type_, message, _) = ended(panicking);
    assert_eq!(type_, StateType::Failed);
    assert!(message.contains("panic: it is what it does"), "{message}");
    let missing = pending("program-of-others", json!({}));
    assert_eq!(run(missing).status.code(), Some(1));
    let (type_, message, _) = ended(missing);
    assert_eq!(type_, StateType::Crashed);
    let here = "has no flow `program-of-others`: it has `program-add`, `program-double`";
    assert!(message.contains(here), "{message}");
}

#[test]
fn an_entrypoint_names_the_flow_too() {
    let id = pending("program-by-another-name", json!({"x": 1}));
    let mut program = started_for(&id.to_string());
    program.env("PREFECT__FLOW_ENTRYPOINT", format!("orders:{ADD}"));
    assert_eq!(program.output().unwrap().status.code(), Some(0));
    assert_eq!(ended(id).0, StateType::Completed);
}

#[test]
fn what_is_no_run_is_an_error_of_the_process() {
    for nothing in ["nothing", &Uuid::new_v4().to_string()] {
        let output = started_for(nothing).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("The flow run can't be run: "), "{said}");
    }
}

#[test]
fn a_run_that_was_cancelled_before_it_began_is_cancelled() {
    let id = pending(ADD, json!({"x": 1}));
    crate::runs::set(&server::client(), id, StateType::Cancelling);
    assert_eq!(run(id).status.code(), Some(0));
    let (type_, _, count) = ended(id);
    assert_eq!((type_, count), (StateType::Cancelled, 0));
}
