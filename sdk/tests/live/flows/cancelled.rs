//! Runs that somebody cancels by the API while their function goes on, in both faces and beside Python: the function hears nothing of
//! that, as nobody who hears it has started a process for the run.

use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use diptych_macros::{dual, faces};
#[dual(cancelled)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{StateCreate, StateType};
#[dual(cancelled)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, AsyncFlowRunEntered};
use prefect_sdk::flows::{FlowOptions, RunFailed};
#[dual(cancelled)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde_json::json;
use tokio::time::sleep as asleep;

use super::endings::ValueError;
use super::given::X;
use super::trees::run_of;
use crate::{python, server};

/// The names of the runs.
const RUNS: [&str; 6] = [
    "well",
    "fails",
    "late",
    "outer",
    "cancelled",
    "cancelled-fails",
];

const PYTHON: &str = r"
import time
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.states import Cancelled, Cancelling
name, told = arguments['name'], []

def says(on):
    def hook(of, run, state):
        told.append(f'{run.name} on_{on}: {state.name}')
    return [hook]

hooks = {f'on_{on}': says(on) for on in ('running', 'completion', 'failure', 'cancellation', 'crashed')}

@task
def step(x):
    return x

def cancel(state):
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(FlowRunContext.get().flow_run.id, state)

def of_name(flow_run_name, **options):
    return flow(name=name, flow_run_name=flow_run_name, **options, **hooks)

@of_name('well')
def well():
    step(1)
    cancel(Cancelling())
    step(2)
    return 1

@of_name('fails', retries=1)
def fails():
    cancel(Cancelling())
    raise ValueError('no')

@of_name('late', timeout_seconds=0.5)
def late():
    cancel(Cancelling())
    time.sleep(1.5)

@flow(name=name, flow_run_name='inner', **hooks)
def inner():
    return step(3)

@of_name('outer')
def outer():
    cancel(Cancelling())
    return inner()

@of_name('cancelled')
def cancelled():
    cancel(Cancelled())
    return 1

@of_name('cancelled-fails')
def cancelled_fails():
    cancel(Cancelled())
    raise ValueError('no')

for f in (well, fails, late, outer, cancelled, cancelled_fails):
    f(return_state=True)
answer(told)
";

faces! {
    /// The names that differ between the faces here.
    cancelled {
        ..crate::faces,
        abody => body,
        acancel => cancel,
        ainner => inner,
        arun_all => run_all,
        astep => step,
    }
}

type Told = Arc<Mutex<Vec<String>>>;
type Failed = RunFailed<ValueError>;

/// Somebody else cancels the run.
#[dual(cancelled)]
async fn acancel(run: &AsyncFlowRun, type_: StateType) {
    let state = StateCreate::new(type_);
    let told = run.client().set_flow_run_state(run.id(), &state).await;
    told.unwrap();
}

#[dual(cancelled)]
async fn astep(run: &AsyncFlowRun, x: i64) -> Result<i64, Failed> {
    let step = AsyncTask::new("step", |_: AsyncTaskRun, given: X| async move {
        Ok::<_, ValueError>(given.x)
    });
    step.call(run, X { x }).await
}

#[dual(cancelled)]
async fn abody(
    run: AsyncFlowRun,
    which: &str,
    inner: AsyncFlow<(), i64, Failed>,
) -> Result<i64, Failed> {
    let no = || Err(RunFailed::Raised(ValueError("no")));
    match which {
        "well" => {
            astep(&run, 1).await?;
            acancel(&run, StateType::Cancelling).await;
            astep(&run, 2).await
        }
        "fails" => {
            acancel(&run, StateType::Cancelling).await;
            no()
        }
        "late" => {
            acancel(&run, StateType::Cancelling).await;
            asleep(Duration::from_millis(1500)).await;
            Ok(1)
        }
        "outer" => {
            acancel(&run, StateType::Cancelling).await;
            let ended = inner.call(&run, &()).await;
            ended.map_err(|failed| {
                RunFailed::Raised(
                    failed
                        .raised()
                        .and_then(RunFailed::raised)
                        .unwrap_or(ValueError("lost")),
                )
            })
        }
        "cancelled" => {
            acancel(&run, StateType::Cancelled).await;
            Ok(1)
        }
        _ => {
            acancel(&run, StateType::Cancelled).await;
            no()
        }
    }
}

#[dual(cancelled)]
fn ahooked(flow: AsyncFlow<(), i64, Failed>, told: &Told) -> AsyncFlow<(), i64, Failed> {
    let hook = |on: &'static str| {
        let told = Arc::clone(told);
        move |entered: AsyncFlowRunEntered| {
            let (run, state) = (entered.flow_run.name.unwrap(), entered.state.name.unwrap());
            told.lock().unwrap().push(format!("{run} on_{on}: {state}"));
            async { Ok::<_, String>(()) }
        }
    };
    flow.on_running(hook("running"))
        .on_completion(hook("completion"))
        .on_failure(hook("failure"))
        .on_cancellation(hook("cancellation"))
        .on_crashed(hook("crashed"))
}

/// Runs all of it, and says which hooks were called, and how the calls ended.
#[dual(cancelled)]
async fn arun_all(client: &AsyncPrefectClient, name: &str) -> (Vec<String>, Vec<String>) {
    let (told, mut ends) = (Told::default(), Vec::new());
    for which in RUNS {
        let inner = AsyncFlow::new(name, |run: AsyncFlowRun, (): ()| async move {
            astep(&run, 3).await
        });
        let inner = inner.with_options(FlowOptions::new().flow_run_name("inner"));
        let inner = ahooked(inner, &told);
        let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
            let inner = inner.clone();
            async move { abody(run, which, inner).await }
        });
        let mut options = FlowOptions::new().flow_run_name(which);
        if which == "fails" {
            options = options.retries(1);
        }
        if which == "late" {
            options = options.timeout(Duration::from_millis(500));
        }
        let flow = ahooked(flow.with_options(options), &told);
        let ended = flow.call(client, &()).await;
        ends.push(ended.map_or_else(|failed| failed.to_string(), |n| n.to_string()));
    }
    let told = told.lock().unwrap().clone();
    (told, ends)
}

/// The states of the run of that name.
fn states_of(flow: &str, run: &str) -> Vec<String> {
    let (client, id) = (server::client(), run_of(flow, run).id);
    let states = server::patiently(|| client.read_flow_run_states(id));
    states.into_iter().filter_map(|state| state.name).collect()
}

/// Python leaves a run for ever that is being cancelled, and overwrites what was cancelled. Here either is `Cancelled` in the end.
#[test]
fn a_run_that_somebody_cancels_ends_so() {
    let names = ["python", "blocking", "async"].map(server::unique);
    let python = python::run(PYTHON, &json!({"name": names[0]}));
    let by_python: Vec<String> = serde_json::from_value(python).unwrap();
    let expected = by_python
        .into_iter()
        .filter(|hook| !hook.starts_with("cancelled"));
    let expected = expected.map(|hook| hook.replace("Cancelling", "Cancelled"));
    let mut expected: Vec<_> = expected.collect();
    // Whoever brought it into that state knows of it.
    expected.push("cancelled on_running: Running".to_owned());
    expected.push("cancelled-fails on_running: Running".to_owned());
    let blocking = run_all(&server::client(), &names[1]);
    let asynchronous = server::run(async { arun_all(&server::async_client(), &names[2]).await });
    for (told, ends) in [blocking, asynchronous] {
        assert_eq!(told, expected);
        assert!(
            ends.iter()
                .all(|end| end.to_lowercase().contains("cancelled")),
            "{ends:?}"
        );
    }
    let [python, others @ ..] = &names;
    for run in RUNS.into_iter().chain(["inner"]) {
        let mut expected = states_of(python, run);
        if run.starts_with("cancelled") {
            expected.pop();
        } else if run != "inner" {
            expected.push("Cancelled".to_owned());
        }
        for name in others {
            assert_eq!(states_of(name, run), expected, "{run}");
        }
    }
}
