//! Runs in both faces, without a server.

use std::time::Duration;

use prefect_sdk::flows::{AsyncFlowRun, FlowRun, RunFailed, RunFlowOptions};
use prefect_sdk::tasks::{AsyncTaskRun, RetryDelay, TaskRun};
use prefect_sdk::testing::TestServer;
use prefect_sdk::{flow, task};
use serde_json::json;

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(3);
const MINUTE: Duration = Duration::from_mins(1);

#[task(retries = 3, retry_delay = RetryDelay::Exponential(MINUTE), tags = ["numbers"])]
fn parse(run: &TaskRun, text: String) -> Result<u32, String> {
    if run.run_count() < 3 {
        return Err("not yet".to_owned());
    }
    text.parse().map_err(|_| format!("{text} is no number"))
}

#[task(name = "parse", retries = 3, retry_delay = RetryDelay::Exponential(MINUTE), tags = ["numbers"])]
async fn parse_later(run: &AsyncTaskRun, text: String) -> Result<u32, String> {
    tokio::task::yield_now().await;
    if run.run_count() < 3 {
        return Err("not yet".to_owned());
    }
    text.parse().map_err(|_| format!("{text} is no number"))
}

#[flow(flow_run_name = "sum-{first}", retries = 1, retry_delay = 90)]
fn sum(run: &FlowRun, first: String, second: String) -> Result<u32, RunFailed<String>> {
    let first = parse::call(run, first)?;
    if run.run_count() == 1 {
        return Err(RunFailed::Raised("once more".to_owned()));
    }
    let second = parse::call(run, second)?;
    Ok(first + second)
}

#[flow(
    name = "sum",
    flow_run_name = "sum-{first}",
    retries = 1,
    retry_delay = 90
)]
async fn sum_later(
    run: &AsyncFlowRun,
    first: String,
    second: String,
) -> Result<u32, RunFailed<String>> {
    let first = parse_later::call(run, first).await?;
    if run.run_count() == 1 {
        return Err(RunFailed::Raised("once more".to_owned()));
    }
    let second = parse_later::call(run, second).await?;
    Ok(first + second)
}

pub(crate) fn later<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

/// What both faces tell a server of the same flow.
fn look_at(server: &TestServer) {
    let flow_runs = server.flow_runs();
    assert_eq!(flow_runs.len(), 1);
    let run = &flow_runs[0];
    assert_eq!((&*run.name, &*run.flow_name), ("sum-40", "sum"));
    assert_eq!(
        run.parameters,
        [
            ("first".to_owned(), json!("40")),
            ("second".to_owned(), json!("2"))
        ]
        .into()
    );
    assert_eq!(
        (run.run_count, &*run.tags),
        (2, &["nightly".to_owned()][..])
    );
    let states = [
        "Pending",
        "Running",
        "AwaitingRetry",
        "Running",
        "Completed",
    ];
    assert_eq!(run.state_names(), states);
    let task_runs = server.task_runs();
    assert_eq!(task_runs.len(), 3);
    for task_run in &task_runs {
        assert_eq!(task_run.flow_run_id, Some(run.id));
        assert_eq!(task_run.tags, ["nightly", "numbers"]);
        assert_eq!(task_run.run_count, 3);
        assert!(task_run.name.starts_with("parse-"));
        assert_eq!(task_run.task_inputs, json!({"text": []}));
        let awaiting = ["AwaitingRetry", "Retrying"];
        let states = [
            &["Pending", "Running"][..],
            &awaiting,
            &awaiting,
            &["Completed"],
        ]
        .concat();
        assert_eq!(task_run.state_names(), states);
    }
    let waits = [MINUTE, 2 * MINUTE];
    let whole = [&waits[..], &[Duration::from_secs(90)], &waits, &waits].concat();
    assert_eq!(server.clock().sleeps(), whole);
}

#[test]
fn a_flow_runs_without_a_server_and_its_retries_take_no_time() {
    let server = TestServer::new();
    let options = RunFlowOptions::new().tags(["nightly"]);
    let (first, second) = ("40".to_owned(), "2".to_owned());
    let given = sum::call_with(&server.client(), first.clone(), second.clone(), &options);
    assert_eq!(given.unwrap(), 42);
    look_at(&server);
    let server = TestServer::new();
    let given =
        later(async { sum_later::call_with(&server.aclient(), first, second, &options).await });
    assert_eq!(given.unwrap(), 42);
    look_at(&server);
}

#[test]
fn a_flow_that_fails_is_failed_and_its_error_is_its_own() {
    let server = TestServer::new();
    let client = server.client();
    let failed = sum::call(&client, "x".to_owned(), "2".to_owned()).unwrap_err();
    assert_eq!(failed.to_string(), "x is no number");
    let flow_runs = server.flow_runs();
    let state = flow_runs[0].states.last().unwrap();
    assert_eq!(state.name, "Failed");
    assert!(
        state.message.contains("x is no number"),
        "{}",
        state.message
    );
    assert_eq!(server.task_runs()[0].states.last().unwrap().name, "Failed");
}

#[test]
fn events_are_waited_for() {
    let server = TestServer::new();
    let client = server.client();
    sum::call(&client, "40".to_owned(), "2".to_owned()).unwrap();
    let events = server.wait_for(21, LONG).unwrap();
    assert_eq!(events.len(), server.events().len());
    let few = server
        .wait_for(events.len() + 1, Duration::ZERO)
        .unwrap_err();
    assert!(few.is_timeout(), "{few}");
    let again = later(server.await_for(events.len(), LONG)).unwrap();
    assert_eq!(again, events);
}

#[test]
fn a_server_has_the_runs_of_all_its_clients_and_what_is_not_of_flows_is_told_to_it() {
    use prefect_sdk::client::operations;

    let server = TestServer::new();
    let both = [server.client(), server.clone().client()];
    for client in &both {
        sum::call(client, "1".to_owned(), "2".to_owned()).unwrap();
    }
    assert_eq!(server.flow_runs().len(), 2);
    server.mock().on(&operations::COUNT_FLOWS).answers(&7);
    assert_eq!(both[0].count_flows().unwrap(), 7);
}
