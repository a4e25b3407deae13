//! Tasks that are submitted, with their parameters spelt out.

use prefect_sdk::flows::{AsyncFlowRun, FlowRun, RunFailed};
use prefect_sdk::tasks::{AsyncTaskRun, TaskRun, unmapped};
use prefect_sdk::testing::TestServer;
use prefect_sdk::{flow, task};

#[task]
fn add(_: &TaskRun, one: u32, #[serde(rename = "two")] other: u32) -> Result<u32, String> {
    Ok(one + other)
}

#[task(name = "add")]
async fn add_later(_: &AsyncTaskRun, one: u32, other: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(one + other)
}

#[task]
fn three(_: &TaskRun) -> Result<u32, String> {
    Ok(3)
}

#[flow]
fn total(run: &FlowRun) -> Result<u32, RunFailed<String>> {
    let first = add::submit(run, three::submit(run), 2);
    let second = add::submit(run, &first, 10);
    let each = add::map(run, [100, 200], unmapped(1000))?;
    let each = each.into_iter().map(|run| run.result());
    let each: u32 = each.collect::<Result<Vec<_>, _>>()?.into_iter().sum();
    Ok(first.result()? + second.result()? + each)
}

#[flow(name = "total")]
async fn total_later(run: &AsyncFlowRun) -> Result<u32, RunFailed<String>> {
    let first = add_later::submit(run, 3, 2);
    let second = add_later::submit(run, &first, 10);
    let mut total = first.await? + second.await?;
    for each in add_later::map(run, [100, 200], unmapped(1000))? {
        total += each.await?;
    }
    Ok(total)
}

const TOTAL: u32 = 5 + 15 + 1100 + 1200;

fn are_completed(server: &TestServer, count: usize) {
    let runs = server.task_runs();
    assert_eq!(runs.len(), count);
    for run in runs {
        assert_eq!(run.state_names(), ["Pending", "Running", "Completed"]);
    }
}

#[test]
fn futures_are_arguments_of_other_tasks() {
    let server = TestServer::new();
    assert_eq!(total::call(&server.client()).unwrap(), TOTAL);
    are_completed(&server, 5);
}

#[test]
fn futures_are_arguments_of_other_tasks_in_the_async_face() {
    let server = TestServer::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let client = server.aclient();
    let called = runtime.unwrap().block_on(total_later::call(&client));
    assert_eq!(called.unwrap(), TOTAL);
    are_completed(&server, 4);
}

/// Nobody can read it again.
#[derive(Clone, serde::Serialize)]
struct OneWay(u32);

#[task(task_key = "one-way-1")]
fn one_way(_: &TaskRun, given: OneWay) -> Result<u32, String> {
    Ok(given.0)
}

#[flow]
fn goes_one_way(run: &FlowRun) -> Result<u32, RunFailed<String>> {
    one_way::call(run, OneWay(7))
}

fn is_there<F>(_: F) {}

/// A worker could not execute it, and everybody else can.
#[test]
fn what_a_task_is_given_need_not_be_readable() {
    assert_eq!(one_way::task().key(), "one-way-1");
    let server = TestServer::new();
    assert_eq!(goes_one_way::call(&server.client()).unwrap(), 7);
    // It is submitted as well: only `serve` is not there.
    is_there(|client| one_way::delay(client, OneWay(7)));
    is_there(three::serve);
}
