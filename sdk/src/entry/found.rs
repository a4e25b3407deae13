//! The run that the environment names, and the flow that it is of.

use diptych_macros::dual;
#[dual(entry)]
use prefect_client::AsyncPrefectClient;

use super::choice::{self, Due};
use super::{AnyFlow, Environment, Exit, entry};
use crate::Error;
use crate::engine::ExistingRun;
#[dual(entry)]
use crate::engine::atry_to_force;
use crate::states;

/// What becomes of the run.
pub(super) enum Found<'a> {
    /// It is to be run with this flow.
    Due(&'a dyn AnyFlow, Box<ExistingRun>),
    /// There is nothing to run.
    Over(Exit),
}

/// Reads the run, and finds its flow among those that are here. A run that can't be run ends.
#[dual(entry)]
#[allow(
    dead_code,
    reason = "where both faces are there, the blocking one looks"
)]
pub(super) async fn afind<'a>(
    client: &AsyncPrefectClient,
    environment: &Environment,
    flows: &[&'a dyn AnyFlow],
) -> Result<Found<'a>, Error> {
    let run = client.read_flow_run(environment.flow_run_id).await?;
    match Due::of(&run) {
        Due::Now => {}
        Due::Cancelled => {
            atry_to_force(client, run.id, states::cancelled()).await?;
            return Ok(Found::Over(Exit::Told));
        }
        Due::Never => {
            let state = run.state_name.as_deref().unwrap_or_default();
            tracing::info!(flow_run = %run.id, "the flow run is not run: it is {state}");
            return Ok(Found::Over(Exit::Told));
        }
    }
    let flow = client.read_flow(run.flow_id).await?;
    let existing = Box::new(ExistingRun { run, flow });
    if let Some(flow) = achoose(client, environment, flows, &existing).await? {
        return Ok(Found::Due(flow, existing));
    }
    let here: Vec<&str> = flows.iter().map(|flow| flow.name()).collect();
    let text = choice::missing(&existing.flow.name, &here);
    atry_to_force(client, existing.run.id, states::crashed().message(&text)).await?;
    Ok(Found::Over(Exit::untold(&text)))
}

/// The flow that the entrypoint names, or the run's flow, or the entrypoint of the run's deployment.
#[dual(entry)]
#[allow(
    dead_code,
    reason = "where both faces are there, the blocking one looks"
)]
async fn achoose<'a>(
    client: &AsyncPrefectClient,
    environment: &Environment,
    flows: &[&'a dyn AnyFlow],
    existing: &ExistingRun,
) -> Result<Option<&'a dyn AnyFlow>, Error> {
    let named = |name: &str| flows.iter().find(|flow| flow.name() == name).copied();
    let by_entrypoint = |entrypoint: &Option<String>| {
        let entrypoint = entrypoint.as_deref()?;
        named(choice::name_in(entrypoint))
    };
    let chosen = by_entrypoint(&environment.entrypoint).or_else(|| named(&existing.flow.name));
    match (chosen, existing.run.deployment_id) {
        (None, Some(id)) => Ok(by_entrypoint(&client.read_deployment(id).await?.entrypoint)),
        (chosen, _) => Ok(chosen),
    }
}
