//! Blocking tasks and flows in an async flow: the server has of them what it has of async ones.

use prefect_sdk::flows::{AsyncFlowRun, FlowRun, RunFailed};
use prefect_sdk::tasks::{AsyncTaskRun, TaskRun};
use prefect_sdk::{flow, task};
use serde_json::Value;
use uuid::Uuid;

use super::rows;
use crate::server;

type Failed = RunFailed<String>;

#[task(tags = ["sums"])]
fn add(_: &TaskRun, one: u32, other: u32) -> Result<u32, String> {
    Ok(one + other)
}

#[task(name = "add", tags = ["sums"])]
async fn add_later(_: &AsyncTaskRun, one: u32, other: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(one + other)
}

#[flow(name = "adds in rust", flow_run_name = "adds-{number}")]
fn adds(run: &FlowRun, number: u32) -> Result<(Uuid, u32), Failed> {
    Ok((run.id(), add::call(run, number, 1)?))
}

#[flow(name = "adds in rust", flow_run_name = "adds-{number}")]
async fn adds_later(run: &AsyncFlowRun, number: u32) -> Result<(Uuid, u32), Failed> {
    Ok((run.id(), add_later::call(run, number, 1).await?))
}

type Told = ([Uuid; 2], u32);

fn said<E: std::fmt::Display>(failed: E) -> Failed {
    RunFailed::Raised(failed.to_string())
}

#[flow(name = "mixes in rust", flow_run_name = "mixes")]
async fn mixes(run: &AsyncFlowRun) -> Result<Told, Failed> {
    let first = add::acall(run, 1, 2).await?;
    let second = add::asubmit(run, first, 3);
    let third = add::asubmit(run, &second, 4).await?;
    let (inner, fourth) = adds::acall(run, third).await.map_err(said)?;
    Ok(([run.id(), inner], fourth + second.await?))
}

#[flow(name = "mixes in rust", flow_run_name = "mixes")]
async fn mixes_later(run: &AsyncFlowRun) -> Result<Told, Failed> {
    let first = add_later::call(run, 1, 2).await?;
    let second = add_later::submit(run, first, 3);
    let third = add_later::submit(run, &second, 4).await?;
    let (inner, fourth) = adds_later::call(run, third).await.map_err(said)?;
    Ok(([run.id(), inner], fourth + second.await?))
}

#[test]
fn what_blocks_stands_in_an_async_run_as_what_is_awaited_does() {
    let told = server::run(async {
        let client = server::async_client();
        let mixed = mixes::call(&client).await;
        (mixed, mixes_later::call(&client).await)
    });
    let of = |told: Result<Told, RunFailed<Failed>>| -> [Value; 2] {
        let (ids, sum) = told.unwrap();
        assert_eq!(sum, 11 + 6);
        // The inner run is a task run of the outer one.
        [rows::rows(ids[0], 4), rows::rows(ids[1], 1)]
    };
    assert_eq!(of(told.0), of(told.1));
}
