//! Blocking tasks and flows in an async flow: the server has of them what it has of async ones.

use prefect_sdk::flows::{AsyncFlowRun, FlowRun, RunFailed};
use prefect_sdk::tasks::{AsyncTaskRun, TaskRun};
use prefect_sdk::{flow, task};
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

type Told = (Uuid, u32);

#[flow(name = "mixes in rust", flow_run_name = "mixes")]
async fn mixes(run: &AsyncFlowRun) -> Result<Told, Failed> {
    let first = add::acall(run, 1, 2).await?;
    let second = add::asubmit(run, first, 3);
    let third = add::asubmit(run, &second, 4).await?;
    Ok((run.id(), third + second.await?))
}

#[flow(name = "mixes in rust", flow_run_name = "mixes")]
async fn mixes_later(run: &AsyncFlowRun) -> Result<Told, Failed> {
    let first = add_later::call(run, 1, 2).await?;
    let second = add_later::submit(run, first, 3);
    let third = add_later::submit(run, &second, 4).await?;
    Ok((run.id(), third + second.await?))
}

#[flow(name = "mixes flows in rust")]
async fn mixes_flows(run: &AsyncFlowRun) -> Result<[Told; 2], RunFailed<Failed>> {
    Ok([adds::acall(run, 5).await?, adds_later::call(run, 5).await?])
}

#[test]
fn what_blocks_stands_in_an_async_run_as_what_is_awaited_does() {
    let (tasks, flows) = server::run(async {
        let client = server::async_client();
        let mixed = mixes::call(&client).await.unwrap();
        let later = mixes_later::call(&client).await.unwrap();
        ([mixed, later], mixes_flows::call(&client).await.unwrap())
    });
    assert_eq!(tasks.map(|(_, sum)| sum), [16; 2]);
    assert_eq!(flows.map(|(_, sum)| sum), [6; 2]);
    let [mixed, later] = tasks.map(|(id, _)| rows::rows(id, 3));
    assert_eq!(mixed, later);
    let [mixed, later] = flows.map(|(id, _)| rows::rows(id, 1));
    assert_eq!(mixed, later);
}
