//! Runs that somebody ends: who started the process, and who cancels the run.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use prefect_sdk::client::models::{StateCreate, StateType};
use serde_json::{Value, json};
use uuid::Uuid;

use super::flows::{ADD, ASK, ENDLESS, RETRY_LATE, SHIELDED, SLEEP};
use super::{ended, file, pending, read, started_for, states};
use crate::server;

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
