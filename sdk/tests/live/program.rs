//! A program with flows, as its users write one: this test's own executable, which somebody starts for a run.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use prefect_sdk::client::models::{
    FlowCreate, FlowRunCreate, Log, LogFilter, LogFilterFlowRunId, StateCreate, StateType,
};
use prefect_sdk::client::requests::ReadLogs;
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun, FlowRunEntered};
use prefect_sdk::results::FlowResultOptions;
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskRun};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server;

pub(crate) const ADD: &str = "program-add";
pub(crate) const DOUBLE: &str = "program-double";
pub(crate) const PANIC: &str = "program-panic";
/// Sleeps for so many milliseconds.
pub(crate) const SLEEP: &str = "program-sleep";
/// Fails at first, and is retried after some seconds.
pub(crate) const RETRY: &str = "program-retry";
/// The same, after a time in which it is sure to be cancelled.
pub(crate) const RETRY_LATE: &str = "program-retry-late";
/// Ends its process in a way that is the parameter.
pub(crate) const LEAVE: &str = "program-leave";
/// Has hooks.
pub(crate) const HOOKED: &str = "program-hooked";
/// Where these write to, as a variable says.
pub(crate) const HOOKS_FILE: &str = "PROGRAM_HOOKS_FILE";

pub(crate) const ASK: &str = "program-ask";
pub(crate) const ENDLESS: &str = "program-endless";
pub(crate) const SHIELDED: &str = "program-shielded";
/// Calls one short task after the other.
pub(crate) const STEPS: &str = "program-steps";
pub(crate) const ASTEPS: &str = "program-asteps";
/// How many: more than there is time for.
pub(crate) const MOST_STEPS: u64 = 600;
const TALK: &str = "program-talk";
const ATALK: &str = "program-atalk";

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

fn retry(name: &str, delay: Duration) -> Flow<(), (), String> {
    Flow::new(name, |run: FlowRun, (): ()| match run.run_count() {
        1 => Err("at first".to_owned()),
        _ => Ok(()),
    })
    .with_options(FlowOptions::new().retries(1).retry_delay(delay))
}

fn leave() -> Flow<String, (), String> {
    Flow::new(LEAVE, |_: FlowRun, way: String| match way.as_str() {
        "abort" => std::process::abort(),
        code => std::process::exit(code.parse().unwrap()),
    })
}

/// Ends when it is cancelled, and says so in a file.
fn ask() -> Flow<String, (), String> {
    Flow::new(ASK, |run: FlowRun, file: String| {
        run.cancellation().requested();
        std::fs::write(file, "it is cancelled").map_err(|error| error.to_string())
    })
}

/// Awaits what never comes, in a task.
fn endless() -> AsyncFlow<(), (), String> {
    let task = AsyncTask::new("endless", |_: AsyncTaskRun, (): ()| {
        std::future::pending::<Result<(), String>>()
    });
    AsyncFlow::new(ENDLESS, move |run: AsyncFlowRun, (): ()| {
        let task = task.clone();
        async move {
            task.call(&run, ())
                .await
                .map_err(|failed| failed.to_string())
        }
    })
}

/// Does what must not be left half done.
fn shielded() -> AsyncFlow<String, (), String> {
    AsyncFlow::new(SHIELDED, |run: AsyncFlowRun, file: String| async move {
        let shield = run.cancellation().shield();
        run.cancellation().arequested().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        std::fs::write(file, "it is whole").map_err(|error| error.to_string())?;
        drop(shield);
        std::future::pending().await
    })
}

fn steps() -> Flow<(), (), String> {
    let step = Task::new("step", |_: TaskRun, _: u64| {
        std::thread::sleep(Duration::from_millis(200));
        Ok::<(), String>(())
    });
    Flow::new(STEPS, move |run: FlowRun, (): ()| {
        (0..MOST_STEPS)
            .try_for_each(|number| step.call(&run, number))
            .map_err(|failed| failed.to_string())
    })
}

fn asteps() -> AsyncFlow<(), (), String> {
    let step = AsyncTask::new("step", |_: AsyncTaskRun, _: u64| async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok::<(), String>(())
    });
    AsyncFlow::new(ASTEPS, move |run: AsyncFlowRun, (): ()| {
        let step = step.clone();
        async move {
            for number in 0..MOST_STEPS {
                let done = step.call(&run, number).await;
                done.map_err(|failed| failed.to_string())?;
            }
            Ok(())
        }
    })
}

/// Says something, and so does its task, which says where it is in a thread too.
fn talk() -> Flow<String, (), String> {
    let task = Task::new("answer", |run: TaskRun, name: String| {
        tracing::warn!(target: "program", "{name} in a task");
        let span = run.span().clone();
        let thread = std::thread::spawn(move || {
            span.in_scope(|| tracing::info!(target: "program", "{name} in a thread"));
        });
        thread.join().unwrap();
        Ok::<(), String>(())
    });
    Flow::new(TALK, move |run: FlowRun, name: String| {
        tracing::info!(target: "program", "{name} in a flow");
        tracing::debug!(target: "program", "too little");
        task.call(&run, name.clone())
            .map_err(|failed| failed.to_string())?;
        Err(format!("{name} fails"))
    })
}

/// The same, where it awaits.
fn atalk() -> AsyncFlow<String, (), String> {
    let task = AsyncTask::new("answer", |_: AsyncTaskRun, name: String| async move {
        tracing::warn!(target: "program", "{name} in a task");
        let later = async move { tracing::info!(target: "program", "{name} in a thread") };
        tokio::spawn(tracing::Instrument::in_current_span(later))
            .await
            .map_err(|error| error.to_string())
    });
    AsyncFlow::new(ATALK, move |run: AsyncFlowRun, name: String| {
        let task = task.clone();
        async move {
            tokio::task::yield_now().await;
            tracing::info!(target: "program", "{name} in a flow");
            let answer = task.call(&run, name.clone()).await;
            answer.map_err(|failed| failed.to_string())?;
            Err(format!("{name} fails"))
        }
    })
}

/// Ends its process in the way that is the parameter, or sleeps; whoever calls its hooks writes into a file.
pub(crate) fn hooked(file: &str) -> Flow<String, (), String> {
    let written = |file: String| {
        move |run: FlowRunEntered| {
            let line = format!(
                "{} {} {}\n",
                std::process::id(),
                run.flow_run.id,
                run.state.type_
            );
            let file = std::fs::File::options()
                .append(true)
                .create(true)
                .open(&file);
            std::io::Write::write_all(&mut file?, line.as_bytes())
        }
    };
    let flow = Flow::new(HOOKED, |_: FlowRun, way: String| {
        if way == "abort" {
            std::process::abort();
        }
        std::thread::sleep(Duration::from_mins(10));
        Ok(())
    });
    flow.on_cancellation(written(file.to_owned()))
        .on_crashed(written(file.to_owned()))
}

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

/// The flows that run until they are cancelled, with what they are given.
fn lasting(file: &str) -> [(&'static str, Value); 4] {
    [
        (SLEEP, json!({"parameter": 600_000})),
        (ASK, json!({"parameter": file})),
        (ENDLESS, json!({})),
        (SHIELDED, json!({"parameter": file})),
    ]
}

/// Starts the program for a run, and waits until that runs.
fn running(flow: &str, parameters: Value) -> (Uuid, std::process::Child) {
    let id = pending(flow, parameters);
    let child = started_for(&id.to_string()).spawn().unwrap();
    crate::runs::until(id, &StateType::Running);
    (id, child)
}

#[cfg(unix)]
#[test]
fn a_process_that_is_to_end_ends_its_run() {
    for (flow, parameters) in lasting(&file()) {
        let (id, mut child) = running(flow, parameters);
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{flow}");
        let (type_, message, _) = ended(id);
        assert_eq!(type_, StateType::Crashed, "{flow}");
        assert_eq!(message, "Execution was aborted by a termination signal.");
    }
}

#[test]
fn a_process_hears_of_the_cancellation_of_its_run_and_says_nothing_after_it() {
    let file = file();
    for (flow, parameters) in lasting(&file) {
        let (id, mut child) = running(flow, parameters);
        crate::runs::set(&server::client(), id, StateType::Cancelling);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{flow}");
        let last = [
            StateType::Running,
            StateType::Cancelling,
            StateType::Cancelled,
        ];
        assert!(states(id).ends_with(&last), "{flow}: {:?}", states(id));
        match flow {
            ASK => assert_eq!(read(&file), "it is cancelled"),
            SHIELDED => assert_eq!(read(&file), "it is whole"),
            _ => {}
        }
    }
}

/// Whoever starts the program for a run, and speaks to it as Prefect's runners do.
struct Parent {
    listener: TcpListener,
    child: std::process::Child,
}

impl Parent {
    fn of(run: Uuid) -> Self {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let child = started_for(&run.to_string())
            .env("PREFECT__CONTROL_PORT", port.to_string())
            .env("PREFECT__CONTROL_TOKEN", "who")
            .env("PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS", "false")
            .spawn()
            .unwrap();
        Self { listener, child }
    }

    /// The connection, after the program has said who it is, and that it gives receipts.
    fn heard(&self) -> TcpStream {
        let (mut stream, _) = self.listener.accept().unwrap();
        let mut greeting = [0; 9];
        stream.read_exact(&mut greeting).unwrap();
        assert_eq!(&greeting, b"who\n\0PF\x02\x01");
        stream
    }
}

#[test]
fn whoever_starts_a_process_is_given_a_receipt_for_what_it_says() {
    let id = pending(ADD, json!({"x": 1}));
    let mut parent = Parent::of(id);
    let mut stream = parent.heard();
    stream.write_all(b"\0PF\x02\x01").unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    assert_eq!(head[0], 1);
    let mut receipt = vec![0; length as usize];
    stream.read_exact(&mut receipt).unwrap();
    stream.write_all(b"\x02").unwrap();
    assert_eq!(parent.child.wait().unwrap().code(), Some(0));
    let run = server::patiently(|| server::client().read_flow_run(id));
    let receipt: Value = serde_json::from_slice(&receipt).unwrap();
    let expected = json!({
        "disposition": "STATE_REPORTED", "state_id": run.state_id, "state_name": "Completed", "state_type": "COMPLETED",
    });
    assert_eq!(receipt, expected);
}

#[test]
fn a_process_whose_starter_is_gone_hears_of_its_cancellation_itself() {
    let id = pending(SLEEP, json!({"parameter": 600_000}));
    let mut parent = Parent::of(id);
    let stream = parent.heard();
    crate::runs::until(id, &StateType::Running);
    drop(stream);
    crate::runs::set(&server::client(), id, StateType::Cancelling);
    assert_eq!(parent.child.wait().unwrap().code(), Some(0));
    assert_eq!(ended(id).0, StateType::Cancelled);
}

/// It is `Cancelled` at once, without being `Cancelling` before.
#[test]
fn a_process_hears_of_the_cancellation_of_a_run_that_waits_for_its_retry() {
    let id = pending(RETRY_LATE, json!({}));
    let mut child = started_for(&id.to_string()).spawn().unwrap();
    let client = server::client();
    let state = StateCreate::new(StateType::Cancelling);
    while !states(id).contains(&StateType::Running) {
        std::thread::sleep(Duration::from_millis(50));
    }
    crate::runs::until(id, &StateType::Scheduled);
    server::patiently(|| client.set_flow_run_state(id, &state));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // Its function did not run again.
    assert_eq!(ended(id).0, StateType::Cancelled);
    assert!(!states(id).contains(&StateType::Completed));
}

#[test]
fn what_a_run_says_is_its_own() {
    for flow in [TALK, ATALK] {
        let names = ["one", "two"];
        let runs = names.map(|name| {
            let id = pending(flow, json!({"parameter": name}));
            (id, started_for(&id.to_string()).spawn().unwrap())
        });
        for ((id, mut child), name) in runs.into_iter().zip(names) {
            assert_eq!(child.wait().unwrap().code(), Some(0));
            let logs = logs(id);
            let said: Vec<(i64, &str, bool)> = logs
                .iter()
                .map(|log| (log.level, &*log.message, log.task_run_id.is_some()))
                .collect();
            let texts =
                ["in a flow", "in a task", "in a thread"].map(|place| format!("{name} {place}"));
            let failed = format!("Encountered exception during execution: {name} fails");
            let expected = [
                (20, &*texts[0], false),
                (30, &*texts[1], true),
                (20, &*texts[2], true),
                (40, &*failed, false),
            ];
            assert_eq!(said, expected);
        }
    }
}

/// What a run has said, in that order.
fn logs(run: Uuid) -> Vec<Log> {
    let filter = LogFilter::new().flow_run_id(LogFilterFlowRunId::new().any([run]));
    let request = ReadLogs::new().logs(filter);
    let mut logs = server::patiently(|| server::client().read_logs_with(&request));
    logs.sort_by_key(|log| log.timestamp);
    logs
}

#[test]
fn the_environment_says_what_is_shipped() {
    let said = |name: &str, value: &str| {
        let id = pending(TALK, json!({"parameter": "one"}));
        let mut program = started_for(&id.to_string());
        let code = program.env(name, value).output().unwrap().status.code();
        (code, logs(id))
    };
    let (code, all) = said("PREFECT_LOGGING_LEVEL", "debug");
    let texts: Vec<&str> = all.iter().map(|log| &*log.message).collect();
    assert_eq!(code, Some(0));
    assert!(texts.contains(&"too little"), "{texts:?}");
    let (_, bad) = said("PREFECT_LOGGING_LEVEL", "ERROR");
    assert_eq!(bad.len(), 1);
    assert_eq!(said("PREFECT_LOGGING_TO_API_ENABLED", "false").1.len(), 0);
    let (code, none) = said("PREFECT_LOGGING_LEVEL", "loud");
    assert_eq!((code, none.len()), (Some(1), 0));
}
