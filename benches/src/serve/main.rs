//! What a served run takes: `URL SERVED…` has a program serve a flow, gives it runs, and prints what that program and its processes
//! took for each, and how late they began; `serve NAME` is such a program.
//!
//! Half of the runs are due some time later, so that they are taken before, and the others at once.

use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::{DeploymentFlowRunCreate, StateCreate, StateDetails, StateType};
use prefect_sdk::flows::{Flow, FlowRun};
use prefect_sdk::runner::{Runner, RunnerOptions};
use serde_json::json;
use uuid::Uuid;

/// As Python names it, too.
const FLOW: &str = "bench-served";
/// Of each kind.
const RUNS: u32 = 6;
const AHEAD: Duration = Duration::from_secs(20);
const APART: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_mins(5);

fn main() -> Result<()> {
    let flow = Flow::new(FLOW, |_: FlowRun, (): ()| Ok::<_, String>(()));
    prefect_sdk::run(&[&flow]);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["serve", name] => serve(&flow, name),
        [url, ref served @ ..] if !served.is_empty() => drive(url, served),
        _ => bail!("usage: bench-serve URL SERVED…, or bench-serve serve NAME"),
    }
}

fn serve(flow: &Flow<(), (), String>, name: &str) -> Result<()> {
    let client = PrefectClient::from_env()?;
    let options = RunnerOptions::new()
        .pause_on_shutdown(false)
        .progress(false);
    let runner = Runner::new(&client, &options);
    runner.add_flow(flow, name)?;
    Ok(runner.start()?)
}

/// A program that serves; it goes with this.
struct Served(Child);

impl Served {
    /// Processor time of it and of its processes that have ended.
    fn cpu_s(&self) -> Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // What comes before is its name, in which there may be anything.
        let (_, rest) = text.rsplit_once(") ").context("no such line")?;
        let times = rest.split(' ').skip(11).take(4);
        let ticks: f64 = times.filter_map(|time| time.parse::<f64>().ok()).sum();
        // The system's unit, wherever Linux runs.
        Ok(ticks / 100.0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn drive(url: &str, served: &[&str]) -> Result<()> {
    let client = PrefectClient::new(url)?;
    let name = format!("bench-{}", Uuid::new_v4());
    let (program, arguments) = served.split_first().context("a program")?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(&name)
        .env("PREFECT_API_URL", url);
    let served = Served(command.spawn().context("what serves")?);
    let limit = Instant::now() + PATIENCE;
    let deployment = loop {
        match client.read_deployment_by_name(FLOW, &name) {
            Ok(deployment) => break deployment.id,
            Err(error) if Instant::now() > limit => return Err(error.into()),
            Err(_) => thread::sleep(Duration::from_millis(200)),
        }
    };
    // It has begun, and has looked for the first time.
    thread::sleep(Duration::from_secs(5));
    let before = served.cpu_s()?;
    let (mut late, mut begins) = (Vec::new(), Vec::new());
    for (id, due) in made(&client, deployment)? {
        let (pending, running) = ended(&client, id)?;
        match due {
            Some(due) => late.push(ms(running - due)),
            None => begins.push(ms(running - pending)),
        }
    }
    // The processes have ended as well.
    thread::sleep(Duration::from_secs(5));
    let cpu_s = served.cpu_s()? - before;
    let runs = f64::from(2 * RUNS);
    let told = json!({"runs": 2 * RUNS, "cpu_ms": 1e3 * cpu_s / runs, "late_ms": late, "begins_ms": begins});
    println!("{told}");
    Ok(())
}

type Time = DateTime<Utc>;

fn ms(time: TimeDelta) -> f64 {
    time.as_seconds_f64() * 1e3
}

/// Runs, with the time that they are due at where that is later.
fn made(client: &PrefectClient, deployment: Uuid) -> Result<Vec<(Uuid, Option<Time>)>> {
    let mut runs = Vec::new();
    let now = Utc::now();
    for number in 0..RUNS {
        let due = now + AHEAD + number * APART;
        let details = StateDetails::new().scheduled_time(due);
        let state = StateCreate::new(StateType::Scheduled).state_details(details);
        let later = DeploymentFlowRunCreate::new().state(state);
        let later = client.create_flow_run_from_deployment(deployment, &later)?;
        runs.push((later.id, Some(due)));
    }
    for _ in 0..RUNS {
        let run = DeploymentFlowRunCreate::new();
        let run = client.create_flow_run_from_deployment(deployment, &run)?;
        runs.push((run.id, None));
    }
    Ok(runs)
}

/// When a run that has completed was pending, and began to run.
fn ended(client: &PrefectClient, id: Uuid) -> Result<(Time, Time)> {
    let limit = Instant::now() + PATIENCE;
    loop {
        let run = client.read_flow_run(id)?;
        if run.state_type == Some(StateType::Completed) {
            break;
        }
        ensure!(Instant::now() < limit, "the run is {:?}", run.state_name);
        thread::sleep(Duration::from_secs(1));
    }
    let states = client.read_flow_run_states(id)?;
    let first = |type_: StateType| {
        let those = states.iter().filter(|state| state.type_ == type_);
        let times = those.filter_map(|state| state.timestamp);
        times.min().with_context(|| format!("it was never {type_}"))
    };
    Ok((first(StateType::Pending)?, first(StateType::Running)?))
}
