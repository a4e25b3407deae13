//! Runs within runs within runs: each level takes little of the stack, in builds without optimisation too.

use prefect_sdk::flows::{AsyncFlowRun, FlowRun, RunFailed};
use prefect_sdk::tasks::{AsyncTaskRun, TaskRun};
use prefect_sdk::testing::TestServer;
use prefect_sdk::{flow, task};

/// More than anybody nests by hand; what a thread of tokio's, or of the standard library, has is 2 MiB.
const LEVELS: u32 = 20;

#[task]
fn count_tasks(run: &TaskRun, below: u32) -> Result<u32, String> {
    let Some(below) = below.checked_sub(1) else {
        return Ok(0);
    };
    let rest = count_tasks::call(run, below).map_err(|failed| failed.to_string())?;
    Ok(1 + rest)
}

#[flow]
fn count(run: &FlowRun, below: u32) -> Result<u32, RunFailed<String>> {
    let Some(below) = below.checked_sub(1) else {
        return count_tasks::submit(run, LEVELS).result();
    };
    let rest = count::call(run, below).map_err(|failed| RunFailed::Raised(failed.to_string()))?;
    Ok(1 + rest)
}

#[task]
async fn acount_tasks(run: &AsyncTaskRun, below: u32) -> Result<u32, String> {
    let Some(below) = below.checked_sub(1) else {
        return Ok(0);
    };
    let rest = Box::pin(acount_tasks::call(run, below)).await;
    Ok(1 + rest.map_err(|failed| failed.to_string())?)
}

#[flow]
async fn acount(run: &AsyncFlowRun, below: u32) -> Result<u32, RunFailed<String>> {
    let Some(below) = below.checked_sub(1) else {
        return acount_tasks::call(run, LEVELS).await;
    };
    let rest = Box::pin(acount::call(run, below)).await;
    Ok(1 + rest.map_err(|failed| RunFailed::Raised(failed.to_string()))?)
}

#[test]
fn runs_within_runs_leave_room_on_the_stack_blocking() {
    let server = TestServer::new();
    let client = server.client();
    let counting = std::thread::spawn(move || count::call(&client, LEVELS));
    assert_eq!(counting.join().unwrap().unwrap(), 2 * LEVELS);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_within_runs_leave_room_on_the_stack_async() {
    let server = TestServer::new();
    let client = server.aclient();
    let counting = tokio::spawn(async move { acount::call(&client, LEVELS).await });
    assert_eq!(counting.await.unwrap().unwrap(), 2 * LEVELS);
}
