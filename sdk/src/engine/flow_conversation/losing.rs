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

/// A way to a server on which the first state of that name is lost, or what the server says of it.
struct Losing {
    server: MockServer,
    lost: Lost,
    name: &'static str,
    is_lost: Mutex<bool>,
}

impl Transport for Losing {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let operation = request.extensions().get::<&'static Operation>();
        let is_state = operation.is_some_and(|one| one.name() == "set_flow_run_state");
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let mut is_lost = self.is_lost.lock().unwrap();
        if *is_lost || !is_state || body["state"]["name"] != self.name {
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

/// The names of the states of a run that is made so, and whether it gave something, where one state is lost.
fn run(lost: Lost, name: &'static str, flow: &Flow<(), u32, &'static str>) -> (Vec<String>, bool) {
    let server = TestServer::new();
    let losing = Losing {
        server: server.mock().clone(),
        lost,
        name,
        is_lost: Mutex::default(),
    };
    let config = server.mock().config().transport(losing);
    let client = PrefectClient::from_config(config).unwrap();
    let ended = flow.call(&client, &());
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
