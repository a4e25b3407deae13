//! The commands against a real server.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use prefect_sdk::client::models::{
    DeploymentFlowRunCreate, DeploymentResponse, DeploymentStatus, FlowRunFilter,
    FlowRunFilterTags, FlowRunResponse, StateType, WorkPoolCreate,
};
use prefect_sdk::client::requests::ReadFlowRuns;
use prefect_sdk::client::{ErrorExt as _, PrefectClient};
use serde_json::json;

fn api_url() -> String {
    std::env::var("PREFECT_TEST_API_URL").expect("`cargo xtask test` says where the server is")
}

/// Does what may be done twice until the server is not too busy to answer.
fn patiently<T>(act: impl Fn() -> Result<T, prefect_sdk::client::Error>) -> T {
    let limit = Instant::now() + Duration::from_mins(3);
    loop {
        match act() {
            Ok(done) => return done,
            Err(error) => assert!(Instant::now() < limit, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_stations"));
    program.env("PREFECT_API_URL", api_url());
    program.env("PREFECT_LOCAL_STORAGE_PATH", own("results"));
    program.env_remove("PREFECT__FLOW_RUN_ID").args(arguments);
    program
}

/// What nobody else has.
fn unique(name: &str) -> String {
    let time = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("{name}-{}-{}", std::process::id(), time.as_nanos())
}

fn own(name: &str) -> PathBuf {
    std::env::temp_dir().join(unique(name))
}

fn data() -> String {
    format!("input={}/data/stations.csv", env!("CARGO_MANIFEST_DIR"))
}

/// Calls it until the server is not too busy for it.
fn done(arguments: &[&str]) -> Output {
    let limit = Instant::now() + Duration::from_mins(3);
    loop {
        let output = program(arguments).output().expect("the program runs");
        if output.status.success() || Instant::now() > limit {
            return output;
        }
    }
}

fn runs_of(tag: &str) -> Vec<FlowRunResponse> {
    let tags = FlowRunFilterTags::new().all([tag]);
    let filter = ReadFlowRuns::new().flow_runs(FlowRunFilter::new().tags(tags));
    let client = PrefectClient::new(&api_url()).expect("a client");
    patiently(|| client.read_flow_runs_with(&filter))
}

#[test]
fn a_flow_is_run_and_its_report_is_there() {
    let (tag, report) = (unique("run"), own("report"));
    let output = format!("output={}", report.display());
    let arguments = [
        "prefect",
        "run",
        "stations",
        "-p",
        &data(),
        "-p",
        &output,
        "--tag",
        &tag,
    ];
    let called = done(&arguments);
    assert!(called.status.success(), "{called:?}");
    let said = String::from_utf8_lossy(&called.stdout);
    assert!(
        said.contains("begins.") && said.contains(" is Completed"),
        "{said}"
    );
    let written = std::fs::read_to_string(&report).unwrap();
    assert!(written.contains("Bergen,3,-0.5,2.5,1.0\n"), "{written}");
    drop(std::fs::remove_file(&report));
    assert!(
        runs_of(&tag)
            .iter()
            .any(|run| run.state_type == Some(StateType::Completed))
    );
}

#[test]
fn flows_are_deployed_to_a_work_pool() {
    let client = PrefectClient::new(&api_url()).expect("a client");
    let (pool, name) = (unique("pool"), unique("nightly"));
    let arguments = [
        "prefect",
        "deploy",
        "--name",
        &name,
        "--pool",
        &pool,
        "-p",
        &data(),
        "--cron",
        "0 5 * * *",
    ];
    let missing = program(&arguments).output().expect("the program runs");
    assert_eq!(missing.status.code(), Some(1));
    let template = json!({
        "job_configuration": {"command": "{{ command }}"},
        "variables": {"type": "object", "properties": {"command": {"type": "string"}}},
    });
    let mut new = WorkPoolCreate::new(&pool).type_("process");
    new.base_job_template = serde_json::from_value(template).unwrap();
    // It may be made although the server was too busy to say so.
    patiently(|| match client.create_work_pool(&new) {
        Err(error) if error.is_already_exists() => Ok(()),
        made => made.map(drop),
    });
    let called = done(&arguments);
    assert!(called.status.success(), "{called:?}");
    let deployment = patiently(|| client.read_deployment_by_name("stations", &name));
    assert_eq!(deployment.work_pool_name.as_deref(), Some(&*pool));
    assert_eq!(deployment.schedules.len(), 1);
    assert!(
        deployment.parameters["input"]
            .as_str()
            .unwrap()
            .ends_with("stations.csv")
    );
    patiently(|| client.delete_deployment(deployment.id));
}

/// A program that serves a deployment; it is gone when this is dropped.
#[cfg(unix)]
struct Served(std::process::Child, DeploymentResponse);

#[cfg(unix)]
impl Served {
    /// Where the server is too busy when it begins, it begins again.
    fn begin(arguments: &[&str], name: &str) -> Self {
        let client = PrefectClient::new(&api_url()).expect("a client");
        let limit = Instant::now() + Duration::from_mins(4);
        let begin = || {
            let mut program = program(arguments);
            program.env("PREFECT_RUNNER_POLL_FREQUENCY", "1");
            program.spawn().expect("the program runs")
        };
        let mut child = begin();
        loop {
            match client.read_deployment_by_name("stations", name) {
                // The server has it before the program has heard so.
                Ok(made) if is_ready(&made) => return Self(child, made),
                _ if child.try_wait().unwrap().is_some() => child = begin(),
                _ => {}
            }
            if Instant::now() > limit {
                drop(child.kill());
                panic!("it is not served");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// A runner has looked for runs of it.
#[cfg(unix)]
fn is_ready(deployment: &DeploymentResponse) -> bool {
    deployment.status == Some(DeploymentStatus::Ready)
}

#[cfg(unix)]
impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What is served is paused when the program is told to end.
#[cfg(unix)]
#[test]
fn a_flow_is_served_until_the_program_is_told_to_end() {
    let client = PrefectClient::new(&api_url()).expect("a client");
    let (name, report) = (unique("served"), own("report"));
    let (data, output) = (data(), format!("output={}", report.display()));
    let arguments = [
        "prefect", "serve", "stations", "--name", &name, "-p", &data, "-p", &output,
    ];
    let mut served = Served::begin(&arguments, &name);
    let id = served.1.id;
    let due = DeploymentFlowRunCreate::new().idempotency_key(unique("run"));
    let run = patiently(|| client.create_flow_run_from_deployment(id, &due)).id;
    let limit = Instant::now() + Duration::from_mins(4);
    while patiently(|| client.read_flow_run(run)).state_type != Some(StateType::Completed) {
        assert!(Instant::now() < limit, "the run does not end");
        std::thread::sleep(Duration::from_millis(200));
    }
    let told = format!("kill -TERM {}", served.0.id());
    let told = Command::new("sh").args(["-c", &told]).status();
    assert!(told.unwrap().success());
    assert_eq!(served.0.wait().unwrap().code(), Some(0));
    let written = std::fs::read_to_string(&report).unwrap();
    assert!(written.contains("Bergen,3,"), "{written}");
    drop(std::fs::remove_file(&report));
    assert!(patiently(|| client.read_deployment(id)).paused);
    patiently(|| client.delete_deployment(id));
}
