//! Transactions, in both faces and without a server.

mod commits;
mod endings;
mod keeping;
mod late;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{
    AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun, RunFailed, RunFlowOptions,
};
use prefect_sdk::results::{
    CachePolicy, FlowResultOptions, MemoryLocks, ResultSettings, StorageReference,
};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskOptions, TaskRun};
use prefect_sdk::testing::{RecordedTaskRun, TestServer};
use prefect_sdk::transactions::{
    AsyncTransaction, CommitMode, IsolationLevel, Transaction, TransactionOptions,
    TransactionState, atransaction, atransaction_with, transaction, transaction_with,
};
use prefect_sdk::{flow, task};

use crate::runs::later;

type Failed = RunFailed<String>;

/// What hooks and functions told of, in their order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn add(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A task of that name which tells what becomes of it; one that is called with `true` fails.
#[dual(crate::faces)]
fn atells(told: &Told, name: &'static str) -> AsyncTask<bool, String, String> {
    let hook = |what: &'static str| {
        let told = told.clone();
        move |of: AsyncTransaction| {
            let by = of.get::<String>("by").unwrap_or_default();
            told.add(format!("{what} {name}{by}"));
            async { Ok::<_, String>(()) }
        }
    };
    let task = AsyncTask::new(name, move |_: AsyncTaskRun, fails: bool| async move {
        if fails {
            return Err("no".to_owned());
        }
        Ok(name.to_owned())
    });
    task.on_commit(hook("commit"))
        .on_rollback(hook("undo"))
        .on_rollback(hook("undo first"))
}

/// A flow in which that transaction is opened: how it ended, and what was told.
#[dual(crate::faces)]
async fn ain_flow<F, Fut>(
    client: &AsyncPrefectClient,
    function: F,
) -> (Result<u32, Failed>, Vec<String>)
where
    F: Fn(AsyncFlowRun, Told) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u32, Failed>> + Send + 'static,
{
    ain_flow_with(client, None, function).await
}

/// What is told in such a flow, which ends well.
#[dual(crate::faces)]
async fn awell<F, Fut>(client: &AsyncPrefectClient, function: F) -> Vec<String>
where
    F: Fn(AsyncFlowRun, Told) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u32, Failed>> + Send + 'static,
{
    let (ended, told) = ain_flow(client, function).await;
    assert_eq!(ended.unwrap(), 1);
    told
}

/// As [`ain_flow`], where results are kept there, if anywhere.
#[dual(crate::faces)]
async fn ain_flow_with<F, Fut>(
    client: &AsyncPrefectClient,
    room: Option<&Path>,
    function: F,
) -> (Result<u32, Failed>, Vec<String>)
where
    F: Fn(AsyncFlowRun, Told) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u32, Failed>> + Send + 'static,
{
    let (function, told) = (Arc::new(function), Told::default());
    let keep = told.clone();
    let flow = AsyncFlow::new("transacts", move |run: AsyncFlowRun, ()| {
        let (function, told) = (Arc::clone(&function), keep.clone());
        async move { function(run, told).await }
    });
    let (mut options, mut how) = (FlowOptions::new(), RunFlowOptions::new());
    if let Some(room) = room {
        let storage = StorageReference::Path(room.to_str().unwrap().to_owned());
        options = options.results(FlowResultOptions::new().storage(storage));
        how = how.results(ResultSettings::new("/nowhere"));
    }
    let flow = flow.with_options(options);
    let ended = flow.call_with(client, &(), &how).await;
    let ended = ended.map_err(|failed| RunFailed::Raised(failed.to_string()));
    (ended, told.take())
}

fn last_states(runs: &[RecordedTaskRun]) -> Vec<String> {
    let last = |run: &RecordedTaskRun| run.state_names().last().unwrap().to_string();
    runs.iter().map(last).collect()
}

#[dual(crate::faces)]
async fn atogether(client: AsyncPrefectClient, fails: bool) -> Vec<String> {
    let (ended, told) = ain_flow(&client, move |run: AsyncFlowRun, told: Told| {
        let [one, two, three] = ["one", "two", "three"].map(|name| atells(&told, name));
        async move {
            atransaction(&run, |all: AsyncTransaction| async move {
                all.set("by", " by me")?;
                one.call(&all, false).await?;
                atransaction(&all, |inner: AsyncTransaction| async move {
                    inner.set("by", " by the inner one")?;
                    two.call(&inner, false).await
                })
                .await?;
                told.add("both have run");
                three.call(&all, fails).await?;
                assert_eq!(all.state(), TransactionState::Active);
                Ok::<_, Failed>(3)
            })
            .await
        }
    })
    .await;
    assert_eq!(ended.is_err(), fails);
    told
}

#[test]
fn what_is_part_of_a_transaction_is_committed_or_undone_together() {
    let committed = [
        "both have run",
        "commit one by me",
        "commit two by the inner one",
        "commit three by me",
    ];
    let undone = [
        "both have run",
        "undo first two by the inner one",
        "undo two by the inner one",
        "undo first one by me",
        "undo one by me",
    ];
    let servers = [(); 4].map(|()| TestServer::new());
    assert_eq!(together(servers[0].client(), false), committed);
    assert_eq!(later(atogether(servers[1].aclient(), false)), committed);
    assert_eq!(together(servers[2].client(), true), undone);
    assert_eq!(later(atogether(servers[3].aclient(), true)), undone);
    for server in &servers[..2] {
        assert_eq!(last_states(&server.task_runs()), ["Completed"; 3]);
    }
    for server in &servers[2..] {
        let last = last_states(&server.task_runs());
        assert_eq!(last, ["RolledBack", "RolledBack", "Failed"]);
    }
}

/// What becomes of a task that is called where another one in it fails, or is tried again.
#[dual(crate::faces)]
async fn awithin_tasks(client: AsyncPrefectClient) -> Vec<String> {
    awell(&client, move |run: AsyncFlowRun, told: Told| {
        let inner = atells(&told, "inner");
        let outer = AsyncTask::new("outer", move |run: AsyncTaskRun, ()| {
            let (inner, told) = (inner.clone(), told.clone());
            async move {
                inner.call(&run, false).await?;
                told.add(format!("attempt {}", run.run_count()));
                if run.run_count() == 1 {
                    return Err(RunFailed::Raised("once more".to_owned()));
                }
                // It fails, and nobody minds.
                drop(inner.call(&run, true).await);
                inner.call(&run, false).await
            }
        });
        let outer = outer.with_options(TaskOptions::new().retries(1));
        async move {
            let ended = outer.call(&run, ()).await;
            ended.map_err(|failed| RunFailed::Raised(failed.to_string()))?;
            Ok(1)
        }
    })
    .await
}

#[test]
fn an_attempt_that_failed_is_undone_and_what_a_task_gave_in_spite_of_it_is_committed() {
    let expected = [
        "attempt 1",
        "undo first inner",
        "undo inner",
        "attempt 2",
        "undo first inner",
        "undo inner",
        "commit inner",
    ];
    assert_eq!(within_tasks(TestServer::new().client()), expected);
    assert_eq!(later(awithin_tasks(TestServer::new().aclient())), expected);
}

/// What each mode does where the function ends well, of one that is part of none.
#[dual(crate::faces)]
async fn amodes(client: AsyncPrefectClient) -> Vec<String> {
    awell(&client, move |run: AsyncFlowRun, told: Told| {
        let task = atells(&told, "it");
        async move {
            for mode in [CommitMode::Eager, CommitMode::Lazy, CommitMode::Off] {
                let options = TransactionOptions::new().commit_mode(mode);
                let (task, told) = (task.clone(), told.clone());
                atransaction_with(&run, &options, |all: AsyncTransaction| async move {
                    let eager = TransactionOptions::new().commit_mode(CommitMode::Eager);
                    let own = task.clone();
                    let inner =
                        |inner: AsyncTransaction| async move { own.call(&inner, false).await };
                    atransaction_with(&all, &eager, inner).await?;
                    told.add(format!("{mode:?}"));
                    task.call(&all, false).await?;
                    Ok::<_, Failed>(())
                })
                .await?;
            }
            let options = TransactionOptions::new().commit_mode(CommitMode::Off);
            atransaction_with(&run, &options, |all: AsyncTransaction| async move {
                task.call(&all, false).await?;
                assert!(all.commit().await && !all.commit().await && !all.roll_back().await);
                assert!(all.is_committed());
                Ok::<_, Failed>(1)
            })
            .await
        }
    })
    .await
}

#[test]
fn a_mode_says_when_a_transaction_is_committed() {
    let expected = [
        "commit it",
        "Eager",
        "commit it",
        "commit it",
        "Lazy",
        "commit it",
        "commit it",
        "Off",
        "undo first it",
        "undo it",
        "commit it",
    ];
    assert_eq!(modes(TestServer::new().client()), expected);
    assert_eq!(later(amodes(TestServer::new().aclient())), expected);
}

#[test]
fn a_panic_and_a_future_that_is_dropped_undo_what_was_done() {
    let (told, server) = (Told::default(), TestServer::new());
    let task = tells(&told, "it");
    let flow = Flow::new("panics", move |run: FlowRun, (): ()| {
        let task = task.clone();
        transaction(&run, |all: Transaction| {
            task.call(&all, false)?;
            assert!(all.is_rolled_back(), "it is not");
            Ok::<_, Failed>(())
        })
    });
    assert!(flow.call(&server.client(), &()).is_err());
    assert_eq!(told.take(), ["undo first it", "undo it"]);
    let task = atells(&told, "it");
    let flow = AsyncFlow::new("drops", move |run: AsyncFlowRun, ()| {
        let task = task.clone();
        async move {
            let has_run = tokio::sync::Notify::new();
            let all = atransaction(&run, |all: AsyncTransaction| {
                let has_run = &has_run;
                async move {
                    task.call(&all, false).await?;
                    has_run.notify_one();
                    std::future::pending::<Result<(), Failed>>().await
                }
            });
            tokio::select! {
                _ = all => unreachable!("it does not end"),
                () = has_run.notified() => {}
            }
            Ok::<_, Failed>(())
        }
    });
    let server = TestServer::new();
    later(async { flow.call(&server.aclient(), &()).await.unwrap() });
    assert_eq!(told.take(), ["undo first it", "undo it"]);
    assert_eq!(last_states(&server.task_runs()), ["RolledBack"]);
}

#[task(on_commit = said, on_rollback = said)]
fn by_attribute(_: &TaskRun) -> Result<(), String> {
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "hooks are called so")]
fn said(transaction: Transaction) -> Result<(), Error> {
    let count: u32 = transaction.get("count")?;
    assert_eq!(count, 1);
    transaction.set("said", &true)
}

#[flow]
fn with_attributes(run: &FlowRun) -> Result<(), Failed> {
    transaction(run, |all: Transaction| {
        all.set("count", &1)?;
        by_attribute::call(&all)
    })
}

#[test]
fn the_attribute_says_what_is_called() {
    let server = TestServer::new();
    with_attributes::call(&server.client()).unwrap();
    assert_eq!(last_states(&server.task_runs()), ["Completed"]);
}
