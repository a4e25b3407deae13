//! Runs that go on although the answer to a state was lost, or the state itself.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use prefect_client::testing::MockServer;
use prefect_client::transport::{Bytes, Transport, TransportError, TransportErrorKind};
use prefect_client::{Answer, Operation, PrefectClient};
use serde_json::Value;

use super::*;
use crate::flows::{Flow, FlowRun};
use crate::testing::TestServer;

/// What is lost on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lost {
    Answer,
    Request,
}

/// Whether it is lost, by the operation and what is sent.
type Loses = Box<dyn Fn(&str, &Value) -> bool + Send + Sync>;

/// A way to a server on which the first request of some is lost, or what the server says to it.
struct Losing {
    server: MockServer,
    lost: Lost,
    loses: Loses,
    is_lost: Mutex<bool>,
}

impl Transport for Losing {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let operation = request.extensions().get::<&'static Operation>();
        let name = operation.map_or("", |operation| operation.name());
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let mut is_lost = self.is_lost.lock().unwrap();
        if *is_lost || !(self.loses)(name, &body) {
            return self.server.send(request, deadline);
        }
        *is_lost = true;
        if self.lost == Lost::Answer {
            self.server.send(request, deadline)?;
        }
        let text = "the connection was cut";
        Err(TransportError::new(TransportErrorKind::Interrupted, text))
    }
}

/// A client of that server on whose way it is lost.
fn client(server: &TestServer, lost: Lost, loses: Loses) -> PrefectClient {
    let losing = Losing {
        server: server.mock().clone(),
        lost,
        loses,
        is_lost: Mutex::default(),
    };
    PrefectClient::from_config(server.mock().config().transport(losing)).unwrap()
}

/// The names of the states of a run that is made so, and whether it gave something, where one state is lost.
fn run(lost: Lost, name: &'static str, flow: &Flow<(), u32, &'static str>) -> (Vec<String>, bool) {
    let server = TestServer::new();
    let loses = Box::new(move |operation: &str, body: &Value| {
        operation == "set_flow_run_state" && body["state"]["name"] == name
    });
    let ended = flow.call(&client(&server, lost, loses), &());
    let run = server.flow_runs().remove(0);
    let states = run.state_names().into_iter().map(str::to_owned);
    (states.collect(), ended.is_ok())
}

/// A flow whose function fails so often, and is tried twice.
fn fails(times: u32) -> Flow<(), u32, &'static str> {
    let called = AtomicU32::new(0);
    let flow = Flow::new("goes on", move |_: FlowRun, (): ()| {
        let before = called.fetch_add(1, Ordering::SeqCst);
        if before < times {
            Err("too soon")
        } else {
            Ok(before)
        }
    });
    flow.with_options(FlowOptions::new().retries(1))
}

/// A flow that somebody cancels.
fn is_cancelled() -> Flow<(), u32, &'static str> {
    Flow::new("ends", |run: FlowRun, (): ()| {
        run.cancellation().request_for(Why::Cancelled);
        Ok(0)
    })
}

#[test]
fn a_run_goes_on_although_a_state_was_lost_or_what_became_of_it() {
    let again = ["Pending", "Running", "AwaitingRetry", "Running"];
    for lost in [Lost::Answer, Lost::Request] {
        for name in ["Running", "Completed"] {
            let expected = (
                ["Pending", "Running", "Completed"]
                    .map(str::to_owned)
                    .to_vec(),
                true,
            );
            assert_eq!(run(lost, name, &fails(0)), expected, "{lost:?} {name}");
        }
        for (times, last) in [(1, "Completed"), (2, "Failed")] {
            let (states, is_ok) = run(lost, "Failed", &fails(times));
            assert_eq!(states[..4], again, "{lost:?}");
            assert_eq!(
                (&states[4..], is_ok),
                (&[last.to_owned()][..], times == 1),
                "{lost:?}"
            );
        }
        for name in ["Cancelling", "Cancelled"] {
            let (states, is_ok) = run(lost, name, &is_cancelled());
            assert_eq!(
                states,
                ["Pending", "Running", "Cancelling", "Cancelled"],
                "{lost:?} {name}"
            );
            assert!(!is_ok);
        }
    }
}

#[test]
fn a_run_is_made_once_although_what_makes_it_was_lost_or_what_the_server_says_to_that() {
    let outer = Flow::new("outer", |run: FlowRun, (): ()| {
        let inner = Flow::new("inner", |_: FlowRun, (): ()| Ok::<_, String>(1));
        inner.call(&run, &()).map_err(|failed| failed.to_string())
    });
    let of_subflow = |body: &Value| !body["parent_task_run_id"].is_null();
    for (made, is_inner) in [
        ("create_flow", false),
        ("create_flow_run", false),
        ("create_task_run", false),
        ("create_flow_run", true),
    ] {
        for lost in [Lost::Answer, Lost::Request] {
            let server = TestServer::new();
            let loses = Box::new(move |operation: &str, body: &Value| {
                operation == made && of_subflow(body) == is_inner
            });
            let ended = outer.call(&client(&server, lost, loses), &());
            assert_eq!(ended.ok(), Some(1), "{made} {lost:?}");
            let runs = server.flow_runs();
            assert_eq!(runs.len(), 2, "{made} {lost:?}");
            for run in runs {
                let states = run.state_names();
                assert_eq!(states, ["Pending", "Running", "Completed"], "{made}");
            }
        }
    }
}
