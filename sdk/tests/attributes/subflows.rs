//! Flows that are called within runs, in both faces and without a server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::client::models::StateType;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{
    AsyncFlow, AsyncFlowRun, Cancellation, Flow, FlowOptions, FlowRun, RunFailed, RunFlowOptions,
};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskRun};
use prefect_sdk::testing::TestServer;
use prefect_sdk::{flow, task};

use crate::runs::later;

type Failed = RunFailed<String>;

#[task]
fn half(_: &TaskRun, n: u32) -> Result<u32, String> {
    if n.is_multiple_of(2) {
        Ok(n / 2)
    } else {
        Err(format!("{n} is odd"))
    }
}

#[flow]
fn quarter(run: &FlowRun, n: u32) -> Result<u32, Failed> {
    half::call(run, half::call(run, n)?)
}

#[flow]
fn quarters(run: &FlowRun) -> Result<u32, RunFailed<Failed>> {
    let state = half::return_state(run, 3);
    assert_eq!(state.type_, StateType::Failed);
    let state = quarter::return_state(run, 6)?;
    assert!(state.message.unwrap().ends_with("3 is odd"));
    Ok(quarter::call(run, 4)? + quarter::call(run, 8)?)
}

#[test]
fn a_flow_calls_others_by_their_names() {
    let server = TestServer::new();
    let options = RunFlowOptions::new().tags(["outer"]);
    assert_eq!(quarters::call_with(&server.client(), &options).unwrap(), 3);
    let runs = server.flow_runs();
    let names: Vec<_> = runs.iter().map(|run| &*run.flow_name).collect();
    assert_eq!(names, ["quarters", "quarter", "quarter", "quarter"]);
    assert!(runs.iter().all(|run| run.tags == ["outer"]));
    let last: Vec<_> = runs
        .iter()
        .map(|run| *run.state_names().last().unwrap())
        .collect();
    assert_eq!(last, ["Completed", "Failed", "Completed", "Completed"]);
    let half = server.task_runs();
    assert_eq!(half.len(), 1 + 2 + 2 + 2);
    assert!(half.iter().all(|run| run.tags == ["outer"]));
}

/// The outer flow is tried twice, and the inner one each time as often as it may: what has ended is not taken up.
#[dual(crate::faces)]
async fn aretried(client: AsyncPrefectClient) -> u32 {
    let inner = AsyncFlow::new("inner", |run: AsyncFlowRun, ()| async move {
        if run.run_count() == 1 {
            return Err("once more".to_owned());
        }
        Ok(1)
    });
    let inner = inner.with_options(FlowOptions::new().retries(1));
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let inner = inner.clone();
        let calls = AsyncTask::new("calls", move |run: AsyncTaskRun, ()| {
            let inner = inner.clone();
            async move { inner.call(&run, &()).await }
        });
        let inner = calls.submit(&run, ());
        async move {
            let inner = inner.result().await.map_err(|failed| failed.to_string())?;
            if run.run_count() == 1 {
                return Err("twice".to_owned());
            }
            Ok(inner)
        }
    });
    let options = FlowOptions::new().retries(1).max_workers(1);
    outer
        .with_options(options)
        .call(&client, &())
        .await
        .unwrap()
}

#[test]
fn a_subflow_has_all_its_retries_in_each_attempt() {
    let servers = [TestServer::new(), TestServer::new()];
    assert_eq!(retried(servers[0].client()), 1);
    assert_eq!(later(aretried(servers[1].aclient())), 1);
    for server in servers {
        let counts: Vec<_> = server.flow_runs().iter().map(|run| run.run_count).collect();
        assert_eq!(counts, [2, 2, 2]);
    }
}

/// The outer run is cancelled while the inner one, which it awaits, is shielded: neither is left before that is over.
#[test]
fn what_a_subflow_shields_is_not_cut_short_by_the_end_of_its_flow() {
    let server = TestServer::new();
    let cancellation = Cancellation::new();
    let whole = Arc::new(AtomicBool::new(false));
    let (cancels, done) = (cancellation.clone(), Arc::clone(&whole));
    let inner = AsyncFlow::new("inner", move |run: AsyncFlowRun, ()| {
        let (cancels, done) = (cancels.clone(), Arc::clone(&done));
        async move {
            let shield = run.cancellation().shield();
            cancels.request();
            tokio::time::sleep(Duration::from_millis(20)).await;
            done.store(true, Ordering::SeqCst);
            drop(shield);
            std::future::pending::<Result<u32, String>>().await
        }
    });
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let inner = inner.clone();
        async move { inner.call(&run, &()).await }
    });
    let options = RunFlowOptions::new().cancellation(&cancellation);
    later(async {
        let ended = outer.call_with(&server.aclient(), &(), &options).await;
        assert!(matches!(ended, Err(RunFailed::Cancelled)), "{ended:?}");
    });
    assert!(whole.load(Ordering::SeqCst), "it was cut short");
}

/// Whoever cancels the outer run cancels the inner one.
#[dual(crate::faces)]
async fn acancelled(client: AsyncPrefectClient) {
    let cancellation = Cancellation::new();
    let cancels = cancellation.clone();
    let inner = AsyncFlow::new("inner", move |run: AsyncFlowRun, ()| {
        cancels.request();
        assert!(run.cancellation().is_requested());
        async { Ok::<_, String>(1) }
    });
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let inner = inner.clone();
        async move {
            let ended = inner.call(&run, &()).await;
            assert!(matches!(ended, Err(RunFailed::Cancelled)));
            ended
        }
    });
    let options = RunFlowOptions::new().cancellation(&cancellation);
    let ended = outer.call_with(&client, &(), &options).await;
    assert!(matches!(ended, Err(RunFailed::Cancelled)));
}

#[test]
fn a_subflow_is_cancelled_with_its_flow() {
    let server = TestServer::new();
    cancelled(server.client());
    for run in server.flow_runs() {
        assert_eq!(run.state_names().last(), Some(&"Cancelled"));
    }
    let server = TestServer::new();
    let is_told = || {
        let mut runs = server.flow_runs().into_iter();
        runs.all(|run| run.state_names().last() == Some(&"Cancelled"))
    };
    later(async {
        acancelled(server.aclient()).await;
        let limit = std::time::Instant::now() + std::time::Duration::from_mins(1);
        // The inner run says it after the outer one, whose function was left where it awaited.
        while !is_told() && std::time::Instant::now() < limit {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    assert_eq!(server.flow_runs().len(), 2);
    assert!(is_told());
}

/// A blocking task that goes on until it hears that it is to end; and what it says of that.
fn until_told() -> (Task<(), (), String>, mpsc::Receiver<()>, Arc<AtomicBool>) {
    let ((begins, begun), told) = (mpsc::channel(), Arc::new(AtomicBool::new(false)));
    let hears = Arc::clone(&told);
    let task = Task::new("goes on", move |run: TaskRun, (): ()| {
        begins.send(()).unwrap();
        let is_told = run.cancellation().requested_within(LONG);
        hears.store(is_told, Ordering::SeqCst);
        assert!(!run.flow_run().cancellation().is_requested());
        Ok::<_, String>(())
    });
    (task, begun, told)
}

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(1);

#[test]
fn a_task_hears_that_the_time_of_its_flow_is_up() {
    let options = FlowOptions::new().timeout(Duration::from_millis(50));
    let server = TestServer::new();
    let (task, begun, told) = until_told();
    let begun = Mutex::new(begun);
    let flow = Flow::new("late", move |run: FlowRun, (): ()| {
        drop(task.submit(&run, ()));
        begun.lock().unwrap().recv().unwrap();
        std::thread::sleep(Duration::from_millis(60));
        Ok::<_, String>(())
    });
    let ended = flow
        .with_options(options.clone())
        .call(&server.client(), &());
    assert!(matches!(ended, Err(RunFailed::TimedOut(_))), "{ended:?}");
    assert!(told.load(Ordering::SeqCst));

    let server = TestServer::new();
    let (task, _begun, told) = until_told();
    let flow = AsyncFlow::new("late", move |run: AsyncFlowRun, ()| {
        let task = task.clone();
        async move {
            drop(task.to_async().submit(&run, ()));
            std::future::pending::<Result<(), String>>().await
        }
    });
    let flow = flow.with_options(options);
    let ended = later(async { flow.call(&server.aclient(), &()).await });
    assert!(matches!(ended, Err(RunFailed::TimedOut(_))), "{ended:?}");
    // It may not have begun when the time was up.
    let runs = server.task_runs();
    let has_begun = runs
        .iter()
        .any(|run| run.state_names().contains(&"Running"));
    assert_eq!(told.load(Ordering::SeqCst), has_begun);
}
