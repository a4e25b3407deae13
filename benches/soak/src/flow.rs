//! What the runs do, and how there are many of them.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use prefect_sdk::client::models::{DeploymentFlowRunCreate, FlowRunResponse, StateType};
use prefect_sdk::client::{Error, PrefectClient};
use prefect_sdk::flows::{FlowRun, RunFailed};
use prefect_sdk::runner::{Runner, RunnerOptions};
use prefect_sdk::tasks::TaskRun;
use prefect_sdk::{flow, task};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::room::executed;

/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_mins(10);

/// The ways in which a run that lasts spends its time.
pub(crate) const WAYS: [&str; 3] = ["computes", "sleeps", "calls tasks"];

#[task]
fn little(_: &TaskRun, seconds: f64) -> Result<(), String> {
    thread::sleep(Duration::from_secs_f64(seconds));
    Ok(())
}

/// Lasts for so long, and asks nobody whether it is cancelled.
#[flow]
pub(crate) fn work(run: &FlowRun, way: String, seconds: f64) -> Result<(), RunFailed<String>> {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < end {
        match way.as_str() {
            "computes" => drop(std::hint::black_box((0..100_000_u64).sum::<u64>())),
            "calls tasks" => little::call(run, 0.1)?,
            _ => thread::sleep(end.saturating_duration_since(Instant::now())),
        }
    }
    Ok(())
}

/// Says that it is executed, and lasts for so long.
#[flow]
pub(crate) fn mark(_: &FlowRun, number: u64, seconds: f64) -> Result<(), std::io::Error> {
    executed(number)?;
    thread::sleep(Duration::from_secs_f64(seconds));
    Ok(())
}

/// A runner with a deployment of it, that looks each second.
pub(crate) fn runner(
    client: &PrefectClient,
    name: &str,
    change: impl FnOnce(RunnerOptions) -> RunnerOptions,
) -> Result<(Runner, Uuid)> {
    let options = RunnerOptions::new()
        .query_interval(Duration::from_secs(1))
        .progress(false);
    let runner = Runner::new(client, &change(options));
    let id = runner.add_flow(work::flow(), format!("{name}-{}", Uuid::new_v4()))?;
    Ok((runner, id))
}

/// A run that is due now.
pub(crate) fn due(client: &PrefectClient, of: Uuid, way: &str, seconds: f64) -> Result<Uuid> {
    due_with(client, of, &work::parameters(way.to_owned(), seconds))
}

/// A run with these parameters that is due now.
pub(crate) fn due_with(
    client: &PrefectClient,
    of: Uuid,
    parameters: &impl Serialize,
) -> Result<Uuid> {
    let parameters: Map<String, Value> = serde_json::from_value(serde_json::to_value(parameters)?)?;
    let run = DeploymentFlowRunCreate::new()
        .parameters(parameters)
        // Asked for twice, it is one.
        .idempotency_key(Uuid::new_v4().to_string());
    Ok(patiently(|| client.create_flow_run_from_deployment(of, &run))?.id)
}

/// A server under load does not always answer.
pub(crate) fn patiently<T>(act: impl Fn() -> Result<T, Error>) -> Result<T> {
    let limit = Instant::now() + PATIENCE;
    loop {
        match act() {
            Ok(done) => return Ok(done),
            Err(error) if Instant::now() > limit => return Err(error).context("the server"),
            Err(_) => thread::sleep(Duration::from_millis(500)),
        }
    }
}

pub(crate) fn is_over(run: &FlowRunResponse) -> bool {
    matches!(
        run.state_type,
        Some(StateType::Completed | StateType::Failed | StateType::Crashed | StateType::Cancelled)
    )
}
