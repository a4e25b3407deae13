//! What becomes of transactions in transactions, of those that are committed apart, and where their hooks fail: beside Python.

mod beside;
mod scenarios;

use std::sync::{Arc, Mutex};

use diptych_macros::{dual, faces};
#[dual(undone)]
use prefect_sdk::client::AsyncPrefectClient;
#[dual(undone)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFailed, RunFlowOptions};
use prefect_sdk::results::ResultSettings;
use prefect_sdk::tasks::TaskOptions;
#[dual(undone)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
#[dual(undone)]
use prefect_sdk::transactions::AsyncTransaction;
use prefect_sdk::transactions::TransactionState;
use serde::Serialize;
use serde_json::{Value, json};

use self::beside::PYTHON;
use super::endings::ValueError;
use super::trees::assert_as_in_python;
use crate::room::Room;

/// The flow runs, with how many task runs each has.
const RUNS: [(&str, usize); 11] = [
    ("eager", 3),
    ("off", 2),
    ("deep", 4),
    ("caught", 3),
    ("returned", 2),
    ("unhooked", 3),
    ("stays", 4),
    ("unundone", 1),
    ("within", 6),
    ("had", 1),
    ("submitted", 3),
];

type Failed = RunFailed<ValueError>;

faces! {
    /// The names that differ between the faces here.
    undone {
        ..crate::faces,
        aattempted => attempted,
        adressed => dressed,
        acaught => caught,
        adeep => deep,
        aeager => eager,
        ahad => had,
        ahook => hook,
        anesting => nesting,
        anumber => number,
        aoff => off,
        areturned => returned,
        arefusing => refusing,
        arun_one => run_one,
        arun_all => run_all,
        astays => stays,
        asubmitted => submitted,
        aunhooked => unhooked,
        aunundone => unundone,
        awithin => within,
    }
}

/// What was called, in its order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn tell(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }
}

#[derive(Clone, Serialize)]
struct Given {
    n: i64,
}

/// As Python shows it.
fn name_of(state: TransactionState) -> &'static str {
    match state {
        TransactionState::RolledBack => "ROLLED_BACK",
        TransactionState::Committed => "COMMITTED",
        _ => "another",
    }
}

/// As Python shows it.
fn is(what: bool) -> &'static str {
    if what { "True" } else { "False" }
}

/// Gives the transaction its hooks.
#[dual(undone)]
fn ahook(told: &Told, transaction: &AsyncTransaction, name: &str) {
    let hook = |what: &str| {
        let (told, text) = (told.clone(), format!("{what} {name}"));
        move |_: AsyncTransaction| {
            told.tell(&*text);
            async { Ok::<_, String>(()) }
        }
    };
    transaction.on_commit(hook("commit"));
    transaction.on_rollback(hook("undo"));
}

/// The task with its name and hooks, one of which may fail.
#[dual(undone)]
fn adressed(
    task: AsyncTask<Given, i64, ValueError>,
    told: &Told,
    fails: &'static str,
    retries: u32,
) -> AsyncTask<Given, i64, ValueError> {
    let name = task.name().to_owned();
    let hook = |what: &'static str| {
        let (told, text) = (told.clone(), format!("{what} {name}"));
        move |_: AsyncTransaction| {
            told.tell(&*text);
            async move { if what == fails { Err("hook") } else { Ok(()) } }
        }
    };
    let options = TaskOptions::new().task_run_name(&*name).retries(retries);
    task.with_options(options)
        .on_commit(hook("commit"))
        .on_rollback(hook("undo"))
}

/// A task of that name, one of whose hooks may fail.
#[dual(undone)]
fn atelling(told: &Told, name: &str, fails: &'static str) -> AsyncTask<Given, i64, ValueError> {
    let task = AsyncTask::new(
        name,
        |_: AsyncTaskRun, given: Given| async move { Ok(given.n) },
    );
    adressed(task, told, fails, 0)
}

#[dual(undone)]
fn anumber(told: &Told, name: &str) -> AsyncTask<Given, i64, ValueError> {
    atelling(told, name, "")
}

#[dual(undone)]
fn arefusing(told: &Told) -> AsyncTask<Given, i64, ValueError> {
    let task = AsyncTask::new("no", |_: AsyncTaskRun, _: Given| async {
        Err(ValueError("no"))
    });
    adressed(task, told, "", 0)
}

/// A task that calls one in each of its two attempts.
#[dual(undone)]
fn aattempted(told: &Told) -> AsyncTask<Given, i64, ValueError> {
    let of_body = told.clone();
    let task = AsyncTask::new("attempts", move |run: AsyncTaskRun, _: Given| {
        let told = of_body.clone();
        async move {
            let is_first = run.run_count() == 1;
            let name = if is_first { "one" } else { "two" };
            let n = if is_first { 1 } else { 2 };
            anumber(&told, name).call(&run, Given { n }).await.unwrap();
            if is_first {
                Err(ValueError("no"))
            } else {
                Ok(1)
            }
        }
    });
    adressed(task, told, "", 1)
}

/// A task that calls one, and fails.
#[dual(undone)]
fn anesting(told: &Told) -> AsyncTask<Given, i64, ValueError> {
    let of_body = told.clone();
    let task = AsyncTask::new("fails", move |run: AsyncTaskRun, _: Given| {
        let told = of_body.clone();
        async move {
            anumber(&told, "one")
                .call(&run, Given { n: 1 })
                .await
                .unwrap();
            Err(ValueError("no"))
        }
    });
    adressed(task, told, "", 0)
}

#[dual(undone)]
async fn arun_one(run: AsyncFlowRun, which: &str, told: Told) -> Result<(), Failed> {
    match which {
        "eager" => scenarios::aeager(run, told).await,
        "off" => scenarios::aoff(run, told).await,
        "deep" => scenarios::adeep(run, told).await,
        "caught" => scenarios::acaught(run, told).await,
        "returned" => scenarios::areturned(run, told).await,
        "unhooked" => scenarios::aunhooked(run, told).await,
        "stays" => scenarios::astays(run, told).await,
        "unundone" => scenarios::aunundone(run, told).await,
        "within" => scenarios::awithin(run, told).await,
        "had" => scenarios::ahad(run, told).await,
        _ => scenarios::asubmitted(run, told).await,
    }
}

/// Runs all of it, and says what was told.
#[dual(undone)]
async fn arun_all(client: &AsyncPrefectClient, name: &str) -> Value {
    let (told, room) = (Told::default(), Room::new("undone"));
    for (which, _) in RUNS {
        told.tell(format!("--- {which}"));
        let of_flow = told.clone();
        let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
            let told = of_flow.clone();
            async move { arun_one(run, which, told).await }
        });
        let flow = flow.with_options(FlowOptions::new().flow_run_name(which));
        let options = RunFlowOptions::new().results(ResultSettings::new(room.text()));
        let ended = flow.call_with(client, &(), &options).await;
        ended.unwrap();
    }
    json!(*told.0.lock().unwrap())
}

#[test]
fn transactions_in_transactions_end_as_python_s() {
    assert_as_in_python("undone", PYTHON, &RUNS, run_all, arun_all);
}
