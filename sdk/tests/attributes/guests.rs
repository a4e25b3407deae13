//! Blocking tasks and flows in async flows, without a server.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use prefect_sdk::Error;
use prefect_sdk::client::models::StateType;
use prefect_sdk::flows::{
    AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun, RunFailed, RunFlowOptions,
};
use prefect_sdk::results::{FlowResultOptions, ResultSettings, StorageReference};
use prefect_sdk::tasks::{Task, TaskOptions, TaskRun, TaskRunEntered};
use prefect_sdk::testing::{RecordedTaskRun, TestServer};
use prefect_sdk::transactions::{AsyncTransaction, Transaction, atransaction};
use prefect_sdk::{flow, task};

use crate::runs::later;

type Failed = RunFailed<String>;

#[task]
fn half(_: &TaskRun, number: u32) -> Result<u32, String> {
    if number % 2 == 1 {
        return Err(format!("{number} is odd"));
    }
    Ok(number / 2)
}

/// Calls one, and submits one.
#[task]
fn quarter(run: &TaskRun, number: u32) -> Result<u32, Failed> {
    let half_of = half::call(run, number)?;
    half::submit(run, half_of).result()
}

/// A flow that blocks.
#[flow]
fn quarters(run: &FlowRun, numbers: Vec<u32>) -> Result<u32, String> {
    let each = numbers.into_iter().map(|number| quarter::call(run, number));
    let sum = each.sum::<Result<u32, _>>();
    sum.map_err(|failed| failed.to_string())
}

#[flow]
async fn mixed(run: &AsyncFlowRun) -> Result<u32, Failed> {
    let called = half::acall(run, 20).await?;
    let first = half::asubmit(run, called);
    let second = half::asubmit(run, half::asubmit(run, 12));
    let mut total = first.await?;
    total += second.await?;
    for each in half::amap(run, [2, 4])? {
        total += each.await?;
    }
    let state = half::areturn_state(run, 3).await;
    assert_eq!(state.type_, StateType::Failed);
    total += quarters::acall(run, vec![4, 8]).await?;
    let state = quarters::areturn_state(run, vec![2]).await?;
    assert_eq!(state.type_, StateType::Failed);
    Ok(total)
}

fn last_states(runs: &[RecordedTaskRun]) -> Vec<String> {
    let last = |run: &RecordedTaskRun| run.state_names().last().unwrap().to_string();
    runs.iter().map(last).collect()
}

#[test]
fn what_blocks_is_called_submitted_and_mapped_in_an_async_flow() {
    let server = TestServer::new();
    let total = later(mixed::call(&server.aclient())).unwrap();
    assert_eq!(total, 5 + 3 + 1 + 2 + 1 + 2);
    let names: Vec<_> = server
        .flow_runs()
        .iter()
        .map(|run| format!("{} {}", run.flow_name, run.state_names().last().unwrap()))
        .collect();
    let expected = ["mixed Completed", "quarters Completed", "quarters Failed"];
    assert_eq!(names, expected);
    let runs = server.task_runs();
    // Those of the outer flow, those of two quarters, and those of one that fails.
    assert_eq!(runs.len(), 7 + 2 * 3 + 3);
    for run in &runs {
        assert_eq!(run.state_names()[..2], ["Pending", "Running"], "{run:?}");
    }
    let flow_runs = server.flow_runs();
    let of = |place: usize| {
        let id = flow_runs[place].id;
        runs.iter()
            .filter(|run| run.flow_run_id == Some(id))
            .count()
    };
    assert_eq!([of(0), of(1), of(2)], [7, 6, 3]);
}

/// The function waits for what the executor's only thread does meanwhile.
#[test]
fn a_blocking_function_holds_up_no_executor() {
    let server = TestServer::new();
    let (tell, told) = mpsc::channel::<thread::ThreadId>();
    let told = Mutex::new(told);
    let waits = Task::new("waits", move |_: TaskRun, ()| {
        let other = told.lock().unwrap().recv().unwrap();
        Ok::<_, String>(other == thread::current().id())
    });
    let waits = waits.to_async();
    let flow = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let (waits, tell) = (waits.clone(), tell.clone());
        async move {
            let (is_same, ()) = tokio::join!(waits.call(&run, ()), async {
                tell.send(thread::current().id()).unwrap();
            });
            is_same
        }
    });
    assert!(!later(flow.call(&server.aclient(), &())).unwrap());
}

#[test]
fn a_blocking_flow_is_run_with_an_async_client_and_drawn_within_others() {
    let server = TestServer::new();
    let client = server.aclient();
    let options = RunFlowOptions::new().tags(["one"]);
    let called = later(quarters::acall_with(&client, vec![4], &options));
    assert_eq!(called.unwrap(), 1);
    assert_eq!(server.flow_runs()[0].tags, ["one"]);
    assert_eq!(server.task_runs().len(), 3);
    let outer = AsyncFlow::new("outer", |run: AsyncFlowRun, ()| async move {
        quarters::async_flow()
            .call(&run, &quarters::parameters(vec![]))
            .await
    });
    let graph = later(outer.visualize(&())).unwrap();
    assert!(graph.to_dot().contains("quarters"), "{}", graph.to_dot());
}

#[test]
fn panics_retries_timeouts_and_hooks_are_those_of_the_blocking_task() {
    let server = TestServer::new();
    let (tell, told) = mpsc::channel::<String>();
    let executor = thread::current().id();
    let panics = Task::new("panics", |run: TaskRun, ()| {
        assert!(run.run_count() > 1, "not yet");
        Ok::<_, String>(run.run_count())
    });
    let panics = panics.with_options(TaskOptions::new().retries(1));
    let panics = panics.on_completion(move |run: TaskRunEntered| {
        let is_other = thread::current().id() != executor;
        tell.send(format!("{} {is_other}", run.name))
            .map_err(|error| error.to_string())
    });
    // It is not left before it has ended: another attempt never runs beside it.
    let has_ended = Arc::new(Mutex::new(false));
    let ends = Arc::clone(&has_ended);
    let late = Task::new("late", move |_: TaskRun, ()| {
        thread::sleep(Duration::from_millis(20));
        *ends.lock().unwrap() = true;
        Ok::<_, String>(())
    });
    let late = late.with_options(TaskOptions::new().timeout(Duration::from_millis(1)));
    let (panics, late) = (panics.to_async(), late.to_async());
    let flow = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let (panics, late, has_ended) = (panics.clone(), late.clone(), Arc::clone(&has_ended));
        async move {
            let late = late.call(&run, ()).await;
            assert!(matches!(late, Err(RunFailed::TimedOut(_))));
            assert!(*has_ended.lock().unwrap());
            panics.call(&run, ()).await
        }
    });
    assert_eq!(later(flow.call(&server.aclient(), &())).unwrap(), 2);
    assert!(told.recv().unwrap().ends_with(" true"));
    let runs = server.task_runs();
    assert_eq!(runs[0].state_names(), ["Pending", "Running", "TimedOut"]);
    let retried = ["Pending", "Running", "Retrying", "Completed"];
    assert_eq!(runs[1].state_names(), retried);
}

/// What the tasks below tell of.
type Told = Arc<Mutex<Vec<String>>>;

/// A task that tells what becomes of it, and calls another one.
fn tells(
    told: &Told,
    name: &'static str,
    inner: Option<Task<bool, String, String>>,
) -> Task<bool, String, String> {
    let hook = |what: &'static str| {
        let told = Arc::clone(told);
        move |of: Transaction| {
            let by = of.get::<String>("by")?;
            told.lock().unwrap().push(format!("{what} {name} {by}"));
            Ok::<_, Error>(())
        }
    };
    let task = Task::new(name, move |run: TaskRun, fails: bool| {
        if let Some(inner) = &inner {
            inner
                .call(&run, fails)
                .map_err(|failed| failed.to_string())?;
        } else if fails {
            return Err("no".to_owned());
        }
        Ok(name.to_owned())
    });
    task.on_commit(hook("commit")).on_rollback(hook("undo"))
}

async fn transacts(
    run: AsyncFlowRun,
    told: Told,
    fails: bool,
    is_undone: bool,
) -> Result<u32, Failed> {
    let inner = tells(&told, "inner", None);
    let outer = tells(&told, "outer", Some(inner)).to_async();
    let ended = atransaction(&run, |all: AsyncTransaction| async move {
        all.set("by", "me")?;
        outer.call(&all, fails).await?;
        told.lock().unwrap().push("called".to_owned());
        if is_undone {
            Err(Failed::Raised("undone".to_owned()))
        } else {
            Ok(())
        }
    });
    drop(ended.await);
    Ok(1)
}

#[test]
fn what_blocks_is_part_of_the_transaction_that_it_is_called_in() {
    let cases = [
        (
            false,
            false,
            vec!["called", "commit inner me", "commit outer me"],
        ),
        (
            false,
            true,
            vec!["called", "undo outer me", "undo inner me"],
        ),
        (true, false, vec![]),
    ];
    for (fails, is_undone, expected) in cases {
        let (server, told) = (TestServer::new(), Told::default());
        let keeps = Arc::clone(&told);
        let flow = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
            transacts(run, Arc::clone(&keeps), fails, is_undone)
        });
        later(flow.call(&server.aclient(), &())).unwrap();
        assert_eq!(*told.lock().unwrap(), expected);
        let last = last_states(&server.task_runs());
        let expected = match (fails, is_undone) {
            (true, _) => "Failed",
            (_, true) => "RolledBack",
            _ => "Completed",
        };
        assert_eq!(last, [expected; 2]);
    }
}

/// What is called on the thread keeps its results where the async run keeps its own.
#[test]
fn results_of_what_a_guest_calls_are_kept_in_the_runs_store() {
    let server = TestServer::new();
    let room = std::env::temp_dir().join(format!("prefect-sdk-guests-{}", std::process::id()));
    let kept = Task::new("kept", |_: TaskRun, number: u32| Ok::<_, String>(number));
    let inner = Flow::new("inner", move |run: FlowRun, ()| kept.call(&run, 7));
    let inner = inner.to_async();
    let flow = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let inner = inner.clone();
        async move { inner.call(&run, &()).await }
    });
    let place = StorageReference::Path(room.to_string_lossy().into_owned());
    let results = FlowResultOptions::new().storage(place).persist(true);
    let flow = flow.with_options(FlowOptions::new().results(results));
    let options = RunFlowOptions::new().results(ResultSettings::new("/nowhere"));
    let called = later(flow.call_with(&server.aclient(), &(), &options));
    assert_eq!(called.unwrap(), 7);
    // Of the task, and of both flows.
    let kept = std::fs::read_dir(&room).unwrap().count();
    std::fs::remove_dir_all(&room).unwrap();
    assert_eq!(kept, 3);
}
