//! Tasks that are written as functions.

use std::time::Instant;

use prefect_sdk::task_worker::{AsyncTaskWorker, DistributedFuture, TaskWorkerOptions};
use prefect_sdk::tasks::{AsyncTaskRun, TaskRun};

use super::{PATIENCE, Sum, Working, added, delayed, settings};
use crate::room::Room;
use crate::server;

#[prefect_sdk::task(task_key = server::unique("written"))]
fn written(_: &TaskRun, x: i64, #[serde(rename = "and")] y: i64) -> Result<i64, String> {
    added(&Sum { x, y })
}

#[prefect_sdk::task(task_key = server::unique("awritten"))]
async fn awritten(_: &AsyncTaskRun, x: i64, y: i64) -> Result<i64, String> {
    tokio::task::yield_now().await;
    added(&Sum { x, y })
}

#[test]
fn tasks_that_are_written_as_functions_are_submitted_and_executed() {
    let room = Room::new("written");
    let (options, how) = (
        TaskWorkerOptions::new().results(settings(&room)),
        delayed(&room),
    );
    let working = Working::start(&[written::task()], &options);
    let client = server::client();
    let one = crate::runner::patiently(|| written::delay_with(&client, 40, 2, &how));
    let each = [written::parameters(1, 1), written::parameters(2, 2)];
    let each = crate::runner::patiently(|| written::delay_each(&client, &each, &how));
    let given =
        |run: &DistributedFuture<i64>| crate::runner::patiently(|| run.result_at_most(PATIENCE));
    assert_eq!(given(&one), 42);
    assert_eq!(each.iter().map(given).collect::<Vec<_>>(), [2, 4]);
    let run = server::patiently(|| client.read_task_run(one.id()));
    assert!(run.task_inputs.contains_key("and"), "{:?}", run.task_inputs);
    drop(working);
    server::run(async {
        let client = server::async_client();
        let worker = AsyncTaskWorker::new(&client, &[awritten::task()], &options).unwrap();
        let its = worker.clone();
        let works = tokio::spawn(async move { its.start().await });
        let limit = Instant::now() + PATIENCE;
        let one = loop {
            match awritten::delay_with(&client, 40, 2, &how).await {
                Ok(one) => break one,
                Err(error) => assert!(Instant::now() < limit, "{error}"),
            }
        };
        let given = loop {
            match one.result_at_most(PATIENCE).await {
                Ok(given) => break given,
                Err(error) => assert!(Instant::now() < limit, "{error}"),
            }
        };
        assert_eq!(given, 42);
        worker.stop().unwrap();
        works.await.unwrap().unwrap();
    });
}
