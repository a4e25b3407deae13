//! Runners in both faces: their runs are processes of this program, and Python, or the test, starts and cancels them.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use prefect_sdk::Error;
use prefect_sdk::client::models::{DeploymentFlowRunCreate, FlowRunResponse, StateType};
use prefect_sdk::deployments::RunnerDeployment;
use prefect_sdk::runner::{AsyncRunner, Runner, RunnerOptions};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::program::{self, ADD, DOUBLE, LEAVE, RETRY, SLEEP};
use crate::{python, runs, server};

/// A runner that runs; it is stopped when it is dropped.
struct Serving {
    /// The name of its deployments.
    name: String,
    ids: Vec<Uuid>,
    stop: Box<dyn Fn() -> Result<(), Error>>,
    ends: Option<JoinHandle<Result<(), Error>>>,
    room: PathBuf,
}

/// As [`server::patiently`], for what this crate does.
pub(crate) fn patiently<T>(act: impl Fn() -> Result<T, Error>) -> T {
    let limit = Instant::now() + Duration::from_mins(4);
    loop {
        match act() {
            Ok(done) => return done,
            Err(error) => assert!(Instant::now() < limit, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The room where results are kept.
fn room(name: &str) -> PathBuf {
    std::env::temp_dir().join(name)
}

fn options(name: &str) -> RunnerOptions {
    RunnerOptions::new()
        // Each look is a write for the server.
        .query_interval(Duration::from_secs(1))
        .arguments(program::arguments())
        .add_env("PREFECT_LOCAL_STORAGE_PATH", room(name).to_string_lossy())
}

fn deployments(flows: &[&str], name: &str) -> Vec<RunnerDeployment> {
    let flows = flows.iter();
    flows
        .map(|flow| RunnerDeployment::new(*flow, name))
        .collect()
}

/// A runner of one of the faces, with what is changed of its options.
type Serve = fn(&[&str], fn(RunnerOptions) -> RunnerOptions) -> Serving;

fn serve(flows: &[&str], change: fn(RunnerOptions) -> RunnerOptions) -> Serving {
    serve_as(server::unique("runner"), flows, change)
}

/// A runner of deployments with that name, which others may have as well.
fn serve_as(name: String, flows: &[&str], change: fn(RunnerOptions) -> RunnerOptions) -> Serving {
    let runner = Runner::new(&server::client(), &change(options(&name)));
    let ids = deployments(flows, &name);
    let ids = ids
        .iter()
        .map(|deployment| patiently(|| runner.add_deployment(deployment)));
    serving(name, ids.collect(), runner)
}

/// It has these deployments, of that name.
fn serving(name: String, ids: Vec<Uuid>, runner: Runner) -> Serving {
    let runs = runner.clone();
    Serving {
        room: room(&name),
        name,
        ids,
        stop: Box::new(move || runner.stop()),
        ends: Some(std::thread::spawn(move || runs.start())),
    }
}

fn aserve(flows: &[&str], change: fn(RunnerOptions) -> RunnerOptions) -> Serving {
    let name = server::unique("runner");
    let runner = AsyncRunner::new(&server::async_client(), &change(options(&name)));
    let deployments = deployments(flows, &name);
    let ids = server::run(async {
        let mut ids = Vec::new();
        for deployment in &deployments {
            ids.push(aadded(&runner, deployment).await);
        }
        ids
    });
    let runs = runner.clone();
    Serving {
        room: room(&name),
        name,
        ids,
        stop: Box::new(move || runner.stop()),
        ends: Some(std::thread::spawn(move || server::run(runs.start()))),
    }
}

/// Where the server is too busy to answer, it is asked again.
async fn aadded(runner: &AsyncRunner, deployment: &RunnerDeployment) -> Uuid {
    let limit = Instant::now() + Duration::from_mins(4);
    loop {
        match runner.add_deployment(deployment).await {
            Ok(id) => return id,
            Err(error) => assert!(Instant::now() < limit, "{error}"),
        }
    }
}

const FACES: [Serve; 2] = [serve, aserve];

impl Serving {
    /// A run that is due now.
    fn due(&self, deployment: usize, parameters: Value) -> Uuid {
        let parameters: Map<String, Value> = serde_json::from_value(parameters).unwrap();
        // Where the server is too busy to answer, the same is asked for again.
        let body = DeploymentFlowRunCreate::new()
            .parameters(parameters)
            .idempotency_key(server::unique("run"));
        let (client, id) = (server::client(), self.ids[deployment]);
        server::patiently(|| client.create_flow_run_from_deployment(id, &body)).id
    }

    fn stop(&mut self) {
        let ended = self.ended();
        ended.expect("it is not stopped yet").unwrap().unwrap();
    }

    /// Stops it, and says how it ended; `None` where it was stopped before.
    fn ended(&mut self) -> Option<std::thread::Result<Result<(), Error>>> {
        let ends = self.ends.take()?;
        // It may not have started yet.
        let limit = Instant::now() + Duration::from_mins(1);
        while (self.stop)().is_err() && Instant::now() < limit {
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(ends.join())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Also where the test has failed: its processes would go on.
        if let Some(ended) = self.ended()
            && !std::thread::panicking()
        {
            ended.unwrap().unwrap();
        }
        drop(std::fs::remove_dir_all(&self.room));
    }
}

fn as_they_are(options: RunnerOptions) -> RunnerOptions {
    options
}

const RUN_DEPLOYMENT: &str = r"
import time, uuid
from prefect.deployments import run_deployment
from prefect.exceptions import PrefectHTTPStatusError
def patiently(name, parameters, key):
    # Where the server is too busy to answer, the same is asked for again.
    while True:
        try:
            return run_deployment(name=name, parameters=parameters, timeout=120, poll_interval=0.2, idempotency_key=key)
        except PrefectHTTPStatusError:
            time.sleep(0.5)
found = []
for name, parameters in arguments['runs']:
    run = patiently(name, parameters, str(uuid.uuid4()))
    result = run.state.result(raise_on_failure=False) if run.state.data else None
    found.append([run.state.type.value, result])
answer(found)
";

#[test]
fn python_runs_what_rust_serves_and_reads_what_it_gives() {
    let serving = FACES.map(|serve| serve(&[ADD, DOUBLE], as_they_are));
    let runs: Vec<Value> = serving
        .iter()
        .flat_map(|serving| {
            [
                json!([format!("{ADD}/{}", serving.name), {"x": 40, "y": 2}]),
                json!([format!("{DOUBLE}/{}", serving.name), {"x": 4}]),
            ]
        })
        .collect();
    let found = python::run(RUN_DEPLOYMENT, &json!({"runs": runs}));
    let (added, doubled) = (json!(["COMPLETED", 42]), json!(["COMPLETED", null]));
    assert_eq!(found, json!([added, doubled, added, doubled]));
}

#[test]
fn a_process_that_says_nothing_leaves_no_run_behind() {
    for serve in FACES {
        let serving = serve(&[LEAVE], as_they_are);
        let ways = [
            ("0", "exited cleanly"),
            ("3", "status code: 3"),
            ("abort", "status code: -6"),
        ];
        let left = ways.map(|(way, why)| (serving.due(0, json!({"parameter": way})), why));
        for (id, why) in left {
            runs::until(id, &StateType::Crashed);
            let (_, message, _) = program::ended(id);
            assert!(message.contains(why), "{message}");
        }
    }
}

const CANCEL: &str = r"
import asyncio
from prefect import get_client
from prefect.states import Cancelling
async def main():
    async with get_client() as client:
        for id in arguments['runs']:
            await client.set_flow_run_state(id, Cancelling())
asyncio.run(main())
answer(None)
";

#[test]
fn what_python_cancels_ends_and_is_cancelled() {
    let serving = FACES.map(|serve| serve(&[SLEEP], as_they_are));
    let running = serving
        .each_ref()
        .map(|serving| serving.due(0, json!({"parameter": 600_000})));
    for id in running {
        runs::until(id, &StateType::Running);
    }
    python::run(CANCEL, &json!({"runs": running}));
    for id in running {
        let run = runs::until(id, &StateType::Cancelled);
        assert_eq!(run.run_count, 1);
    }
}

#[test]
fn a_runner_that_stops_ends_its_runs_and_pauses_its_deployments() {
    for serve in FACES {
        let mut serving = serve(&[SLEEP], |options| options.grace(Duration::from_secs(3)));
        let id = serving.due(0, json!({"parameter": 600_000}));
        runs::until(id, &StateType::Running);
        serving.stop();
        let (type_, message, _) = program::ended(id);
        assert_eq!(
            (type_, &*message),
            (StateType::Cancelled, "Runner is shutting down.")
        );
        let client = server::client();
        let is_paused = || server::patiently(|| client.read_deployment(serving.ids[0])).paused;
        assert!(is_paused());
        // Whoever serves it again has runs of it.
        let again = RunnerDeployment::new(SLEEP, &serving.name);
        patiently(|| again.apply(&client));
        assert!(!is_paused());
    }
}

/// When a run ran.
fn time(run: &FlowRunResponse) -> (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>) {
    (run.start_time.unwrap(), run.end_time.unwrap())
}

#[test]
fn there_are_as_many_at_once_as_the_limit_says_and_each_runs_once() {
    for serve in FACES {
        // Two runners of one deployment.
        let one = |options: RunnerOptions| options.limit(1).pause_on_shutdown(false);
        let serving = serve(&[SLEEP], one);
        let other = serve_as(serving.name.clone(), &[SLEEP], one);
        assert_eq!(other.ids, serving.ids);
        let due: Vec<Uuid> = (0..4)
            .map(|_| serving.due(0, json!({"parameter": 100})))
            .collect();
        let ended = due.iter().map(|id| runs::until(*id, &StateType::Completed));
        let mut ended: Vec<FlowRunResponse> = ended.collect();
        ended.sort_by_key(|run| run.start_time);
        for runs in ended.windows(3) {
            // Two at a time, so that the third begins after one of the others.
            let first = time(&runs[0]).1.min(time(&runs[1]).1);
            assert!(time(&runs[2]).0 >= first, "three at once");
        }
        assert!(ended.iter().all(|run| run.run_count == 1));
        // Each has room for one.
        let both = [(); 2].map(|()| serving.due(0, json!({"parameter": 600_000})));
        for id in both {
            assert_eq!(runs::until(id, &StateType::Running).run_count, 1);
        }
    }
}

#[test]
fn a_run_that_is_retried_stays_with_its_process() {
    for serve in FACES {
        let leave = |options: RunnerOptions| options.pause_on_shutdown(false);
        let mut serving = serve(&[RETRY], leave);
        let mut other = serve_as(serving.name.clone(), &[RETRY], leave);
        let id = serving.due(0, json!({}));
        runs::until(id, &StateType::Completed);
        other.stop();
        serving.stop();
        let (type_, _, count) = program::ended(id);
        assert_eq!((type_, count), (StateType::Completed, 2));
    }
}

#[test]
fn hooks_of_runs_that_can_not_call_them_any_more_are_called_by_the_runner_once() {
    let (file, name) = (program::file(), server::unique("runner"));
    let options = options(&name).add_env(program::HOOKS_FILE, &file);
    let runner = Runner::new(&server::client(), &options.grace(Duration::from_secs(1)));
    let deployment = program::hooked(&file).to_deployment(&*name);
    let serving = serving(
        name,
        vec![patiently(|| runner.add_deployment(&deployment))],
        runner,
    );
    let [crashed, cancelled] =
        ["abort", "sleep"].map(|way| serving.due(0, json!({"parameter": way})));
    runs::until(crashed, &StateType::Crashed);
    runs::until(cancelled, &StateType::Running);
    runs::set(&server::client(), cancelled, StateType::Cancelling);
    runs::until(cancelled, &StateType::Cancelled);
    // They are called after the state is told, and before it stops.
    drop(serving);
    let mut called = program::read(&file);
    for (id, state) in [(crashed, "CRASHED"), (cancelled, "CANCELLING")] {
        let line = format!("{} {id} {state}\n", std::process::id());
        assert!(called.contains(&line), "{called}");
        called = called.replacen(&line, "", 1);
    }
    assert_eq!(called, "");
}
