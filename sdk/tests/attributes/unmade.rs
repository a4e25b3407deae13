//! Runs whose making nobody waits for, or that panics, in both faces and without a server: they end nevertheless.

mod deployed;
mod runtimes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use prefect_client::testing::MockServer;
use prefect_client::transport::{AsyncTransport, BoxFuture, Bytes, Transport, TransportError};
use prefect_client::{Answer, Operation};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, AsyncFlowRunEntered, Flow, FlowRun};
use prefect_sdk::flows::{FlowRunEntered, RunFailed};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use prefect_sdk::testing::{RecordedFlowRun, TestServer};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::runs::later;

/// What is being made, and whether it is a subflow's.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Making {
    operation: &'static str,
    of_subflow: bool,
}

const MAKING: [Making; 3] = [
    Making {
        operation: "create_flow_run",
        of_subflow: false,
    },
    Making {
        operation: "create_task_run",
        of_subflow: true,
    },
    Making {
        operation: "create_flow_run",
        of_subflow: true,
    },
];

/// Whether the server had the request by then.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Had {
    Request,
    Nothing,
}

/// A way to a server on which nothing comes back of the first time that something is made.
#[derive(Clone)]
struct Stalling {
    server: MockServer,
    making: Making,
    had: Had,
    requests: Arc<AtomicU32>,
    stalled: Arc<Semaphore>,
}

impl Stalling {
    fn new(server: &MockServer, making: Making, had: Had) -> Self {
        Self {
            server: server.clone(),
            making,
            had,
            requests: Arc::default(),
            stalled: Arc::new(Semaphore::new(0)),
        }
    }

    fn stalls(&self, request: &http::Request<Bytes>) -> bool {
        let operation = request.extensions().get::<&'static Operation>();
        let name = operation.map_or("", |operation| operation.name());
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let of_subflow = name == "create_task_run" || !body["parent_task_run_id"].is_null();
        let of = |making: Making| making.operation == name && making.of_subflow == of_subflow;
        of(self.making) && self.requests.fetch_add(1, Ordering::SeqCst) == 0
    }
}

impl AsyncTransport for Stalling {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        if !self.stalls(&request) {
            return AsyncTransport::send(&self.server, request, deadline);
        }
        Box::pin(async move {
            if self.had == Had::Request {
                AsyncTransport::send(&self.server, request, deadline).await?;
            }
            self.stalled.add_permits(1);
            std::future::pending().await
        })
    }
}

impl Transport for Stalling {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        if !self.stalls(&request) {
            return Transport::send(&self.server, request, deadline);
        }
        if self.had == Had::Request {
            Transport::send(&self.server, request, deadline)?;
        }
        panic!("the way is at its end")
    }
}

/// The names of the last states of all runs, the outermost first.
fn last_states(runs: &[RecordedFlowRun]) -> Vec<&str> {
    let names = runs.iter().map(RecordedFlowRun::state_names);
    names.filter_map(|names| names.last().copied()).collect()
}

/// The runs, once those that are to end have ended.
async fn ended(server: &TestServer, count: usize) -> Vec<RecordedFlowRun> {
    let begun = Instant::now();
    loop {
        let runs = server.flow_runs();
        let last = last_states(&runs);
        let is_over = |name: &&str| ["Crashed", "Cancelled"].contains(name);
        if last.len() == count && last.iter().all(is_over) {
            return runs;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{last:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Whether the task run that stands for a subflow is brought into a last state.
async fn ended_task_run(server: &TestServer) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_mins(1) {
        let requests = server.mock().requests();
        let of_task_run = |name| name == "set_task_run_state";
        let mut told = requests
            .iter()
            .filter(|request| of_task_run(request.operation().name()));
        if let Some(told) = told.next() {
            let type_ = told.json()["state"]["type"].clone();
            return type_ == "CRASHED" || type_ == "CANCELLED";
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    false
}

/// A flow with a subflow, both of which count the hooks that are called of a crash or a cancellation.
fn with_subflow(told: &Arc<AtomicU32>) -> AsyncFlow<(), (), RunFailed<String>> {
    let count = || {
        let told = Arc::clone(told);
        move |_: AsyncFlowRunEntered| {
            told.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, String>(()) }
        }
    };
    let inner = AsyncFlow::new("inner", |_: AsyncFlowRun, ()| async { Ok::<_, String>(()) });
    let inner = inner.on_crashed(count()).on_cancellation(count());
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let inner = inner.clone();
        async move { inner.call(&run, &()).await }
    });
    outer.on_crashed(count()).on_cancellation(count())
}

#[test]
fn a_run_that_is_dropped_while_it_is_made_ends() {
    for making in MAKING {
        for had in [Had::Request, Had::Nothing] {
            later(async {
                let (server, told) = (TestServer::new(), Arc::default());
                let way = Stalling::new(server.mock(), making, had);
                let config = server.mock().config().async_transport(way.clone());
                let client = AsyncPrefectClient::from_config(config).unwrap();
                let flow = with_subflow(&told);
                tokio::select! {
                    ended = flow.call(&client, &()) => unreachable!("{ended:?}"),
                    stalled = way.stalled.acquire() => stalled.unwrap().forget(),
                }
                let is_inner_run = making.of_subflow && making.operation == "create_flow_run";
                let runs = ended(&server, 1 + usize::from(is_inner_run)).await;
                assert_eq!(last_states(&runs)[0], "Crashed", "{making:?} {had:?}");
                if is_inner_run {
                    assert_eq!(runs[1].state_names().len(), 2, "{making:?} {had:?}");
                }
                // Each is told of the end of its own run.
                while told.load(Ordering::SeqCst) < u32::try_from(runs.len()).unwrap() {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                assert_eq!(way.requests.load(Ordering::SeqCst), 2, "{making:?} {had:?}");
                if making.operation == "create_task_run" {
                    assert!(ended_task_run(&server).await, "{had:?}");
                }
            });
        }
    }
}

#[test]
fn a_run_whose_making_panics_ends() {
    for making in MAKING {
        for had in [Had::Request, Had::Nothing] {
            let (server, told) = (TestServer::new(), Arc::new(AtomicU32::new(0)));
            let way = Stalling::new(server.mock(), making, had);
            let config = server.mock().config().transport(way.clone());
            let client = PrefectClient::from_config(config).unwrap();
            let count = || {
                let told = Arc::clone(&told);
                move |_: FlowRunEntered| {
                    told.fetch_add(1, Ordering::SeqCst);
                    Ok::<_, String>(())
                }
            };
            let inner = Flow::new("inner", |_: FlowRun, ()| Ok::<_, String>(()));
            let inner = inner.on_crashed(count());
            let outer = Flow::new("outer", move |run: FlowRun, ()| inner.call(&run, &()));
            let outer = outer.on_crashed(count());
            let called = catch_unwind(AssertUnwindSafe(|| outer.call(&client, &())));
            // A panic in a subflow's making is the function's, which called it.
            assert_eq!(called.is_err(), !making.of_subflow, "{making:?} {had:?}");
            let runs = server.flow_runs();
            let expected: &[_] = match (making.of_subflow, making.operation) {
                (false, _) => &["Crashed"],
                (true, "create_task_run") => &["Failed"],
                _ => &["Failed", "Crashed"],
            };
            assert_eq!(last_states(&runs), expected, "{making:?} {had:?}");
            let crashed = expected.iter().filter(|name| **name == "Crashed").count();
            assert_eq!(told.load(Ordering::SeqCst), u32::try_from(crashed).unwrap());
        }
    }
}
