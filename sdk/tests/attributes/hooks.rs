//! Hooks of states, in both faces and without a server.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use diptych_macros::dual;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{
    AsyncFlow, AsyncFlowRun, AsyncFlowRunEntered, Cancellation, Flow, FlowOptions, FlowRun,
    FlowRunEntered, RunFlowOptions,
};
use prefect_sdk::results::{CachePolicy, ResultSettings, StorageReference};
use prefect_sdk::tasks::{
    AsyncTask, AsyncTaskRun, AsyncTaskRunEntered, Task, TaskOptions, TaskRun, TaskRunEntered,
};
use prefect_sdk::testing::TestServer;
use prefect_sdk::{flow, task};

use crate::runs::later;

/// What hooks were told of, in their order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn add(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A flow of that name which tells of each state that it enters.
#[dual(crate::faces)]
fn atelling(told: &Told, name: &str) -> AsyncFlow<String, (), String> {
    let flow = AsyncFlow::new(name, |run: AsyncFlowRun, how: String| async move {
        match how.as_str() {
            "cancelled" => run.cancellation().request(),
            "again" if run.run_count() == 1 => return Err("once more".to_owned()),
            "failed" => return Err("no".to_owned()),
            _ => {}
        }
        Ok(())
    });
    let of = |kind: &'static str| {
        let told = told.clone();
        move |run: AsyncFlowRunEntered| {
            let told = told.clone();
            async move {
                told.add(format!("{kind}: {:?} {}", run.state.type_, run.flow_name));
                Ok::<_, String>(())
            }
        }
    };
    flow.with_options(FlowOptions::new().retries(1))
        .on_running(of("running"))
        .on_completion(of("completion"))
        .on_completion(|_: AsyncFlowRunEntered| async { Err("it is logged") })
        .on_failure(of("failure"))
        .on_cancellation(of("cancellation"))
        .on_crashed(of("crashed"))
}

#[dual(crate::faces)]
async fn aflow_hooks(client: AsyncPrefectClient) -> Vec<Vec<String>> {
    let told = Told::default();
    let flow = atelling(&told, "tells");
    let mut all = Vec::new();
    for how in ["completed", "again", "failed", "cancelled"] {
        let options = RunFlowOptions::new().cancellation(&Cancellation::new());
        drop(flow.call_with(&client, &how.to_owned(), &options).await);
        all.push(told.take());
    }
    all
}

#[test]
fn hooks_of_a_flow_are_called_when_it_enters_a_state() {
    let running = "running: Running tells";
    let expected = [
        vec![running, "completion: Completed tells"],
        vec![running, running, "completion: Completed tells"],
        vec![running, running, "failure: Failed tells"],
        vec![running, "cancellation: Cancelling tells"],
    ];
    assert_eq!(flow_hooks(TestServer::new().client()), expected);
    assert_eq!(later(aflow_hooks(TestServer::new().aclient())), expected);
}

/// What a task whose first run fails tells of, and one that fails for good.
#[dual(crate::faces)]
async fn atask_hooks(client: AsyncPrefectClient) -> Vec<String> {
    let told = Told::default();
    let kept = told.clone();
    let flow = AsyncFlow::new("tasks", move |run: AsyncFlowRun, ()| {
        let of = |kind: &'static str| {
            let told = kept.clone();
            move |run: AsyncTaskRunEntered| {
                let (told, name) = (told.clone(), run.state.name.unwrap_or_default());
                async move {
                    told.add(format!("{kind} {name} {}", run.run_count));
                    Ok::<_, String>(())
                }
            }
        };
        let shaky = AsyncTask::new("shaky", |run: AsyncTaskRun, fails: u32| async move {
            if run.run_count() <= fails {
                Err("no".to_owned())
            } else {
                Ok(())
            }
        });
        let shaky = shaky
            .with_options(TaskOptions::new().retries(1))
            .on_running(of("running"))
            .on_running(|_: AsyncTaskRunEntered| async {
                std::panic::panic_any("it is logged");
                #[expect(unreachable_code, reason = "it says what the hook would give")]
                Ok::<_, String>(())
            })
            .on_completion(of("completion"))
            .on_failure(of("failure"));
        async move {
            drop(shaky.call(&run, 1).await);
            drop(shaky.call(&run, 2).await);
            Ok::<_, String>(())
        }
    });
    flow.call(&client, &()).await.unwrap();
    told.take()
}

#[test]
fn hooks_of_a_task_are_called_when_it_enters_a_state() {
    let begins = ["running Running 1", "running Retrying 2"];
    let expected: Vec<_> = [
        &begins[..],
        &["completion Completed 2"],
        &begins,
        &["failure Failed 2"],
    ]
    .concat();
    assert_eq!(task_hooks(TestServer::new().client()), expected);
    assert_eq!(later(atask_hooks(TestServer::new().aclient())), expected);
}

fn is_late(entered: FlowRunEntered) -> Result<(), String> {
    FAILED.fetch_add(1, Ordering::SeqCst);
    Err(entered.flow_name)
}

static FAILED: AtomicU32 = AtomicU32::new(0);
static DOUBLED: AtomicU32 = AtomicU32::new(0);

#[task(cache_policy = CachePolicy::inputs(), cache_expiration = 3600)]
fn double(_: &TaskRun, n: u32) -> Result<u32, String> {
    DOUBLED.fetch_add(1, Ordering::SeqCst);
    Ok(2 * n)
}

#[flow(on_failure = is_late, result_storage = place())]
fn doubles(run: &FlowRun) -> Result<u32, String> {
    let both = [double::call(run, 4), double::call(run, 4)];
    Err(format!("{both:?}"))
}

fn place() -> StorageReference {
    let room = std::env::temp_dir().join(format!("prefect-sdk-doubles-{}", std::process::id()));
    StorageReference::Path(room.to_str().unwrap().to_owned())
}

#[test]
fn the_attributes_say_hooks_and_caches() {
    let server = TestServer::new();
    let StorageReference::Path(room) = place() else {
        unreachable!()
    };
    let options = RunFlowOptions::new().results(ResultSettings::new(&room));
    let failed = doubles::call_with(&server.client(), &options).unwrap_err();
    assert_eq!(failed.raised().as_deref(), Some("[Ok(8), Ok(8)]"));
    assert_eq!(
        (
            FAILED.load(Ordering::SeqCst),
            DOUBLED.load(Ordering::SeqCst)
        ),
        (1, 1)
    );
    let runs = server.task_runs();
    let last = |run: usize| *runs[run].state_names().last().unwrap();
    assert_eq!([last(0), last(1)], ["Completed", "Cached"]);
    std::fs::remove_dir_all(&room).unwrap();
}
