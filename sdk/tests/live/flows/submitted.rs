//! Tasks that are submitted, in both faces and beside Python.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::State;
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFailed};
use prefect_sdk::tasks::{Argument, CallTaskOptions, Each};
#[dual(crate::faces)]
use prefect_sdk::tasks::{
    AsyncAsCompleted, AsyncTask, AsyncTaskFuture, AsyncTaskRun, await_for_tasks,
};
use serde_json::{Value, json};
use tokio::time::sleep as asleep;
use uuid::Uuid;

use super::endings::ValueError;
use super::given::{Both, X};
use super::rows;
use crate::{python, server};

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(3);

const PYTHON: &str = r"
from prefect import flow, task, unmapped
from prefect.futures import wait

@task
def one(x):
    return x

@task
def total(x, y):
    return x + y

@task
def after(x):
    return x

@task
def failing(x):
    raise ValueError('no')

@task
def never(x):
    return x

@task
def never_after(x):
    return x

@task
def outer(x):
    return one.submit(x).result()

@flow(name=arguments['name'], flow_run_name='depends')
def main():
    x = one.submit(1)
    y = total.submit(x, 2)
    z = after.submit(5, wait_for=[x, y])
    failed = failing.submit(y)
    others = [never.submit(failed), never_after.submit(1, wait_for=[x, failed]), outer.submit(z)]
    mapped = total.map([10, 20], unmapped(x))
    wait([x, y, z, failed, *others])
    return y.result() + z.result() + others[2].result() + sum(mapped.result())

@flow(name=arguments['name'], flow_run_name='gives-states')
def gives_states():
    return [one.submit(1), failing.submit(2)]

states = [main(return_state=True), gives_states(return_state=True)]
answer([str(state.state_details.flow_run_id) for state in states])
";

fn x(x: impl Into<Argument<i64>>) -> Argument<X> {
    x.into().named("x").map(|x| X { x })
}

fn both(x: impl Into<Argument<i64>>, y: impl Into<Argument<i64>>) -> Argument<Both> {
    let (x, y) = (x.into().named("x"), y.into().named("y"));
    x.zip(y).map(|(x, y)| Both { x, y })
}

fn given_on(failed: RunFailed<ValueError>) -> ValueError {
    failed.raised().unwrap_or(ValueError("late"))
}

/// A task of that name that gives what it is given.
#[dual(crate::faces)]
fn asame(name: &str) -> AsyncTask<X, i64, ValueError> {
    AsyncTask::new(name, |_: AsyncTaskRun, given: X| async move { Ok(given.x) })
}

#[dual(crate::faces)]
async fn adependent(run: AsyncFlowRun) -> Result<i64, RunFailed<ValueError>> {
    let [one, after, never, never_after] = ["one", "after", "never", "never_after"].map(asame);
    let total = AsyncTask::new("total", |_: AsyncTaskRun, given: Both| async move {
        Ok::<_, ValueError>(given.x + given.y)
    });
    let failing = AsyncTask::new("failing", |_: AsyncTaskRun, _: X| async {
        Err::<i64, _>(ValueError("no"))
    });
    let inner = one.clone();
    let outer = AsyncTask::new("outer", move |run: AsyncTaskRun, given: X| {
        let inner = inner.submit(&run, given);
        async move { inner.result().await.map_err(given_on) }
    });
    let first = one.submit(&run, X { x: 1 });
    let second = total.submit(&run, both(&first, 2));
    let options = CallTaskOptions::new().wait_for([&first, &second]);
    let third = after.submit_with(&run, X { x: 5 }, &options);
    let failed = failing.submit(&run, x(&second));
    let options = CallTaskOptions::new().wait_for([&first, &failed]);
    let never = never.submit(&run, x(&failed));
    let never_after = never_after.submit_with(&run, X { x: 1 }, &options);
    let last = outer.submit(&run, x(&third));
    let upstream = failed.id();
    assert!(matches!(
        failed.result().await,
        Err(RunFailed::Raised(ValueError("no")))
    ));
    for never in [never, never_after] {
        never.wait().await;
        let state = never.state();
        assert_eq!(state.name.as_deref(), Some("NotReady"));
        let failed = never.result().await;
        assert!(matches!(failed, Err(RunFailed::NotReady(id)) if id == upstream));
    }
    assert!(second.is_done());
    let mapped = Each::from([10, 20])
        .named("x")
        .zip(first.unmapped().named("y"));
    let mapped = total.map(&run, mapped.map(|(x, y)| Both { x, y }))?;
    let mut sum = second.result().await? + third.result().await? + last.result().await?;
    for future in mapped {
        sum += future.result().await?;
    }
    Ok(sum)
}

/// The states of two runs, one of which failed.
#[dual(crate::faces)]
async fn astates(run: AsyncFlowRun) -> Vec<State> {
    let failing = AsyncTask::new("failing", |_: AsyncTaskRun, _: X| async {
        Err::<i64, _>(ValueError("no"))
    });
    let futures = vec![
        asame("one").submit(&run, X { x: 1 }),
        failing.submit(&run, X { x: 2 }),
    ];
    let waited = await_for_tasks(futures, None).await;
    assert!(waited.not_done.is_empty());
    waited.done.iter().map(AsyncTaskFuture::state).collect()
}

#[dual(crate::faces)]
async fn arun_dependent(client: &AsyncPrefectClient, name: &str) -> Uuid {
    let (sender, receiver) = std::sync::mpsc::channel();
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        sender.send(run.id()).unwrap();
        async move { adependent(run).await }
    })
    .with_options(FlowOptions::new().flow_run_name("depends"));
    assert_eq!(flow.call(client, &()).await.unwrap(), 45);
    receiver.recv().unwrap()
}

#[dual(crate::faces)]
async fn agive_states(client: &AsyncPrefectClient, name: &str) -> Uuid {
    let (sender, receiver) = std::sync::mpsc::channel();
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        sender.send(run.id()).unwrap();
        async move { Ok::<_, String>(astates(run).await) }
    })
    .with_options(FlowOptions::new().flow_run_name("gives-states"));
    assert_eq!(flow.call(client, &()).await.unwrap().len(), 2);
    receiver.recv().unwrap()
}

/// The rows of the run; the task runs by their names, as they began in any order.
fn by_name(id: Uuid, task_runs: usize) -> Value {
    let mut rows = rows::rows(id, task_runs);
    let task_runs = rows["task_runs"].as_array_mut().unwrap();
    task_runs.iter_mut().for_each(nameless);
    task_runs.sort_by_key(|run| (run["name"].to_string(), run["inputs"].to_string()));
    rows
}

/// Takes the id of the upstream out of messages.
pub(crate) fn nameless(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(nameless),
        Value::Object(fields) => fields.values_mut().for_each(nameless),
        Value::String(text) => {
            let parts: Vec<_> = text.split('\'').collect();
            if let ["Upstream task run ", id, ..] = *parts {
                assert!(Uuid::parse_str(id).is_ok(), "{text}");
                *text = text.replace(id, "…");
            }
        }
        _ => {}
    }
}

#[test]
fn dependencies_maps_and_returned_states_are_those_of_python() {
    let name = server::unique("dependent");
    let both = |[first, second]: [Uuid; 2]| [by_name(first, 10), by_name(second, 2)];
    let ids = python::run(PYTHON, &json!({"name": name}));
    let expected = both(serde_json::from_value(ids).unwrap());
    let client = server::client();
    let blocking = [run_dependent(&client, &name), give_states(&client, &name)];
    let asynchronous = server::run(async {
        let client = server::async_client();
        let first = arun_dependent(&client, &name).await;
        [first, agive_states(&client, &name).await]
    });
    for found in [blocking, asynchronous] {
        for (found, expected) in both(found).iter().zip(&expected) {
            rows::assert_same(found, expected);
        }
    }
}

/// How many run at once, and the most that ever did.
#[derive(Clone, Default)]
struct Busy(Arc<[AtomicUsize; 2]>);

impl Busy {
    fn begin(&self) {
        let now = self.0[0].fetch_add(1, Ordering::SeqCst) + 1;
        self.0[1].fetch_max(now, Ordering::SeqCst);
    }

    fn end(&self) {
        self.0[0].fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }
}

/// A flow whose tasks submit tasks, which submit tasks, and wait for them.
#[dual(crate::faces)]
async fn anested(client: &AsyncPrefectClient, name: &str, limit: usize) -> usize {
    let busy = Busy::default();
    let of_leaf = busy.clone();
    let leaf = AsyncTask::new("leaf", move |_: AsyncTaskRun, n: u64| {
        let busy = of_leaf.clone();
        async move {
            busy.begin();
            asleep(Duration::from_millis(1)).await;
            busy.end();
            Ok::<_, String>(n)
        }
    });
    let branch = AsyncTask::new("branch", move |run: AsyncTaskRun, n: u64| {
        let leaf = leaf.clone();
        async move {
            let leaves = vec![leaf.submit(&run, n), leaf.submit(&run, n)];
            let mut sum = 0;
            let all = await_for_tasks(leaves, LONG).await;
            for leaf in all.done {
                sum += leaf.result().await.map_err(|failed| failed.to_string())?;
            }
            Ok::<_, String>(sum)
        }
    });
    let trunk = AsyncTask::new("trunk", move |run: AsyncTaskRun, n: u64| {
        let branch = branch.clone();
        async move {
            let first = branch.submit(&run, n);
            // One in its own place, and one beside it.
            let own = branch
                .call(&run, n)
                .await
                .map_err(|failed| failed.to_string())?;
            let first = first.result().await.map_err(|failed| failed.to_string())?;
            Ok::<_, String>(first + own)
        }
    });
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let trunk = trunk.clone();
        async move {
            let trunks = trunk.map(&run, 0..6)?;
            let mut sum = 0;
            let mut ended = AsyncAsCompleted::new(trunks);
            while let Some(trunk) = ended.anext().await {
                sum += trunk.result().await?;
            }
            Ok::<_, RunFailed<String>>(sum)
        }
    })
    .with_options(FlowOptions::new().max_workers(limit));
    assert_eq!(flow.call(client, &()).await.unwrap(), 4 * 15);
    busy.most()
}

#[test]
fn tasks_that_wait_for_tasks_do_not_stand_in_their_way() {
    let name = server::unique("nested");
    for limit in [1, 2] {
        let most = nested(&server::client(), &name, limit);
        assert!((1..=limit).contains(&most), "{most}");
        let most = server::run(async { anested(&server::async_client(), &name, limit).await });
        assert!((1..=limit).contains(&most), "{most}");
    }
}

/// A flow that submits many tasks, and ends without waiting for any.
#[dual(crate::faces)]
async fn aleft(client: &AsyncPrefectClient, name: &str, fails: bool) -> (Uuid, usize) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let ran = Busy::default();
    let of_task = ran.clone();
    let task = AsyncTask::new("left", move |_: AsyncTaskRun, (): ()| {
        let ran = of_task.clone();
        async move {
            ran.begin();
            asleep(Duration::from_millis(20)).await;
            Ok::<_, String>(())
        }
    });
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let task = task.clone();
        sender.send(run.id()).unwrap();
        async move {
            let mut futures: Vec<_> = (0..5).map(|_| task.submit(&run, ())).collect();
            let first = futures.remove(0);
            first.wait().await;
            if fails { Err("no".to_owned()) } else { Ok(()) }
        }
    })
    .with_options(FlowOptions::new().max_workers(1));
    assert_eq!(flow.call(client, &()).await.is_err(), fails);
    (receiver.recv().unwrap(), ran.most())
}

#[test]
fn a_flow_ends_after_its_tasks_and_one_that_fails_begins_no_more() {
    let name = server::unique("left");
    for fails in [false, true] {
        let blocking = left(&server::client(), &name, fails);
        let asynchronous =
            server::run(async { aleft(&server::async_client(), &name, fails).await });
        for (id, ran) in [blocking, asynchronous] {
            assert!(if fails { ran < 5 } else { ran == 5 }, "{ran}");
            let rows = rows::rows(id, ran);
            let states = rows["states"].as_array().unwrap();
            let expected = if fails { "FAILED" } else { "COMPLETED" };
            assert_eq!(states.last().unwrap()["type"], expected);
            for run in rows["task_runs"].as_array().unwrap() {
                assert_eq!(run["states"][2]["type"], "COMPLETED", "{run}");
            }
        }
    }
}
