//! Results that are there already, in both faces and without a server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use diptych_macros::dual;
use prefect_sdk::client::models::{State, StateType};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun, RunFlowOptions};
use prefect_sdk::results::{
    CachePolicy, FlowResultOptions, ResultSettings, StorageReference, TaskResultOptions,
    hash_objects,
};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskOptions, TaskRun};
use prefect_sdk::testing::TestServer;
use serde::Serialize;
use serde_json::json;

use crate::runs::later;

/// What a flow gives whose results are kept there.
#[dual(crate::faces)]
async fn agiven<T: Serialize + Send + Sync + 'static>(
    flow: AsyncFlow<(), T, String>,
    client: &AsyncPrefectClient,
    storage: FlowResultOptions,
) -> T {
    let flow = flow.with_options(FlowOptions::new().results(storage));
    let options = RunFlowOptions::new().results(ResultSettings::new("/nowhere"));
    flow.call_with(client, &(), &options).await.unwrap()
}

/// How often the function was called after each run, and in which states the runs ended.
#[dual(crate::faces, map(agiven => given))]
async fn acaches(client: AsyncPrefectClient, room: String) -> Vec<(u32, String)> {
    let storage = FlowResultOptions::new().storage(StorageReference::Path(room.clone()));
    let calls = Arc::new(AtomicU32::new(0));
    let flow = AsyncFlow::new("caches", move |run: AsyncFlowRun, (): ()| {
        let (room, calls) = (room.clone(), Arc::clone(&calls));
        let counted = Arc::clone(&calls);
        let count = AsyncTask::new("count", move |_: AsyncTaskRun, _: u32| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, String>(number) }
        });
        let by_inputs = count.clone().cache_policy(CachePolicy::inputs());
        let fresh = by_inputs
            .clone()
            .with_options(TaskOptions::new().refresh_cache(true));
        let at_once = TaskOptions::new().cache_expiration(std::time::Duration::ZERO);
        let expired = by_inputs.clone().with_options(at_once);
        let computed = count.clone().cache_key_fn(|_| Some("own/key".to_owned()));
        let none = count.clone().cache_key_fn(|_| None);
        async move {
            let mut seen = Vec::new();
            for task in [
                &by_inputs, &by_inputs, &fresh, &by_inputs, &computed, &computed, &none, &none,
            ] {
                let state = task.return_state(&run, 1).await;
                seen.push((calls.load(Ordering::SeqCst), state.name.unwrap()));
            }
            // What can't be read is not there.
            let key = hash_objects(&[json!({"parameter": 1})]);
            let file = Path::new(&room).join(key);
            std::fs::write(&file, "{}").unwrap();
            for task in [&by_inputs, &by_inputs] {
                let state = task.return_state(&run, 1).await;
                seen.push((calls.load(Ordering::SeqCst), state.name.unwrap()));
            }
            // Nor is what somebody has removed.
            std::fs::remove_file(&file).unwrap();
            for task in [&by_inputs, &by_inputs] {
                let state = task.return_state(&run, 1).await;
                seen.push((calls.load(Ordering::SeqCst), state.name.unwrap()));
            }
            for input in [2, 2] {
                let state = expired.return_state(&run, input).await;
                seen.push((calls.load(Ordering::SeqCst), state.name.unwrap()));
            }
            Ok::<_, String>(seen)
        }
    });
    agiven(flow, &client, storage).await
}

#[test]
fn what_is_kept_below_its_key_is_not_computed_again() {
    let expected = [
        (1, "Completed"),
        (1, "Cached"),
        (2, "Completed"),
        (2, "Cached"),
        (3, "Completed"),
        (3, "Cached"),
        (4, "Completed"),
        (5, "Completed"),
        (6, "Completed"),
        (6, "Cached"),
        (7, "Completed"),
        (7, "Cached"),
        (8, "Completed"),
        (9, "Completed"),
    ];
    let expected = expected.map(|(calls, name)| (calls, name.to_owned()));
    let seen = in_both_faces(
        "caches",
        |room| caches(TestServer::new().client(), room),
        |room| later(acaches(TestServer::new().aclient(), room)),
    );
    assert_eq!(seen, [expected.to_vec(), expected.to_vec()]);
}

/// What is seen in each face, with a room of its own for what is kept.
fn in_both_faces<T>(
    name: &str,
    blocking: impl FnOnce(String) -> T,
    asynchronous: impl FnOnce(String) -> T,
) -> [T; 2] {
    let room = std::env::temp_dir().join(format!("prefect-sdk-{name}-{}", std::process::id()));
    let text = room.to_str().unwrap().to_owned();
    let seen = blocking(text.clone());
    std::fs::remove_dir_all(&room).unwrap();
    let seen = [seen, asynchronous(text)];
    std::fs::remove_dir_all(&room).unwrap();
    seen
}

/// The states of two runs of a task whose results have one name, the first of which fails; and whether there was something of
/// that name after each.
#[dual(crate::faces, map(agiven => given))]
async fn afails_at_first(client: AsyncPrefectClient, room: String) -> Vec<(String, bool)> {
    let storage = FlowResultOptions::new().storage(StorageReference::Path(room.clone()));
    let calls = Arc::new(AtomicU32::new(0));
    let flow = AsyncFlow::new("fails-at-first", move |run: AsyncFlowRun, (): ()| {
        let (named, counted) = (Path::new(&room).join("named-1"), Arc::clone(&calls));
        let task = AsyncTask::new("fails", move |_: AsyncTaskRun, _: u32| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let result = if number == 0 {
                Err("at first")
            } else {
                Ok(number)
            };
            async move { result }
        });
        let results = TaskResultOptions::new().storage_key("named-{parameters[parameter]}");
        let task = task.with_options(TaskOptions::new().results(results));
        async move {
            let mut seen = Vec::new();
            for _ in 0..2 {
                let state = task.return_state(&run, 1).await;
                seen.push((state.name.unwrap(), named.exists()));
            }
            Ok::<_, String>(seen)
        }
    });
    agiven(flow, &client, storage).await
}

/// An exception is kept by a name of its own, so that nobody takes it for the result.
#[test]
fn what_a_run_failed_with_is_not_where_its_result_would_be() {
    let expected = [("Failed", false), ("Completed", true)];
    let expected = expected.map(|(name, is_there)| (name.to_owned(), is_there));
    let seen = in_both_faces(
        "failing",
        |room| fails_at_first(TestServer::new().client(), room),
        |room| later(afails_at_first(TestServer::new().aclient(), room)),
    );
    assert_eq!(seen, [expected.to_vec(), expected.to_vec()]);
}

/// How often the function was called after each run of tasks with a storage key, in which states the runs ended, and what is kept.
#[dual(crate::faces, map(agiven => given))]
async fn anamed(client: AsyncPrefectClient, room: String) -> (Vec<(u32, String)>, Vec<String>) {
    let storage = FlowResultOptions::new().storage(StorageReference::Path(room.clone()));
    let calls = Arc::new(AtomicU32::new(0));
    let flow = AsyncFlow::new("named", move |run: AsyncFlowRun, (): ()| {
        let (room, calls) = (room.clone(), Arc::clone(&calls));
        let counted = Arc::clone(&calls);
        let count = AsyncTask::new("count", move |_: AsyncTaskRun, _: u32| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, String>(number) }
        });
        let named = count
            .clone()
            .result_storage_key("named-{parameters[parameter]}");
        let over_policy = named.clone().cache_policy(CachePolicy::inputs());
        let over_function = named.clone().cache_key_fn(|_| Some("computed".to_owned()));
        let kept = TaskResultOptions::new().persist(true);
        let fresh = TaskOptions::new().refresh_cache(true).results(kept.clone());
        let fresh = named.clone().with_options(fresh);
        let unfound = count.clone().cache_policy(CachePolicy::none());
        let unfound = unfound
            .with_options(TaskOptions::new().results(kept))
            .result_storage_key("unfound");
        let nameless = count.result_storage_key("{parameters[other]}");
        let wrong = AsyncTask::new("wrong", |_: AsyncTaskRun, (): ()| async {
            Ok::<_, String>(State::new(StateType::Failed, uuid::Uuid::new_v4()))
        });
        let wrong = wrong.result_storage_key("wrong");
        async move {
            let mut seen = Vec::new();
            let runs = [
                (&named, 1),
                (&named, 1),
                (&named, 2),
                (&over_policy, 1),
                (&over_function, 2),
                (&fresh, 1),
                (&named, 1),
                (&unfound, 1),
                (&unfound, 1),
                (&nameless, 1),
            ];
            for (task, input) in runs {
                let state = task.return_state(&run, input).await;
                seen.push((calls.load(Ordering::SeqCst), state.name.unwrap()));
            }
            let state = wrong.return_state(&run, ()).await;
            seen.push((0, state.type_.as_str().to_owned()));
            let files = std::fs::read_dir(&room).unwrap();
            let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
            // What went wrong has a name of its own.
            let mut files: Vec<String> = files.filter(|file| file.len() < 32).collect();
            files.sort();
            Ok::<_, String>((seen, files))
        }
    });
    agiven(flow, &client, storage).await
}

/// As Python's, whatever the policy is, but for one that says that nothing is cached.
#[test]
fn what_is_kept_below_a_storage_key_is_found_by_it() {
    let expected = [
        (1, "Completed"),
        (1, "Cached"),
        (2, "Completed"),
        (2, "Cached"),
        (2, "Cached"),
        (3, "Completed"),
        (3, "Cached"),
        (4, "Completed"),
        (5, "Completed"),
        (5, "Failed"),
        (0, "FAILED"),
    ];
    let expected = expected
        .map(|(calls, name)| (calls, name.to_owned()))
        .to_vec();
    let files = ["named-1", "named-2", "unfound"]
        .map(str::to_owned)
        .to_vec();
    let seen = in_both_faces(
        "named",
        |room| named(TestServer::new().client(), room),
        |room| later(anamed(TestServer::new().aclient(), room)),
    );
    assert_eq!(seen, [(expected.clone(), files.clone()), (expected, files)]);
}
