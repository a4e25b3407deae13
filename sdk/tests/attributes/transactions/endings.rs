//! How transactions end where whoever awaits that goes away meanwhile, and what the last hooks of a task find.

use std::path::PathBuf;

use prefect_sdk::tasks::{AsyncTaskRunEntered, TaskRunEntered};
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::*;

/// A hook in which the flow run is cancelled, so that its function is dropped where the hook waits.
fn interrupts(run: &AsyncFlowRun) -> impl Fn(AsyncTransaction) -> Waits + Send + Sync + 'static {
    let cancellation = run.cancellation().clone();
    move |_| {
        let cancellation = cancellation.clone();
        Box::pin(async move {
            cancellation.request();
            yield_now().await;
            Ok(())
        })
    }
}

type Waits = std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

const UNDONE: [&str; 4] = ["undo first two", "undo two", "undo first one", "undo one"];

#[test]
fn a_rollback_is_carried_through_whoever_goes_away_meanwhile() {
    let server = TestServer::new();
    let client = server.aclient();
    let (ended, told) = later(ain_flow(&client, |run: AsyncFlowRun, told: Told| {
        let [one, two, three] = ["one", "two", "three"].map(|name| atells(&told, name));
        let three = three.on_rollback(interrupts(&run));
        async move {
            atransaction(&run, |all: AsyncTransaction| async move {
                one.call(&all, false).await?;
                two.call(&all, false).await?;
                three.call(&all, false).await?;
                Err(RunFailed::Raised("no".to_owned()))
            })
            .await
        }
    }));
    assert!(ended.is_err());
    assert_eq!(told[..2], ["undo first three", "undo three"]);
    assert_eq!(told[2..], UNDONE);
    assert_eq!(last_states(&server.task_runs()), ["RolledBack"; 3]);
}

#[test]
fn a_commit_is_carried_through_whoever_goes_away_meanwhile() {
    let (server, kept) = (TestServer::new(), Arc::new(Mutex::new(None)));
    let (client, keep) = (server.aclient(), Arc::clone(&kept));
    let (ended, told) = later(ain_flow(&client, move |run: AsyncFlowRun, told: Told| {
        let [one, two, three] = ["one", "two", "three"].map(|name| atells(&told, name));
        let two = two.on_commit(interrupts(&run));
        let keep = Arc::clone(&keep);
        async move {
            atransaction(&run, |all: AsyncTransaction| async move {
                *keep.lock().unwrap() = Some(all.clone());
                one.call(&all, false).await?;
                two.call(&all, false).await?;
                three.call(&all, false).await?;
                Ok::<_, Failed>(1)
            })
            .await
        }
    }));
    assert!(ended.is_err(), "it was cancelled");
    assert_eq!(told, ["commit one", "commit two", "commit three"]);
    assert!(kept.lock().unwrap().as_ref().unwrap().is_committed());
    assert_eq!(last_states(&server.task_runs()), ["Completed"; 3]);
}

#[test]
fn an_attempt_is_undone_whoever_goes_away_meanwhile() {
    let server = TestServer::new();
    let client = server.aclient();
    let (ended, told) = later(ain_flow(&client, |run: AsyncFlowRun, told: Told| {
        let one = atells(&told, "one");
        let two = atells(&told, "two").on_rollback(interrupts(&run));
        let outer = AsyncTask::new("outer", move |run: AsyncTaskRun, ()| {
            let (one, two) = (one.clone(), two.clone());
            async move {
                one.call(&run, false).await?;
                two.call(&run, false).await?;
                Err::<u32, _>(Failed::Raised("once more".to_owned()))
            }
        });
        let outer = outer.with_options(TaskOptions::new().retries(1));
        async move {
            let ended = outer.call(&run, ()).await;
            ended.map_err(|failed| RunFailed::Raised(failed.to_string()))
        }
    }));
    assert!(ended.is_err());
    assert_eq!(told, UNDONE);
}

#[test]
fn a_function_that_fails_while_it_is_committed_changes_nothing_of_that() {
    let server = TestServer::new();
    let client = server.aclient();
    let (ended, told) = later(ain_flow(&client, |run: AsyncFlowRun, told: Told| {
        let (is_called, goes_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (called, go_on) = (Arc::clone(&is_called), Arc::clone(&goes_on));
        let one = atells(&told, "one").on_commit(move |_: AsyncTransaction| {
            let (called, go_on) = (Arc::clone(&called), Arc::clone(&go_on));
            async move {
                called.notify_one();
                go_on.notified().await;
                Ok::<_, String>(())
            }
        });
        let two = atells(&told, "two");
        async move {
            atransaction(&run, |all: AsyncTransaction| async move {
                one.call(&all, false).await?;
                two.call(&all, false).await?;
                tokio::select! {
                    _ = all.commit() => unreachable!("a hook waits"),
                    () = is_called.notified() => {}
                }
                goes_on.notify_one();
                Err(RunFailed::Raised("no".to_owned()))
            })
            .await
        }
    }));
    assert!(ended.is_err());
    assert_eq!(told, ["commit one", "commit two"]);
    assert_eq!(last_states(&server.task_runs()), ["Completed"; 2]);
}

#[test]
fn a_task_whose_last_hooks_are_interrupted_is_undone_as_any_other() {
    let server = TestServer::new();
    let client = server.aclient();
    let (ended, told) = later(ain_flow(&client, |run: AsyncFlowRun, told: Told| {
        let one = atells(&told, "one");
        let cancellation = run.cancellation().clone();
        let two = atells(&told, "two").on_completion(move |_: AsyncTaskRunEntered| {
            let cancellation = cancellation.clone();
            async move {
                cancellation.request();
                yield_now().await;
                Ok::<_, String>(())
            }
        });
        async move {
            atransaction(&run, |all: AsyncTransaction| async move {
                one.call(&all, false).await?;
                two.call(&all, false).await?;
                Ok::<_, Failed>(1)
            })
            .await
        }
    }));
    assert!(ended.is_err(), "it was cancelled");
    assert_eq!(told, UNDONE);
    assert_eq!(last_states(&server.task_runs()), ["RolledBack"; 2]);
}

/// What the hooks of a task find that is part of nothing, when it runs, and when it need not.
#[dual(crate::faces)]
async fn afinishes(client: AsyncPrefectClient, room: PathBuf) -> Vec<String> {
    let place = room.clone();
    let (ended, told) = ain_flow_with(
        &client,
        Some(&room),
        move |run: AsyncFlowRun, told: Told| {
            let (place, tell) = (place.clone(), told.clone());
            let task = atells(&told, "it").cache_policy(CachePolicy::inputs());
            let task = task.on_completion(move |entered: AsyncTaskRunEntered| {
                let name = entered.state.name.unwrap_or_default();
                tell.add(format!("{name}: {} kept", files(&place)));
                async { Ok::<_, String>(()) }
            });
            async move {
                task.call(&run, false).await?;
                task.call(&run, false).await?;
                Ok(1)
            }
        },
    )
    .await;
    assert_eq!(ended.unwrap(), 1);
    told
}

/// How many there are, once the file system knows them.
fn files(room: &std::path::Path) -> usize {
    std::fs::read_dir(room).map_or(0, Iterator::count)
}

#[test]
fn the_last_hooks_of_a_task_are_called_after_it_is_committed() {
    let expected = ["commit it", "Completed: 1 kept", "Cached: 1 kept"];
    let room = std::env::temp_dir().join(format!("prefect-sdk-finishes-{}", std::process::id()));
    assert_eq!(finishes(TestServer::new().client(), room.clone()), expected);
    std::fs::remove_dir_all(&room).unwrap();
    let seen = later(afinishes(TestServer::new().aclient(), room.clone()));
    std::fs::remove_dir_all(&room).unwrap();
    assert_eq!(seen, expected);
}
