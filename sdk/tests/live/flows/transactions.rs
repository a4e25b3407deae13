//! Transactions beside Python: what the server has in the end, what is called in which order, what is kept when, and locks.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{TaskRunFilter, TaskRunFilterFlowRunId};
use prefect_sdk::client::requests::ReadTaskRuns;
use prefect_sdk::flows::RunFailed;
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFlowOptions};
use prefect_sdk::results::{CachePolicy, FileLocks, ResultSettings};
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, AsyncTaskRunEntered};
#[dual(crate::faces)]
use prefect_sdk::transactions::{AsyncTransaction, atransaction_with};
use prefect_sdk::transactions::{IsolationLevel, TransactionOptions};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows;
use crate::room::Room;
use crate::{python, server};

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(3);

/// A task that is part of nothing; then two in a transaction with a key, of which one is in another transaction in it; a third may fail.
const PYTHON: &str = r#"
import os
os.environ['PREFECT_LOCAL_STORAGE_PATH'] = arguments['room']
os.environ['PREFECT_RESULTS_DEFAULT_SERIALIZER'] = 'json'
from prefect import flow, task
from prefect.cache_policies import INPUTS
from prefect.transactions import transaction
told = []

def kept():
    room = arguments['room']
    return len(os.listdir(room)) if os.path.isdir(room) else 0

def telling(name, fn):
    def own(n):
        return fn(n)
    # Its key is made of this.
    own.__qualname__ = name
    made = task(cache_policy=INPUTS, name=name, task_run_name=name)(own)
    @made.on_commit
    def commit(txn):
        told.append(f'commit {name} {txn.get("by", "nobody")}')
    @made.on_rollback
    def second(txn):
        told.append(f'undo {name} {txn.get("by")}')
    @made.on_rollback
    def first(txn):
        told.append(f'undo first {name}')
    @made.on_completion
    def completed(task, run, state):
        told.append(f'completed {name}, kept: {kept()}')
    return made

def number(n):
    return n

def check(n):
    if arguments['fails']:
        raise ValueError('no')
    return n

zero, one = telling('zero', number), telling('one', number)
two, three = telling('two', number), telling('three', check)

@flow(name=arguments['name'], flow_run_name='transacts')
def main():
    zero(4000)
    with transaction(key='all') as txn:
        txn.set('by', 'me')
        one(1000)
        with transaction() as inner:
            inner.set('of', 'the inner one')
            two(2000)
        told.append(f'kept: {kept()}')
        three(3000)

state = main(return_state=True)
told.append(f'kept: {kept()}')
answer([str(state.state_details.flow_run_id), told])
"#;

#[derive(Clone, Serialize)]
struct Given {
    n: u32,
}

type Told = Arc<Mutex<Vec<String>>>;

#[dual(crate::faces)]
fn atelling(
    told: &Told,
    place: &str,
    name: &'static str,
    fails: bool,
) -> AsyncTask<Given, u32, String> {
    let hook = |what: &'static str| {
        let told = Arc::clone(told);
        move |of: AsyncTransaction| {
            let by = of.get("by").unwrap_or_else(|_| "nobody".to_owned());
            let text = if what == "undo first" {
                format!("{what} {name}")
            } else {
                format!("{what} {name} {by}")
            };
            told.lock().unwrap().push(text);
            async { Ok::<_, String>(()) }
        }
    };
    let completed = {
        let (told, place) = (Arc::clone(told), place.to_owned());
        move |_: AsyncTaskRunEntered| {
            let text = format!("completed {name}, kept: {}", kept(&place));
            told.lock().unwrap().push(text);
            async { Ok::<_, String>(()) }
        }
    };
    let task = AsyncTask::new(name, move |_: AsyncTaskRun, given: Given| async move {
        if fails {
            return Err("no".to_owned());
        }
        Ok(given.n)
    });
    task.with_options(prefect_sdk::tasks::TaskOptions::new().task_run_name(name))
        .cache_policy(CachePolicy::inputs())
        .on_commit(hook("commit"))
        .on_rollback(hook("undo"))
        .on_rollback(hook("undo first"))
        .on_completion(completed)
}

/// Gives the flow run, and what was told.
#[dual(crate::faces)]
async fn atransacts(
    client: &AsyncPrefectClient,
    name: &str,
    room: &Room,
    fails: bool,
) -> (Uuid, Vec<String>) {
    let told = Told::default();
    let (sender, receiver) = std::sync::mpsc::channel();
    let (keep, place) = (Arc::clone(&told), room.text().to_owned());
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        sender.send(run.id()).unwrap();
        let [zero, one, two] =
            ["zero", "one", "two"].map(|name| atelling(&keep, &place, name, false));
        let three = atelling(&keep, &place, "three", fails);
        let (told, place) = (Arc::clone(&keep), place.clone());
        async move {
            let alone = zero.call(&run, Given { n: 4000 }).await;
            alone.map_err(|failed| failed.to_string())?;
            let options = TransactionOptions::new().key("all");
            let ended = atransaction_with(&run, &options, |all: AsyncTransaction| async move {
                all.set("by", "me")?;
                one.call(&all, Given { n: 1000 }).await?;
                let of_inner = TransactionOptions::new();
                let two = |inner: AsyncTransaction| async move {
                    inner.set("of", "the inner one")?;
                    two.call(&inner, Given { n: 2000 }).await
                };
                atransaction_with(&all, &of_inner, two).await?;
                told.lock().unwrap().push(format!("kept: {}", kept(&place)));
                three.call(&all, Given { n: 3000 }).await?;
                Ok::<_, RunFailed<String>>(())
            })
            .await;
            ended.map_err(|failed| failed.to_string())
        }
    });
    let flow = flow.with_options(FlowOptions::new().flow_run_name("transacts"));
    let options = RunFlowOptions::new().results(ResultSettings::new(room.text()));
    let ended = flow.call_with(client, &(), &options).await;
    assert_eq!(ended.is_err(), fails);
    let mut told = told.lock().unwrap().clone();
    told.push(format!("kept: {}", kept(room.text())));
    (receiver.recv().unwrap(), told)
}

/// How many files there are.
fn kept(place: &str) -> usize {
    std::fs::read_dir(place).map_or(0, Iterator::count)
}

/// The task runs of a flow run that have completed, once so many of them are rolled back.
fn task_runs(id: Uuid, rolled_back: usize) -> Value {
    let client = server::client();
    let of_flow = TaskRunFilterFlowRunId::new().any([id]);
    let filter = TaskRunFilter::new().flow_run_id(of_flow);
    let filter = ReadTaskRuns::new().task_runs(filter);
    let limit = Instant::now() + LONG;
    loop {
        let found = client.read_task_runs_with(&filter).unwrap();
        let names = found.iter().map(|run| run.state_name.as_deref());
        if names.filter(|name| *name == Some("RolledBack")).count() == rolled_back {
            break;
        }
        assert!(
            Instant::now() < limit,
            "{rolled_back} were to be rolled back: {found:?}"
        );
        thread::sleep(Duration::from_millis(100));
    }
    let mut rows = rows::rows(id, 4)["task_runs"].take();
    rows::unsay_language(&mut rows);
    rows.as_array_mut()
        .unwrap()
        .iter_mut()
        .for_each(rows::unsay_current);
    if rolled_back > 0 {
        // How it failed is said in the words of each language.
        let states = rows[3]["states"].as_array().unwrap().iter();
        rows[3] = states.map(|state| state["name"].clone()).collect();
    }
    rows
}

#[test]
fn a_transaction_is_committed_and_rolled_back_as_python_s() {
    let name = server::unique("transacts");
    for (fails, rolled_back) in [(false, 0), (true, 2)] {
        let [rust, python, later] =
            ["transacts", "transacts-python", "transacts-later"].map(Room::new);
        let arguments = json!({"name": name, "room": python.text(), "fails": fails});
        let answer = python::run(PYTHON, &arguments);
        let id: Uuid = answer[0].as_str().unwrap().parse().unwrap();
        let expected: Vec<String> = serde_json::from_value(answer[1].clone()).unwrap();
        let rows = task_runs(id, rolled_back);
        let by_blocking = transacts(&server::client(), &name, &rust, fails);
        let by_async =
            server::run(async { atransacts(&server::async_client(), &name, &later, fails).await });
        for (id, told) in [by_blocking, by_async] {
            assert_eq!(told, expected);
            rows::assert_same(&task_runs(id, rolled_back), &rows);
        }
    }
}

const LOCKED: &str = r"
from pathlib import Path
from prefect.locking.filesystem import FileSystemLockManager
locks = FileSystemLockManager(lock_files_directory=Path(arguments['room']))
first = locks.acquire_lock('shared', 'python', acquire_timeout=0.2)
answer([first, locks.is_locked('shared')])
";

/// What Python sees of the lock while the transaction is open, and after that.
#[dual(crate::faces)]
async fn alocks(client: &AsyncPrefectClient, room: &Room) -> [Value; 2] {
    let looked = Arc::new(Mutex::new(Vec::new()));
    let (keep, place) = (Arc::clone(&looked), room.text().to_owned());
    let flow = AsyncFlow::new(server::unique("locks"), move |run: AsyncFlowRun, (): ()| {
        let (looked, place) = (Arc::clone(&keep), place.clone());
        async move {
            let locks = FileLocks::new(place.clone());
            let options = TransactionOptions::new()
                .key("shared")
                .isolation_level(IsolationLevel::Serializable)
                .locks(Arc::new(locks));
            let function = |_: AsyncTransaction| async move {
                let told = python::run(LOCKED, &json!({"room": place}));
                looked.lock().unwrap().push(told);
                Err::<(), _>(RunFailed::Raised("it is undone".to_owned()))
            };
            drop(atransaction_with(&run, &options, function).await);
            Ok::<_, String>(())
        }
    });
    let options = RunFlowOptions::new().results(ResultSettings::new(room.text()));
    flow.call_with(client, &(), &options).await.unwrap();
    let seen = looked.lock().unwrap().remove(0);
    [seen, python::run(LOCKED, &json!({"room": room.text()}))]
}

#[test]
fn python_waits_for_what_is_serializable_here() {
    let expected = [json!([false, true]), json!([true, true])];
    let [rust, later] = ["locks", "locks-later"].map(Room::new);
    assert_eq!(locks(&server::client(), &rust), expected);
    let seen = server::run(async { alocks(&server::async_client(), &later).await });
    assert_eq!(seen, expected);
}
