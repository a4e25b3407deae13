//! Tasks in the background: who submits, who executes, in both faces and both languages; and workers that end in the middle.

mod python;
mod written;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::models::{State, StateDetails, StateType, TaskRun as Run, TaskRunCreate};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::results::ResultSettings;
use prefect_sdk::states;
use prefect_sdk::task_worker::{
    AsyncDistributedFuture, AsyncTaskWorker, DelayOptions, DistributedFuture, TaskWorker,
    TaskWorkerOptions, aserve_with, serve_with,
};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskRun};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::room::Room;
use crate::server;

/// A bound against hangs, long enough for a slow machine.
const PATIENCE: Duration = Duration::from_mins(3);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sum {
    x: i64,
    #[serde(default)]
    y: i64,
}

fn added(sum: &Sum) -> Result<i64, String> {
    let result = sum.x.checked_add(sum.y);
    result.ok_or_else(|| "it is too much".to_owned())
}

fn add(key: &str) -> Task<Sum, i64, String> {
    Task::new("background-add", |_: TaskRun, sum: Sum| added(&sum)).with_key(key)
}

fn add_async(key: &str) -> AsyncTask<Sum, i64, String> {
    AsyncTask::new("background-add", |_: AsyncTaskRun, sum: Sum| async move {
        tokio::task::yield_now().await;
        added(&sum)
    })
    .with_key(key)
}

fn settings(room: &Room) -> ResultSettings {
    ResultSettings::new(room.text())
}

fn delayed(room: &Room) -> DelayOptions {
    DelayOptions::new()
        .results(settings(room))
        .tags(["background"])
}

/// A worker of the blocking face on a thread; it has stopped when this is dropped.
struct Working(TaskWorker, Option<thread::JoinHandle<Result<(), Error>>>);

impl Working {
    fn start(
        tasks: &[&dyn prefect_sdk::task_worker::AnyTask],
        options: &TaskWorkerOptions,
    ) -> Self {
        let worker = TaskWorker::new(&server::client(), tasks, options).unwrap();
        let its = worker.clone();
        Self(worker, Some(thread::spawn(move || its.start())))
    }

    fn stop(&mut self) -> Result<(), Error> {
        let limit = Instant::now() + PATIENCE;
        while self.0.stop().is_err() {
            assert!(Instant::now() < limit, "it does not start");
            thread::sleep(Duration::from_millis(10));
        }
        self.1.take().unwrap().join().unwrap()
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if self.1.is_some() {
            let stopped = self.stop();
            assert!(thread::panicking() || stopped.is_ok(), "{stopped:?}");
        }
    }
}

/// What is given by several runs of it, one of which fails, and what the server has of them.
#[dual(crate::faces)]
async fn adelay_some(
    client: &AsyncPrefectClient,
    task: &AsyncTask<Sum, i64, String>,
    options: &DelayOptions,
) -> Result<(), Error> {
    let one = task
        .delay_with(client, &Sum { x: 40, y: 2 }, options)
        .await?;
    let sums = [Sum { x: 1, y: 1 }, Sum { x: 2, y: 2 }];
    let others = task.delay_each(client, &sums, options).await?;
    let wrong = Sum { x: i64::MAX, y: 1 };
    let wrong = task.delay_with(client, &wrong, options).await?;
    assert_eq!(one.result_at_most(PATIENCE).await?, 42);
    for (future, expected) in others.iter().zip([2, 4]) {
        assert_eq!(future.result_at_most(PATIENCE).await?, expected);
    }
    let failed = wrong.result_at_most(PATIENCE).await.unwrap_err();
    let said = failed
        .exception()
        .map(|exception| exception.message.clone());
    assert!(said.unwrap().contains("it is too much"), "{failed}");
    assert_eq!(wrong.wait_at_most(PATIENCE).await?.type_, StateType::Failed);
    // Any program finds it by its id.
    let again = AsyncDistributedFuture::<i64>::new(client, one.id());
    assert_eq!(again.state().await?.type_, StateType::Completed);
    let run = client.read_task_run(one.id()).await?;
    is_told(&run, task.key());
    Ok(())
}

fn is_told(run: &Run, key: &str) {
    assert_eq!((run.flow_run_id, run.run_count), (None, 1));
    assert_eq!(
        (run.task_key.as_str(), run.name.as_deref()),
        (key, Some("background-add"))
    );
    assert!(run.dynamic_key.starts_with(key), "{}", run.dynamic_key);
    assert_eq!(run.tags, ["background"]);
    assert!(run.start_time.is_some() && run.end_time.is_some());
    let inputs: Vec<&str> = run.task_inputs.keys().map(String::as_str).collect();
    assert_eq!(inputs, ["x", "y"]);
}

#[test]
fn what_is_delayed_is_executed_in_both_faces() {
    let (room, key) = (Room::new("delayed"), server::unique("add"));
    let (client, options) = (
        server::client(),
        TaskWorkerOptions::new().results(settings(&room)),
    );
    let task = add(&key);
    // What is submitted before there is a worker waits for one.
    let before = task
        .delay_with(&client, &Sum { x: 1, y: 2 }, &delayed(&room))
        .unwrap();
    let state = before.state().unwrap();
    assert_eq!(state.type_, StateType::Scheduled);
    assert_eq!(state.state_details.unwrap().deferred, Some(true));
    assert!(
        before
            .wait_at_most(Duration::from_millis(1))
            .unwrap_err()
            .is_timeout()
    );
    let mut working = Working::start(&[&task], &options);
    assert_eq!(before.result_at_most(PATIENCE).unwrap(), 3);
    delay_some(&client, &task, &delayed(&room)).unwrap();
    working.stop().unwrap();
    // A worker works once.
    assert!(working.0.start().unwrap_err().is_refused());
    let task = add_async(&key);
    server::run(async {
        let client = server::async_client();
        let worker = AsyncTaskWorker::new(&client, &[&task], &options).unwrap();
        assert!(worker.stop().unwrap_err().is_refused());
        let its = worker.clone();
        let working = tokio::spawn(async move { its.start().await });
        adelay_some(&client, &task, &delayed(&room)).await.unwrap();
        worker.stop().unwrap();
        working.await.unwrap().unwrap();
    });
}

/// A run that is there, and is executed by whoever is asked.
#[test]
fn a_run_is_executed_on_demand_and_what_it_lacks_fails_it() {
    let (room, client) = (Room::new("demanded"), server::client());
    let task = add(&server::unique("add"));
    let options = TaskWorkerOptions::new().results(settings(&room));
    let worker = TaskWorker::new(&client, &[&task], &options).unwrap();
    let future = task
        .delay_with(&client, &Sum { x: 3, y: 4 }, &delayed(&room))
        .unwrap();
    let run = client.read_task_run(future.id()).unwrap();
    worker.execute_task_run(&run).unwrap();
    assert_eq!(future.result_at_most(PATIENCE).unwrap(), 7);
    // It has ended: nothing happens.
    worker.execute_task_run(&run).unwrap();
    assert_eq!(client.read_task_run(future.id()).unwrap().run_count, 1);
    let other = add("another").delay_with(&client, &Sum { x: 3, y: 4 }, &delayed(&room));
    let other = client.read_task_run(other.unwrap().id()).unwrap();
    assert!(worker.execute_task_run(&other).unwrap_err().is_invalid());
    // Its parameters are gone; or are not what it takes.
    let lacks = |parameters: Option<Uuid>| {
        let mut details = StateDetails::new().deferred(true);
        details.task_parameters_id = parameters;
        let state = states::scheduled(chrono::Utc::now()).state_details(details);
        let create = TaskRunCreate::new(task.key(), server::unique("run")).state(state);
        let run = client.create_task_run(&create).unwrap();
        worker.execute_task_run(&run).unwrap();
        let future = DistributedFuture::<i64>::new(&client, run.id);
        let state: State = future.wait_at_most(PATIENCE).unwrap();
        assert_eq!(state.type_, StateType::Failed);
        state.message.unwrap_or_default()
    };
    let gone = lacks(Some(Uuid::new_v4()));
    assert!(gone.contains("can't be read"), "{gone}");
    let missing = lacks(None);
    assert!(missing.contains("missing field `x`"), "{missing}");
}

/// Each run is executed by somebody, although the worker that was handed it went away in the middle, and those that it could
/// not begin are still there.
#[test]
fn who_goes_away_in_the_middle_loses_nothing() {
    let (room, key) = (Room::new("killed"), server::unique("slow"));
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let endless = AsyncTask::new("slow", move |_: AsyncTaskRun, _: u32| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<Result<u32, String>>()
    });
    let endless = endless.with_key(&key);
    let options = TaskWorkerOptions::new().limit(2).results(settings(&room));
    let (client, delayed) = (server::client(), delayed(&room));
    let quick = Task::new("slow", |_: TaskRun, n: u32| Ok::<_, String>(n)).with_key(&key);
    let futures = quick.delay_each(&client, &[0, 1, 2, 3], &delayed).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let worker_client = server::async_client();
    let its = options.clone();
    runtime.spawn(async move { aserve_with(&worker_client, &[&endless], &its).await });
    let limit = Instant::now() + PATIENCE;
    while begun.load(Ordering::SeqCst) < 2 {
        assert!(Instant::now() < limit, "nothing begins");
        thread::sleep(Duration::from_millis(20));
    }
    // As when the process is killed: the connections end, and nobody says anything.
    runtime.shutdown_background();
    assert_eq!(
        begun.load(Ordering::SeqCst),
        2,
        "no more than there are seats"
    );
    let _working = Working::start(&[&quick], &options);
    for (future, expected) in futures.iter().zip(0..) {
        assert_eq!(future.result_at_most(PATIENCE).unwrap(), expected);
    }
}

/// A worker that is to stop waits for what runs, and takes nothing more.
#[test]
fn a_worker_that_stops_ends_what_runs() {
    let (room, key) = (Room::new("drained"), server::unique("gated"));
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let (of_task, begun) = (Arc::clone(&gate), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&begun);
    let gated = Task::new("gated", move |_: TaskRun, n: u32| {
        noted.lock().unwrap().push(n);
        let is_open = of_task.0.lock().unwrap();
        drop(of_task.1.wait_while(is_open, |is_open| !*is_open).unwrap());
        Ok::<_, String>(n)
    });
    let gated = gated.with_key(&key);
    let options = TaskWorkerOptions::new().limit(1).results(settings(&room));
    let client = server::client();
    let futures = gated.delay_each(&client, &[7, 8], &delayed(&room)).unwrap();
    let mut working = Working::start(&[&gated], &options);
    let limit = Instant::now() + PATIENCE;
    while begun.lock().unwrap().is_empty() {
        assert!(Instant::now() < limit, "nothing begins");
        thread::sleep(Duration::from_millis(20));
    }
    working.0.stop().unwrap();
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    working.stop().unwrap();
    let begun = begun.lock().unwrap().clone();
    let [first] = begun[..] else {
        panic!("one at a time, and nothing more when it stops: {begun:?}")
    };
    let (done, left) = match first {
        7 => (&futures[0], &futures[1]),
        _ => (&futures[1], &futures[0]),
    };
    assert_eq!(done.result_at_most(PATIENCE).unwrap(), first);
    assert_eq!(left.state().unwrap().type_, StateType::Scheduled);
    let _working = Working::start(&[&gated], &options);
    assert_eq!(left.result_at_most(PATIENCE).unwrap(), 15 - first);
}

/// What waits for others holds up nobody, however few are executed at once.
#[test]
fn a_run_begins_after_those_that_it_waits_for() {
    let (room, client) = (Room::new("ordered"), server::client());
    let options = TaskWorkerOptions::new().limit(1).results(settings(&room));
    let (first, second) = (
        add(&server::unique("first")),
        add(&server::unique("second")),
    );
    let (how, sum) = (delayed(&room), |x| Sum { x, y: 1 });
    let submitted = |task: &Task<Sum, i64, String>, x, how: &DelayOptions| {
        crate::runner::patiently(|| task.delay_with(&client, &sum(x), how))
    };
    let [good, bad] = [1, i64::MAX].map(|x| submitted(&first, x, &how));
    let after = |upstream: Uuid| submitted(&second, 10, &how.clone().wait_for([upstream]));
    let (after_good, after_bad) = (after(good.id()), after(bad.id()));
    let plain = submitted(&second, 20, &how);
    let _seconds = Working::start(&[&second], &options);
    assert_eq!(plain.result_at_most(PATIENCE).unwrap(), 21);
    let state = crate::runner::patiently(|| after_good.state());
    assert_eq!(state.type_, StateType::Scheduled);
    let _firsts = Working::start(&[&first], &options);
    assert_eq!(after_good.result_at_most(PATIENCE).unwrap(), 11);
    let run = |id| server::patiently(|| client.read_task_run(id));
    assert!(run(after_good.id()).start_time >= run(good.id()).end_time);
    let failed = after_bad.wait_at_most(PATIENCE).unwrap();
    assert_eq!(failed.type_, StateType::Failed);
    let said = failed.message.unwrap_or_default();
    assert!(said.contains(&bad.id().to_string()), "{said}");
    assert_eq!(run(after_bad.id()).run_count, 0);
}

#[test]
fn a_run_whose_parameters_nobody_can_read_ends() {
    let (room, client) = (Room::new("unread"), server::client());
    let task = add(&server::unique("add"));
    let future = task
        .delay_with(&client, &Sum { x: 1, y: 2 }, &delayed(&room))
        .unwrap();
    let block = format!("local-file-system/{}", server::unique("none"));
    let mut elsewhere = settings(&room);
    elsewhere.scheduling_storage_block = Some(block);
    let _working = Working::start(&[&task], &TaskWorkerOptions::new().results(elsewhere));
    let state = future.wait_at_most(PATIENCE).unwrap();
    assert_eq!(state.type_, StateType::Failed);
    let said = state.message.unwrap_or_default();
    assert!(
        said.contains("the parameters of the run can't be read"),
        "{said}"
    );
}

/// Whoever is not wanted is told so, and does not try for ever.
#[test]
fn two_tasks_of_one_key_and_none_are_refused() {
    let (client, room) = (server::client(), Room::new("refused"));
    let options = TaskWorkerOptions::new().results(settings(&room));
    let (one, two) = (add("one-key"), add("one-key"));
    assert!(
        serve_with(&client, &[&one, &two], &options)
            .unwrap_err()
            .is_invalid()
    );
    assert!(serve_with(&client, &[], &options).unwrap_err().is_invalid());
}
