//! A test waits until the server has what it was told.

use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::models::StateType;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::events::{self, EmitEventOptions};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowRun};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskRun};
use prefect_sdk::testing::{self, TestServer};
use uuid::Uuid;

use crate::server;

/// Long enough for a slow machine: a bound against hangs.
const PATIENCE: Duration = Duration::from_mins(3);
const AT_ONCE: Duration = Duration::from_millis(1);

#[dual(crate::faces)]
async fn asee(client: &AsyncPrefectClient, run: Uuid) -> Result<(), Error> {
    let resource = [("prefect.resource.id", server::unique("seen"))];
    let event =
        events::aemit_event(client, "seen.once", resource, &EmitEventOptions::new()).await?;
    testing::await_for_events(client, std::slice::from_ref(&event), PATIENCE).await?;
    let mut never = event;
    never.id = Uuid::now_v7();
    let late = testing::await_for_events(client, &[never], AT_ONCE).await;
    assert!(late.unwrap_err().is_timeout());
    let runs = testing::await_for_task_runs(client, &[run], PATIENCE).await?;
    assert_eq!(runs[0].id, run);
    assert_eq!(runs[0].state.as_ref().unwrap().type_, StateType::Completed);
    let late = testing::await_for_task_runs(client, &[run, Uuid::now_v7()], AT_ONCE).await;
    assert!(late.unwrap_err().is_timeout());
    Ok(())
}

/// The id of a task run of a flow in each face.
fn blocking_run(client: &PrefectClient) -> Uuid {
    let task = Task::new("seen", |run: TaskRun, (): ()| Ok::<_, String>(run.id()));
    let flow = Flow::new("seen", move |run: FlowRun, (): ()| task.call(&run, ()));
    flow.call(client, &()).unwrap()
}

async fn async_run(client: &AsyncPrefectClient) -> Uuid {
    let task = AsyncTask::new("seen", |run: AsyncTaskRun, (): ()| async move {
        Ok::<_, String>(run.id())
    });
    let flow = AsyncFlow::new("seen", move |run: AsyncFlowRun, (): ()| {
        let task = task.clone();
        async move { task.call(&run, ()).await }
    });
    flow.call(client, &()).await.unwrap()
}

#[test]
fn a_real_server_has_it_after_a_while() {
    let client = server::client();
    see(&client, blocking_run(&client)).unwrap();
    server::run(async {
        let client = server::async_client();
        let run = async_run(&client).await;
        asee(&client, run).await.unwrap();
    });
}

#[test]
fn a_test_server_has_it_at_once() {
    let double = TestServer::new();
    let client = double.client();
    see(&client, blocking_run(&client)).unwrap();
    server::run(async {
        let double = TestServer::new();
        let client = double.aclient();
        let run = async_run(&client).await;
        asee(&client, run).await.unwrap();
    });
}
