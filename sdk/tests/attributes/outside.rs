//! Tasks that are called with a client: outside of flows, in task runs of their own.

use std::path::Path;

use diptych_macros::dual;
use prefect_sdk::client::models::{ServerDefaultResultStorage, StateType};
use prefect_sdk::client::operations::READ_SERVER_DEFAULT_RESULT_STORAGE;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::RunFailed;
use prefect_sdk::results::{CachePolicy, ResultSettings};
use prefect_sdk::task;
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, CallTaskOptions, Task, TaskRun};
use prefect_sdk::testing::{RecordedTaskRun, TestServer};

use crate::runs::later;

#[task(retries = 1)]
fn parse(run: &TaskRun, text: String) -> Result<u64, String> {
    if run.run_count() == 1 {
        return Err("it is busy".to_owned());
    }
    text.parse().map_err(|_| format!("{text} is no number"))
}

#[task(name = "parse", retries = 1)]
async fn parse_later(run: &AsyncTaskRun, text: String) -> Result<u64, String> {
    if run.run_count() == 1 {
        return Err("it is busy".to_owned());
    }
    text.parse().map_err(|_| format!("{text} is no number"))
}

/// Of two calls, the second of which fails.
fn are_runs_of_their_own(server: &TestServer) {
    assert_eq!(server.flow_runs().len(), 0);
    let runs = server.task_runs();
    let states: Vec<Vec<&str>> = runs.iter().map(RecordedTaskRun::state_names).collect();
    let again = ["Pending", "Running", "Retrying"];
    assert_eq!(
        states,
        [
            [&again[..], &["Completed"]].concat(),
            [&again[..], &["Failed"]].concat()
        ]
    );
    for run in runs {
        assert_eq!(run.name, "parse");
        assert_eq!(run.flow_run_id, None);
    }
}

#[test]
fn a_task_is_called_with_a_client() {
    let server = TestServer::new();
    let client = server.client();
    assert_eq!(parse::call(&client, "12".to_owned()).unwrap(), 12);
    let failed = parse::return_state(&client, "twelve".to_owned());
    assert_eq!(failed.type_, StateType::Failed);
    let details = failed.state_details.unwrap();
    assert_eq!(details.flow_run_id, None);
    assert_eq!(details.task_run_id, Some(server.task_runs()[1].id));
    are_runs_of_their_own(&server);
}

#[test]
fn a_task_is_called_with_a_client_in_the_async_face() {
    let server = TestServer::new();
    let client = server.aclient();
    later(async {
        assert_eq!(
            parse_later::call(&client, "12".to_owned()).await.unwrap(),
            12
        );
        let failed = parse_later::call(&client, "twelve".to_owned()).await;
        assert_eq!(failed.unwrap_err().raised().unwrap(), "twelve is no number");
    });
    are_runs_of_their_own(&server);
    // Blocking ones, on threads.
    let server = TestServer::new();
    let client = server.aclient();
    later(async {
        assert_eq!(parse::acall(&client, "12".to_owned()).await.unwrap(), 12);
        let failed = parse::areturn_state(&client, "twelve".to_owned()).await;
        assert_eq!(failed.type_, StateType::Failed);
    });
    are_runs_of_their_own(&server);
}

/// A task that calls and submits others, and keeps what it gives.
#[dual(crate::faces)]
async fn aoutside(client: &AsyncPrefectClient, room: &Path) -> u32 {
    let square = AsyncTask::new("square", |_: AsyncTaskRun, n: u32| async move {
        Ok::<_, String>(n * n)
    });
    let squares = AsyncTask::new("squares", move |run: AsyncTaskRun, n: u32| {
        let square = square.clone();
        async move {
            let submitted = square.map(&run, 1..n).map_err(|error| error.to_string())?;
            let mut sum = square
                .call(&run, n)
                .await
                .map_err(|failed| failed.to_string())?;
            for future in submitted {
                sum += future.result().await.map_err(|failed| failed.to_string())?;
            }
            Ok::<_, String>(sum)
        }
    });
    let squares = squares.cache_policy(CachePolicy::inputs());
    let settings = ResultSettings::new(room.display().to_string());
    let options = CallTaskOptions::new().results(settings);
    let called = squares.call_with(client, 3, &options).await;
    let again = squares.call_with(client, 3, &options).await;
    assert_eq!(called.as_ref().ok(), again.as_ref().ok());
    called.unwrap_or_else(|failed: RunFailed<String>| panic!("{failed}"))
}

#[test]
fn what_it_calls_is_part_of_nothing_else_and_what_it_gives_is_kept_where_the_call_says() {
    let check = |server: &TestServer, sum: u32| {
        assert_eq!(sum, 14);
        let runs = server.task_runs();
        let of = |name: &str| runs.iter().filter(|run| run.name == name).count();
        assert_eq!((of("square"), of("squares")), (3, 2));
        let last = runs.last().unwrap().state_names();
        assert_eq!(last, ["Pending", "Running", "Cached"]);
    };
    for is_async in [false, true] {
        let room = std::env::temp_dir().join(format!("prefect-outside-{}", uuid::Uuid::new_v4()));
        let server = TestServer::new();
        let none = ServerDefaultResultStorage::new();
        let asked = server.mock().on(&READ_SERVER_DEFAULT_RESULT_STORAGE);
        asked.answers(&none);
        let sum = if is_async {
            let client = server.aclient();
            later(aoutside(&client, &room))
        } else {
            outside(&server.client(), &room)
        };
        check(&server, sum);
        std::fs::remove_dir_all(&room).unwrap();
    }
}

#[task]
fn never(_: &TaskRun) -> Result<(), String> {
    panic!("it runs")
}

#[test]
fn a_server_that_is_not_there_is_an_error_before_anything_runs() {
    let client = PrefectClient::new("http://127.0.0.1:1/api").unwrap();
    let failed = never::call(&client).unwrap_err();
    let text = failed.to_string();
    assert!(matches!(failed, RunFailed::Engine(_)), "{text}");
    assert!(
        text.contains("does PREFECT_API_URL (api.url) name it?"),
        "{text}"
    );
}
