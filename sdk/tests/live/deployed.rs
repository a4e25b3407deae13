//! Deployments to work pools, whose runs Python's standard worker executes as processes of this program; and flows of Python's that a
//! Rust runner serves.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{DeploymentFlowRunCreate, StateType, WorkPoolCreate};
use prefect_sdk::deployments::{
    DeployOptions, Deployed, GitRepository, Image, RunSchedule, RunnerDeployment, Source,
};
use prefect_sdk::filesystems::LocalFileSystem;
use prefect_sdk::flows::{AsyncFlow, Flow};
use prefect_sdk::runner::{AsyncRunner, Runner, RunnerOptions};
use prefect_sdk::{Error, deployments};
use serde_json::json;
use uuid::Uuid;

use crate::program::{self, ADD, DOUBLE};
use crate::room::Room;
use crate::runner::patiently;
use crate::{faces, runs, server};

/// A work pool of that type.
fn pool(type_: &str, template: serde_json::Value) -> String {
    let (client, name) = (server::client(), server::unique("pool"));
    let mut new = WorkPoolCreate::new(&name).type_(type_);
    new.base_job_template = serde_json::from_value(template).unwrap();
    server::patiently(|| client.create_work_pool(&new));
    name
}

/// What the pools of Python's process workers have.
fn process() -> String {
    let template = json!({
        "job_configuration": {"command": "{{ command }}", "env": "{{ env }}", "working_dir": "{{ working_dir }}", "labels": "{{ labels }}", "name": "{{ name }}", "stream_output": "{{ stream_output }}"},
        "variables": {"type": "object", "properties": {
            "command": {"type": "string"}, "env": {"type": "object"}, "working_dir": {"type": "string"}, "labels": {"type": "object"}, "name": {"type": "string"}, "stream_output": {"type": "boolean", "default": true}}},
    });
    pool("process", template)
}

/// A run of a deployment that is due now.
pub(crate) fn due(deployment: Uuid, parameters: &serde_json::Value) -> Uuid {
    let parameters = parameters.as_object().unwrap().clone();
    let body = DeploymentFlowRunCreate::new()
        .parameters(parameters)
        .idempotency_key(server::unique("run"));
    let client = server::client();
    server::patiently(|| client.create_flow_run_from_deployment(deployment, &body)).id
}

/// Python's worker looks once, runs what it finds, and ends; until it has found all of them.
fn work(pool: &str, runs: &[Uuid]) {
    let (room, client) = (Room::new("worker"), server::client());
    let interpreter = std::env::var("PREFECT_TEST_PYTHON").unwrap();
    let worker = ["-m", "prefect", "worker", "start", "--type", "process"];
    for _ in 0..5 {
        let mut command = Command::new(&interpreter);
        let ended = command
            .args(worker)
            .args(["--run-once", "--pool", pool])
            .env("PREFECT_API_URL", server::api_url())
            .env("PREFECT_HOME", room.text())
            .env("PREFECT_LOCAL_STORAGE_PATH", room.text())
            .stdin(Stdio::null())
            .status();
        assert!(ended.is_ok());
        let is_begun = |id: &Uuid| {
            let run = server::patiently(|| client.read_flow_run(*id));
            run.state_type != Some(StateType::Scheduled)
        };
        if runs.iter().all(is_begun) {
            return;
        }
    }
}

#[dual(faces, map(adeploy_with => deploy_with, adeploy_some => deploy_some))]
async fn adeploy_some(client: &AsyncPrefectClient, pool: &str) -> Result<Vec<Uuid>, Error> {
    let arguments = DeployOptions::new().arguments(program::arguments());
    let name = server::unique("deployed");
    let given = [
        RunnerDeployment::new(ADD, &name),
        // The server does not take it.
        RunnerDeployment::new(ADD, format!("{name}-bad")).schedules([RunSchedule::cron("at dawn")]),
        RunnerDeployment::new(DOUBLE, &name),
    ];
    let deployed = deployments::adeploy_with(client, &given, pool, &arguments).await?;
    let [add, bad, double] = deployed.try_into().expect("three");
    assert_eq!(bad.name, format!("{ADD}/{name}-bad"));
    assert!(bad.outcome.is_err());
    Ok(vec![add.outcome?, double.outcome?])
}

#[test]
fn python_s_process_worker_runs_what_is_deployed() {
    let pool = process();
    let mut deployed = patiently(|| deploy_some(&server::client(), &pool));
    let aclient = server::async_client();
    deployed.extend(patiently(|| server::run(adeploy_some(&aclient, &pool))));
    let parameters = json!({"x": 4});
    let runs: Vec<Uuid> = deployed.iter().map(|id| due(*id, &parameters)).collect();
    work(&pool, &runs);
    for id in runs {
        let run = runs::until(id, &StateType::Completed);
        assert_eq!(run.run_count, 1);
    }
}

/// Where the program's path says what runs.
#[test]
fn a_flow_is_deployed_alone_in_either_face() {
    let pool = process();
    let (name, client) = (server::unique("alone"), server::client());
    let flow = Flow::new(&*name, |_, (): ()| Ok::<_, String>(()));
    let id = patiently(|| flow.deploy(&client, "blocking", &pool));
    let aflow = AsyncFlow::new(&*name, |_, (): ()| async { Ok::<_, String>(()) });
    let (aclient, pool) = (server::async_client(), &*pool);
    patiently(|| server::run(aflow.deploy(&aclient, "async", pool)));
    let deployment = server::patiently(|| client.read_deployment(id));
    let own = std::env::current_exe().unwrap();
    assert_eq!(deployment.job_variables["command"], own.to_str().unwrap());
    assert_eq!(deployment.work_pool_name.as_deref(), Some(pool));
}

/// Deploying fails, and says that.
fn refused(text: &str, deploy: impl Fn() -> Result<Vec<Deployed>, Error>) {
    let limit = Instant::now() + Duration::from_mins(4);
    loop {
        let error = deploy().expect_err("it is refused");
        // The server may be too busy to say so.
        if error.to_string().contains(text) {
            return;
        }
        assert!(Instant::now() < limit, "{error}");
    }
}

#[test]
fn what_a_pool_can_not_run_is_refused_before_anything_is_built() {
    let (client, nowhere) = (server::client(), server::unique("nowhere"));
    let given = [RunnerDeployment::new(ADD, server::unique("refused"))];
    // It would not be found, if it was asked for.
    let image = Image::new("shop:1").program("prefect-no-such-docker");
    let with_image = DeployOptions::new().image(image);
    refused(&nowhere, || deployments::deploy(&client, &given, &nowhere));
    let processes = process();
    let what = "takes no images";
    refused(what, || {
        deployments::deploy_with(&client, &given, &processes, &with_image)
    });
    let template = json!({"job_configuration": {"image": "{{ image }}"}, "variables": {"type": "object", "properties": {"image": {"type": "string"}}}});
    let docker = pool("docker", template);
    refused("DeployOptions::image", || {
        deployments::deploy(&client, &given, &docker)
    });
    let what = "install Docker";
    refused(what, || {
        deployments::deploy_with(&client, &given, &docker, &with_image)
    });
    let is_there = || client.read_deployment_by_name(ADD, &given[0].name).is_ok();
    assert!(!is_there());
    // Where it is there already, nothing builds it.
    let is_built = with_image.is_built(true);
    let deployed = patiently(|| deployments::deploy_with(&client, &given, &docker, &is_built));
    let id = *deployed[0].outcome.as_ref().unwrap();
    let deployment = server::patiently(|| client.read_deployment(id));
    assert_eq!(deployment.job_variables["image"], "shop:1");
}

const FLOWS: &str = r"
from prefect import flow

@flow(persist_result=True, result_serializer='json')
def sourced_sum(x: int, y: int = 1):
    return x + y

def noted(flow, run, state):
    with open(run.parameters['file'], 'a') as file:
        file.write(f'{run.id} {state.type.value}\n')

@flow(on_cancellation=[noted], on_crashed=[noted])
def sourced_sleep(file: str):
    import time
    time.sleep(600)
";

/// Code of Python's in a git repository.
fn repository(room: &Room) -> String {
    room.write("code/flows.py", FLOWS.as_bytes());
    let directory = room.0.join("code");
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        let who = [
            "-c",
            "user.name=test",
            "-c",
            "user.email=test@example.com",
            "-c",
            "commit.gpgsign=false",
        ];
        let git = git.args(who).args(arguments).current_dir(&directory);
        assert!(git.output().unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "flows.py"]);
    git(&["commit", "--quiet", "--message=flows"]);
    format!("file://{}", directory.display())
}

/// In each way that code can be elsewhere.
#[test]
fn a_rust_runner_serves_flows_of_python() {
    let room = Room::new("sourced");
    let (client, aclient) = (server::client(), server::async_client());
    let git = GitRepository::new(repository(&room)).branch("main");
    let code = room.0.join("code");
    let block = server::unique("code");
    prefect_sdk::blocks::Block::save(
        LocalFileSystem::new(code.to_str().unwrap()),
        &client,
        &block,
    )
    .unwrap();
    let options = RunnerOptions::new()
        .query_interval(Duration::from_secs(1))
        .python(std::env::var("PREFECT_TEST_PYTHON").unwrap())
        .add_env("PREFECT_HOME", room.text())
        .pause_on_shutdown(false);
    let name = server::unique("sourced");
    let runner = Runner::new(&client, &options);
    let flow = Flow::from_source(git, "flows.py:sourced_sum");
    let first = patiently(|| runner.add_deployment(&flow.to_deployment(&*name)));
    let arunner = AsyncRunner::new(&aclient, &options);
    let source = Source::block("local-file-system", &*block);
    let flow = AsyncFlow::from_source(source.clone(), "flows.py:sourced_sum");
    let deployment = flow.to_deployment(format!("{name}-async"));
    let second = patiently(|| server::run(arunner.add_deployment(&deployment)));
    // What is there already is where it is.
    let place = patiently(|| server::run(arunner.add_storage(source.clone())));
    assert_eq!(place, code);
    assert!(
        runner
            .add_storage("./there-is-no-such-code")
            .unwrap_err()
            .is_not_found()
    );
    let ids = [first, second].map(|id| due(id, &json!({"x": 41})));
    let (one, other) = (runner.clone(), arunner.clone());
    let ends = [
        std::thread::spawn(move || one.start()),
        std::thread::spawn(move || server::run(other.start())),
    ];
    let runs = std::panic::catch_unwind(|| ids.map(|id| runs::until(id, &StateType::Completed)));
    drop((runner.stop(), arunner.stop()));
    for end in ends {
        end.join().unwrap().unwrap();
    }
    for run in runs.unwrap() {
        assert_eq!(run.run_count, 1);
        let data = run.state.unwrap().data.unwrap();
        let key = data["storage_key"].as_str().unwrap();
        assert_eq!(std::fs::read_to_string(key).unwrap(), "42");
    }
}

/// Nobody but its own process has its hooks.
#[test]
fn the_hooks_of_a_python_flow_that_is_cancelled_are_called_once() {
    let room = Room::new("hooked");
    let client = server::client();
    room.write("code/flows.py", FLOWS.as_bytes());
    let code = room.0.join("code");
    let options = RunnerOptions::new()
        .query_interval(Duration::from_secs(1))
        .python(std::env::var("PREFECT_TEST_PYTHON").unwrap())
        .add_env("PREFECT_HOME", room.text())
        .pause_on_shutdown(false);
    let runner = Runner::new(&client, &options);
    let flow = Flow::from_source(code.to_str().unwrap(), "flows.py:sourced_sleep");
    let deployment = flow.to_deployment(server::unique("hooked"));
    let id = patiently(|| runner.add_deployment(&deployment));
    let file = room.0.join("called");
    let id = due(id, &json!({"file": file}));
    let runs = runner.clone();
    let ends = std::thread::spawn(move || runs.start());
    let cancelled = std::panic::catch_unwind(|| {
        runs::until(id, &StateType::Running);
        runs::set(&server::client(), id, StateType::Cancelling);
        runs::until(id, &StateType::Cancelled)
    });
    // It waits until the process has ended.
    drop(runner.stop());
    ends.join().unwrap().unwrap();
    cancelled.unwrap();
    let called = std::fs::read_to_string(file).unwrap();
    assert_eq!(called, format!("{id} CANCELLING\n"));
}

#[test]
fn a_runner_serves_flows_of_its_own_program_that_are_added() {
    let (client, name) = (server::client(), server::unique("added"));
    let flow = Flow::new(ADD, |_, (): ()| Ok::<_, String>(()));
    let runner = Runner::new(&client, &RunnerOptions::new());
    let id = patiently(|| runner.add_flow(&flow, &*name));
    let aflow = AsyncFlow::new(ADD, |_, (): ()| async { Ok::<_, String>(()) });
    let runner = AsyncRunner::new(&server::async_client(), &RunnerOptions::new());
    let again = patiently(|| server::run(runner.add_flow(&aflow, &*name)));
    assert_eq!(again, id);
}
