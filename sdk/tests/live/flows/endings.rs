//! How runs end, in both faces and beside Python.

use std::thread::sleep;
use std::time::Duration;

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::StateType;
use prefect_sdk::flow_runs::{WaitForFlowRunOptions, await_for_flow_run_with};
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFailed};
use prefect_sdk::tasks::TaskOptions;
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use tokio::time::sleep as asleep;
use uuid::Uuid;

use super::recording::Recording;
use super::rows;
use crate::{python, runs, server};

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(3);

/// An error of a user's.
#[derive(Debug)]
pub(crate) struct ValueError(pub(crate) &'static str);

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

const PYTHON: &str = r"
import time
from prefect import flow, task

@task
def failing():
    raise ValueError('no')

@task(timeout_seconds=0.25)
def slow():
    time.sleep(1)

@flow(name=arguments['name'], flow_run_name='fails', retries=1)
def fails():
    failing()

@flow(name=arguments['name'], flow_run_name='late')
def late():
    slow()

@flow(name=arguments['name'], flow_run_name='too-long', timeout_seconds=0.25)
def too_long():
    time.sleep(1)

runs = [f(return_state=True) for f in (fails, late, too_long)]
answer([str(state.state_details.flow_run_id) for state in runs])
";

type Ended = (Uuid, RunFailed<ValueError>);

/// Runs a flow that fails, and says which run it was.
#[dual(crate::faces)]
async fn ago_wrong<P>(
    client: &AsyncPrefectClient,
    flow: &AsyncFlow<P, (), ValueError>,
    parameters: &P,
) -> RunFailed<ValueError>
where
    P: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    flow.call(client, parameters).await.unwrap_err()
}

/// What a task's failure is to a flow that gives it on.
fn passed_on(failed: RunFailed<ValueError>) -> ValueError {
    failed.raised().unwrap_or(ValueError("late"))
}

#[dual(crate::faces)]
async fn arun_three(client: &AsyncPrefectClient, name: &str) -> [Ended; 3] {
    let (sender, receiver) = std::sync::mpsc::channel();
    let failing = AsyncTask::new("failing", |_: AsyncTaskRun, (): ()| async {
        Err::<(), _>(ValueError("no"))
    });
    let quarter = Duration::from_millis(250);
    let slow = AsyncTask::new("slow", |run: AsyncTaskRun, (): ()| async move {
        assert!(run.time_left() <= Some(Duration::from_millis(250)));
        asleep(Duration::from_secs(1)).await;
        Ok::<(), ValueError>(())
    })
    .with_options(TaskOptions::new().timeout(quarter));
    let ids = sender.clone();
    let fails = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        ids.send(run.id()).unwrap();
        let failing = failing.clone();
        async move { failing.call(&run, ()).await.map_err(passed_on) }
    })
    .with_options(FlowOptions::new().flow_run_name("fails").retries(1));
    let ids = sender.clone();
    let late = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        ids.send(run.id()).unwrap();
        let slow = slow.clone();
        async move { slow.call(&run, ()).await.map_err(passed_on) }
    })
    .with_options(FlowOptions::new().flow_run_name("late"));
    let too_long = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        sender.send(run.id()).unwrap();
        async move {
            asleep(Duration::from_secs(1)).await;
            Ok(())
        }
    })
    .with_options(
        FlowOptions::new()
            .flow_run_name("too-long")
            .timeout(quarter),
    );
    let fails = ago_wrong(client, &fails, &()).await;
    // It ran twice.
    let first = receiver.recv().unwrap();
    assert_eq!(receiver.recv().unwrap(), first);
    let late = ago_wrong(client, &late, &()).await;
    let second = receiver.recv().unwrap();
    let too_long = ago_wrong(client, &too_long, &()).await;
    [
        (first, fails),
        (second, late),
        (receiver.recv().unwrap(), too_long),
    ]
}

/// The rows of the three runs. In Python, the timeout of a task is an exception that the flow's timeout is mistaken for, so
/// only the task run is looked at there.
fn three(ids: [Uuid; 3]) -> [Value; 3] {
    let mut found = [
        rows::rows(ids[0], 2),
        rows::rows(ids[1], 1),
        rows::rows(ids[2], 0),
    ];
    // Python keeps each exception, wherever that is.
    for state in found[0]["states"].as_array_mut().unwrap() {
        state["data"] = false.into();
    }
    found[1] = found[1]["task_runs"].take();
    found
}

#[test]
fn what_fails_or_is_late_ends_as_in_python() {
    let name = server::unique("endings");
    let ids = python::run(PYTHON, &json!({"name": name}));
    let ids: [Uuid; 3] = serde_json::from_value(ids).unwrap();
    let expected = three(ids);
    let blocking = run_three(&server::client(), &name);
    let asynchronous = server::run(async { arun_three(&server::async_client(), &name).await });
    for ended in [blocking, asynchronous] {
        let [(first, fails), (second, late), (third, too_long)] = ended;
        assert!(
            matches!(fails, RunFailed::Raised(ValueError("no"))),
            "{fails:?}"
        );
        assert!(
            matches!(late, RunFailed::Raised(ValueError("late"))),
            "{late:?}"
        );
        assert!(matches!(too_long, RunFailed::TimedOut(_)), "{too_long:?}");
        for (found, expected) in three([first, second, third]).iter().zip(&expected) {
            rows::assert_same(found, expected);
        }
    }
}

/// What is written as something else than it is read as.
#[derive(Deserialize)]
struct Unfit {
    #[expect(dead_code, reason = "it is never read")]
    n: u32,
}

impl Serialize for Unfit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"n": "many"}).serialize(serializer)
    }
}

/// The states of the run that a flow of that name has had.
fn states_of_only_run(recording: &Recording) -> Vec<(String, String)> {
    let proposed = recording.writes();
    let states = proposed
        .iter()
        .filter_map(|request| request["body"].get("state"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    states
        .map(|state| (text(&state["type"]), text(&state["message"])))
        .collect()
}

#[dual(crate::faces)]
async fn aunfit_parameters(client: &AsyncPrefectClient, name: &str) {
    let flow = AsyncFlow::new(name, |_: AsyncFlowRun, _: Unfit| async {
        Ok::<(), ValueError>(())
    });
    let failed = ago_wrong(client, &flow, &Unfit { n: 0 }).await;
    assert!(
        matches!(&failed, RunFailed::Parameters(text) if text.contains("- n: ")),
        "{failed:?}"
    );
}

#[dual(crate::faces)]
async fn apanic(client: &AsyncPrefectClient, name: &str) {
    let task = AsyncTask::new("panicking", |run: AsyncTaskRun, (): ()| async move {
        assert!(run.run_count() > 1, "not the first time");
        Ok::<(), ValueError>(())
    })
    .with_options(TaskOptions::new().retries(1));
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let task = task.clone();
        async move {
            task.call(&run, ()).await.map_err(passed_on)?;
            let nothing: Vec<u32> = Vec::new();
            Err(ValueError(
                if nothing[run.name().len() - run.name().len()] == 0 {
                    "a"
                } else {
                    "b"
                },
            ))
        }
    });
    let failed = ago_wrong(client, &flow, &()).await;
    assert!(
        matches!(&failed, RunFailed::Panicked(text) if text.contains("out of bounds")),
        "{failed:?}"
    );
}

#[test]
fn parameters_that_do_not_fit_and_panics_fail_with_their_words() {
    let name = server::unique("unfit");
    let ways = [
        Recording::start(),
        Recording::start(),
        Recording::start(),
        Recording::start(),
    ];
    let client = |way: &Recording| prefect_sdk::client::PrefectClient::new(&way.api_url()).unwrap();
    let async_client = |way: &Recording| AsyncPrefectClient::new(&way.api_url()).unwrap();
    unfit_parameters(&client(&ways[0]), &name);
    server::run(async { aunfit_parameters(&async_client(&ways[1]), &name).await });
    panic(&client(&ways[2]), &name);
    server::run(async { apanic(&async_client(&ways[3]), &name).await });
    for way in &ways[..2] {
        let states = states_of_only_run(way);
        let (types, messages): (Vec<_>, Vec<_>) = states.into_iter().unzip();
        assert_eq!(types, ["PENDING", "FAILED"]);
        let before = "Validation of flow parameters failed with error: ParameterTypeError: ";
        assert!(messages[1].starts_with(before), "{}", messages[1]);
    }
    for way in &ways[2..] {
        let states = states_of_only_run(way);
        let (types, messages): (Vec<_>, Vec<_>) = states.into_iter().unzip();
        assert_eq!(types, ["PENDING", "RUNNING", "FAILED"]);
        let before = "Flow run encountered an exception: panic: index out of bounds";
        assert!(messages[2].starts_with(before), "{}", messages[2]);
    }
}

#[dual(crate::faces)]
async fn aold_name(client: &AsyncPrefectClient, name: &str) {
    let flow = AsyncFlow::new(name, |_: AsyncFlowRun, (): ()| async {
        Ok::<(), ValueError>(())
    })
    .with_options(FlowOptions::new().flow_run_name("{day}"));
    let refused = ago_wrong(client, &flow, &()).await;
    assert!(
        matches!(&refused, RunFailed::Engine(error) if error.is_invalid()),
        "{refused:?}"
    );
}

#[test]
fn what_can_not_be_run_is_refused_before_anything_is_sent() {
    let way = Recording::start();
    old_name(
        &prefect_sdk::client::PrefectClient::new(&way.api_url()).unwrap(),
        "unsent",
    );
    let client = AsyncPrefectClient::new(&way.api_url()).unwrap();
    server::run(async { aold_name(&client, "unsent").await });
    assert!(way.writes().is_empty());
}

/// An error that can't be shown.
#[derive(Debug)]
struct Unshown;

impl std::fmt::Display for Unshown {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("it can't be shown")
    }
}

#[test]
fn a_panic_of_what_shows_an_error_leaves_nothing_running() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let flow = Flow::new(server::unique("unshown"), move |run: FlowRun, (): ()| {
        sender.send(run.id()).unwrap();
        Err::<(), _>(Unshown)
    });
    let client = server::client();
    let call = std::panic::AssertUnwindSafe(|| flow.call(&client, &()).map_err(drop));
    assert!(std::panic::catch_unwind(call).is_err());
    let run = client.read_flow_run(receiver.recv().unwrap()).unwrap();
    assert_eq!(run.state_type, Some(StateType::Crashed));
}

/// A flow with a task that never ends; the task says in which run it is.
fn endless(
    name: &str,
    begun: tokio::sync::mpsc::UnboundedSender<Uuid>,
) -> AsyncFlow<(), (), ValueError> {
    let endless = AsyncTask::new("endless", move |run: AsyncTaskRun, (): ()| {
        begun.send(run.flow_run().id()).unwrap();
        std::future::pending::<Result<(), ValueError>>()
    });
    AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let endless = endless.clone();
        async move { endless.call(&run, ()).await.map_err(passed_on) }
    })
}

#[test]
fn a_future_that_is_dropped_leaves_nothing_running() {
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let flow = endless(&server::unique("dropped"), begun);
    let id = server::run(async move {
        let running = tokio::spawn(async move { flow.call(&server::async_client(), &()).await });
        let id = begins.recv().await.unwrap();
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        // The runtime lives until it is told.
        let patient = WaitForFlowRunOptions::new().timeout(LONG);
        let told = await_for_flow_run_with(&server::async_client(), id, &patient).await;
        assert_eq!(told.unwrap().state_type, Some(StateType::Crashed));
        id
    });
    let rows = rows::rows(id, 1);
    let words = "Execution was cancelled by the runtime environment.";
    for states in [&rows["states"], &rows["task_runs"][0]["states"]] {
        let last = states.as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["type"], &last["message"]),
            (&json!("CRASHED"), &json!(words))
        );
    }
}

#[test]
fn a_future_that_is_dropped_outside_of_its_runtime_leaves_nothing_running() {
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let flow = endless(&server::unique("dropped"), begun);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut running = Box::pin(async move { flow.call(&server::async_client(), &()).await });
    let id = runtime.block_on(async {
        tokio::select! {
            ended = &mut running => panic!("it ended: {ended:?}"),
            id = begins.recv() => id.unwrap(),
        }
    });
    drop(running);
    runs::until(id, &StateType::Crashed);
}
