//! Deployments whose runs Python executes.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::models::{FlowRunResponse, StateType};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::deployments::{self, RunDeploymentOptions};
use prefect_sdk::flow_runs::{self, ResumeFlowRunOptions};
use serde_json::{Value, json};

use crate::{python, runs, server};

/// Long enough for processes of Python to start on a slow machine: a bound against hangs.
const PATIENCE: Duration = Duration::from_mins(2);

const FLOWS: &str = r"
from prefect import flow
from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput

class Approval(RunInput):
    approved: bool

@flow(persist_result=True, result_serializer='json')
def add(x: int, y: int = 1):
    return x + y

@flow(persist_result=True, result_serializer='json')
def ask():
    return pause_flow_run(wait_for_input=Approval, timeout=60, poll_interval=1).approved
";

const SERVE: &str = r"
import os, sys, threading
os.environ.update(arguments['environment'])
os.chdir(arguments['directory'])
sys.path.insert(0, arguments['directory'])
# Whatever happens to the test, this ends.
def end():
    os._exit(1)
timer = threading.Timer(180, end)
timer.daemon = True
timer.start()
import flows
from prefect import serve
deployments = [f.to_deployment(name=arguments['name']) for f in (flows.add, flows.ask)]
serve(*deployments, pause_on_shutdown=False, print_starting_message=False)
";

/// A process that serves `add` and `ask`, and the directory that it works in. Both go when it is dropped.
struct Served {
    process: Child,
    directory: PathBuf,
    name: String,
}

impl Served {
    fn start() -> Self {
        let name = server::unique("served");
        let directory = std::env::temp_dir().join(&name);
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join("flows.py"), FLOWS).unwrap();
        let environment = json!({
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
            "PREFECT_HOME": directory.join("home"),
        });
        let process = python::start(
            SERVE,
            &json!({"directory": directory, "name": name, "environment": environment}),
        );
        let served = Self {
            process,
            directory,
            name,
        };
        served.wait_ready();
        served
    }

    /// The server takes runs as soon as it knows the deployments.
    fn wait_ready(&self) {
        let (client, limit) = (server::client(), Instant::now() + PATIENCE);
        while client.read_deployment_by_name("ask", &self.name).is_err() {
            assert!(Instant::now() < limit, "the deployments aren't there");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended, and the directory may be one that it still writes to: the system tidies up then.
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

/// What a run that stored its result as JSON has returned.
fn result(run: &FlowRunResponse) -> Value {
    let state = run.state.as_ref().unwrap();
    assert_eq!(state.type_, StateType::Completed, "{:?}", state.message);
    let key = state.data.as_ref().unwrap()["storage_key"]
        .as_str()
        .unwrap();
    serde_json::from_slice(&std::fs::read(Path::new(key)).unwrap()).unwrap()
}

#[dual(crate::faces)]
async fn arun_add(client: &AsyncPrefectClient, served: &str, x: i64) -> Result<Value, Error> {
    let how = RunDeploymentOptions::new()
        .parameters([("x", x)])
        .timeout(PATIENCE);
    let run = deployments::arun_deployment_with(client, format!("add/{served}"), &how).await?;
    Ok(result(&run))
}

#[dual(crate::faces)]
async fn aanswer(client: &AsyncPrefectClient, served: &str, yes: bool) -> Result<Value, Error> {
    let how = RunDeploymentOptions::new().timeout(PATIENCE);
    let handle = deployments::astart_deployment_with(client, format!("ask/{served}"), &how).await?;
    runs::until(handle.id(), &StateType::Paused);
    let input = ResumeFlowRunOptions::new().run_input([("approved", yes)]);
    // Python stores what it asks for after it pauses.
    let limit = Instant::now() + PATIENCE;
    while let Err(error) = flow_runs::aresume_flow_run_with(client, handle.id(), &input).await {
        assert!(error.is_refused() && Instant::now() < limit, "{error}");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(result(&handle.await?))
}

#[test]
fn python_executes_what_rust_runs_and_goes_on_when_rust_resumes() {
    let served = Served::start();
    let name = served.name.as_str();
    let (blocking, asynchronous) = (server::client(), server::async_client());
    thread::scope(|scope| {
        let both = [
            scope.spawn(|| run_add(&blocking, name, 41).unwrap()),
            scope.spawn(|| server::run(arun_add(&asynchronous, name, 1)).unwrap()),
            scope.spawn(|| answer(&blocking, name, true).unwrap()),
            scope.spawn(|| server::run(aanswer(&asynchronous, name, false)).unwrap()),
        ];
        let results = both.map(|thread| thread.join().unwrap());
        assert_eq!(results, [json!(42), json!(2), json!(true), json!(false)]);
    });
}
