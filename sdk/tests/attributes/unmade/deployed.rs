//! Runs of a deployment within a run, which can't be made, or whose making nobody waits for: what stands for them there ends.

use std::sync::Mutex;

use diptych_macros::dual;
use prefect_client::models::{DeploymentResponse, FlowRunResponse, TaskRun as StoredTaskRun};
use prefect_client::operations;
use prefect_client::testing::{Received, Reply};
use prefect_sdk::RunContext;
use prefect_sdk::client::models::Flow as StoredFlow;
use prefect_sdk::deployments::start_deployment_with;
use prefect_sdk::deployments::{RunDeploymentOptions, astart_deployment_with};
use serde_json::json;
use uuid::Uuid;

use super::*;

const DEPLOYMENT: Uuid = Uuid::from_u128(2);

const STEPS: [&str; 2] = ["create_task_run", "create_flow_run_from_deployment"];

fn of_run() -> RunDeploymentOptions {
    RunDeploymentOptions::new().run(&RunContext::flow_run(Uuid::from_u128(3)))
}

/// What the server says to whoever makes a run.
type Made = Reply<FlowRunResponse>;

/// A server with a deployment, which keeps the runs that are made of it.
fn server() -> MockServer {
    let runs: Arc<Mutex<Vec<FlowRunResponse>>> = Arc::default();
    let found = Arc::clone(&runs);
    let server = server_that(move |request| {
        let parent = request.json()["parent_task_run_id"].clone();
        let mut run = FlowRunResponse::new(Uuid::from_u128(1), Uuid::new_v4());
        run.parent_task_run_id = serde_json::from_value(parent).unwrap();
        runs.lock().unwrap().push(run.clone());
        run.into()
    });
    server
        .on(&operations::READ_FLOW_RUNS)
        .answers_with(move |_| found.lock().unwrap().clone());
    server
}

fn server_that(makes: impl Fn(&Received) -> Made + Send + Sync + 'static) -> MockServer {
    let server = MockServer::new();
    let flow = StoredFlow::new("flow", Uuid::from_u128(1));
    let deployment = DeploymentResponse::new("deployment", flow.id, DEPLOYMENT);
    server.on(&operations::READ_DEPLOYMENT).answers(&deployment);
    server.on(&operations::READ_FLOW).answers(&flow);
    let placeholder = StoredTaskRun::new("key", "0", Uuid::from_u128(5));
    server
        .on(&operations::CREATE_TASK_RUN)
        .answers(&placeholder);
    server
        .on(&operations::CREATE_FLOW_RUN_FROM_DEPLOYMENT)
        .answers_with(makes);
    server
}

/// A server that has made no run, and says that to whoever makes one.
fn server_without_runs(makes: impl Fn(&Received) -> Made + Send + Sync + 'static) -> MockServer {
    let server = server_that(makes);
    server.on(&operations::READ_FLOW_RUNS).answers(&Vec::new());
    server
}

/// The states that task runs were brought into.
fn told(server: &MockServer) -> Vec<Value> {
    let requests = server.requests();
    let of_task_run = |request: &&Received| request.operation().name() == "set_task_run_state";
    let told = requests.iter().filter(of_task_run);
    told.map(|request| request.json()["state"].clone())
        .collect()
}

/// Whether it was asked what has become of the run.
fn is_looked_for(server: &MockServer) -> bool {
    let requests = server.requests();
    let mut names = requests.iter().map(|request| request.operation().name());
    names.any(|name| name == "read_flow_runs")
}

/// Whether it ends: not where the server has made the run, with which it ends.
fn ends(making: Making, had: Had) -> bool {
    making.operation == STEPS[0] || had == Had::Nothing
}

fn making() -> impl Iterator<Item = (Making, Had)> {
    let of = |operation| Making {
        operation,
        of_subflow: true,
    };
    let with = |making| [(making, Had::Request), (making, Had::Nothing)];
    STEPS.into_iter().map(of).flat_map(with)
}

#[test]
fn what_stands_for_a_run_whose_making_is_dropped_ends() {
    for (making, had) in making() {
        later(async {
            let server = server();
            let way = Stalling::new(&server, making, had);
            let config = server.config().async_transport(way.clone());
            let client = AsyncPrefectClient::from_config(config).unwrap();
            let options = of_run();
            tokio::select! {
                started = astart_deployment_with(&client, DEPLOYMENT, &options) => unreachable!("{started:?}"),
                stalled = way.stalled.acquire() => stalled.unwrap().forget(),
            }
            let begun = Instant::now();
            let expected = usize::from(ends(making, had));
            while !is_looked_for(&server) || told(&server).len() < expected {
                assert!(
                    begun.elapsed() < Duration::from_mins(1),
                    "{making:?} {had:?}"
                );
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            let told = told(&server);
            assert_eq!(told.len(), expected, "{making:?} {had:?}");
            assert!(
                told.iter().all(|state| state["type"] == "CRASHED"),
                "{told:?}"
            );
        });
    }
}

#[test]
fn what_stands_for_a_run_whose_making_panics_ends() {
    for (making, had) in making() {
        let server = server();
        let way = Stalling::new(&server, making, had);
        let config = server.config().transport(way);
        let client = PrefectClient::from_config(config).unwrap();
        let start = || start_deployment_with(&client, DEPLOYMENT, &of_run());
        assert!(catch_unwind(AssertUnwindSafe(start)).is_err());
        let told = told(&server);
        assert_eq!(
            told.len(),
            usize::from(ends(making, had)),
            "{making:?} {had:?}"
        );
        assert!(
            told.iter().all(|state| state["type"] == "CRASHED"),
            "{told:?}"
        );
    }
}

#[dual(crate::faces)]
async fn arefused(client: AsyncPrefectClient) {
    let refused = astart_deployment_with(&client, DEPLOYMENT, &of_run()).await;
    assert!(refused.unwrap_err().to_string().contains("x is no number"));
}

#[test]
fn what_stands_for_a_run_that_is_refused_fails() {
    for face in ["blocking", "async"] {
        let why = "x is no number".to_owned();
        let server = server_without_runs(move |_| Reply::Failure(409, why.clone()));
        match face {
            "blocking" => refused(server.client()),
            _ => later(arefused(server.async_client())),
        }
        let told = told(&server);
        assert_eq!(told.len(), 1, "{face}");
        assert_eq!(told[0]["type"], "FAILED");
        let message = told[0]["message"].as_str().unwrap();
        assert!(message.contains("x is no number"), "{message}");
    }
}

#[test]
fn what_stands_for_a_run_that_is_there_already_is_cancelled() {
    let there = FlowRunResponse::new(Uuid::from_u128(1), Uuid::from_u128(4));
    let same = there.clone();
    let server = server_without_runs(move |_| same.clone().into());
    let options = of_run().idempotency_key("once");
    let given = start_deployment_with(&server.client(), DEPLOYMENT, &options).unwrap();
    assert_eq!(given.id(), there.id);
    let told = told(&server);
    assert_eq!(told.len(), 1);
    let message = format!("The deployment's run was there already: {}.", there.id);
    let expected = json!(["CANCELLED", message]);
    assert_eq!(json!([told[0]["type"], told[0]["message"]]), expected);
}
