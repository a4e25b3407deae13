//! A program with flows, as its users write one: this test's own executable, which somebody starts for a run.

mod endings;
mod flows;
mod logs;
mod remarks;

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use prefect_sdk::client::models::{FlowCreate, FlowRunCreate, StateType};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(crate) use self::flows::{
    ADD, ASTEPS, DOUBLE, HOOKS_FILE, LEAVE, MOST_STEPS, PANIC, RETRY, RETRY_LATE, SLEEP, STEPS,
    hooked,
};
use self::flows::{
    add, ask, asteps, atalk, double, endless, leave, panics, retry, shielded, sleep, steps, talk,
};
use crate::server;

/// The `main` of the program. In the test itself it does nothing.
#[test]
fn main() {
    prefect_sdk::run(&[
        &add(),
        &double(),
        &panics(),
        &sleep(),
        &retry(RETRY, Duration::from_secs(5)),
        &retry(RETRY_LATE, Duration::from_mins(20)),
        &leave(),
        &hooked(&std::env::var(HOOKS_FILE).unwrap_or_default()),
        &ask(),
        &endless(),
        &shielded(),
        &steps(),
        &asteps(),
        &talk(),
        &atalk(),
        &remarks::remarks(),
        &remarks::aremarks(),
    ]);
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
        .env("PREFECT_API_URL", server::api_url())
        .env("PREFECT_LOCAL_STORAGE_PATH", room());
    command
}

/// Where the runs of this process keep what they give: not where whoever tests keeps it.
fn room() -> PathBuf {
    std::env::temp_dir().join(format!("prefect-program-{}", std::process::id()))
}

/// A run that waits for the program.
pub(crate) fn pending(flow: &str, parameters: Value) -> Uuid {
    let client = server::client();
    let flow = server::patiently(|| client.create_flow(&FlowCreate::new(flow)));
    let parameters: Map<String, Value> = serde_json::from_value(parameters).unwrap();
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
    let client = server::client();
    let run = server::patiently(|| client.read_flow_run(id));
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

/// The types of the states that a run has had.
pub(crate) fn states(id: Uuid) -> Vec<StateType> {
    let mut states = server::patiently(|| server::client().read_flow_run_states(id));
    states.sort_by_key(|state| state.timestamp);
    states.into_iter().map(|state| state.type_).collect()
}

/// A file of a test's own.
pub(crate) fn file() -> String {
    let path = std::env::temp_dir().join(server::unique("said"));
    path.to_string_lossy().into_owned()
}

pub(crate) fn read(file: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    drop(std::fs::remove_file(file));
    text
}
