//! What the commands ask the server, in whichever face is there.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowCreate, FlowRunCreate, FlowRunResponse};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::deployments::{self, DeployOptions, Deployed, RunnerDeployment};
use crate::entry::ask;
use crate::faces::sdk;
#[dual(sdk, map(acreate_once => create_once, acreate_surely => create_surely))]
use crate::flow_runs::{acreate_once, acreate_surely};
use crate::runner::RunnerOptions;
use crate::{Error, flows, states};

/// A run of that flow, which this process is to run.
pub(super) struct NewRun<'a> {
    pub(super) flow: &'a str,
    pub(super) parameters: Map<String, Value>,
    pub(super) tags: Vec<String>,
}

#[dual(sdk, map(acreate => create, acreate_once => create_once, acreate_surely => create_surely))]
#[allow(
    dead_code,
    reason = "where both faces are there, the blocking one asks"
)]
async fn acreate(client: &AsyncPrefectClient, new: NewRun<'_>) -> Result<FlowRunResponse, Error> {
    let flow = FlowCreate::new(new.flow).tags(Vec::<String>::new());
    let flow = acreate_surely(client, || client.create_flow(&flow)).await?;
    let run = FlowRunCreate::new(flow.id)
        .state(states::pending())
        .parameters(new.parameters)
        .tags(new.tags);
    acreate_once(client, run).await
}

pub(super) fn new_run(new: NewRun<'_>) -> Result<FlowRunResponse, Error> {
    ask!(|client| create(&client, new), acreate(&client, new).await)
}

pub(super) fn run_of(id: Uuid) -> Result<FlowRunResponse, Error> {
    ask!(
        |client| Ok(client.read_flow_run(id)?),
        Ok(client.read_flow_run(id).await?)
    )
}

/// Serves these; `once_made` is called when all of them are there.
pub(super) fn served(
    deployments: &[RunnerDeployment],
    options: &RunnerOptions,
    once_made: &(dyn Fn() + Sync),
) -> Result<(), Error> {
    ask!(
        |client| flows::serve_telling(&client, deployments, options, once_made),
        flows::aserve_telling(&client, deployments, options, once_made).await
    )
}

pub(super) fn deployed(
    made: &[RunnerDeployment],
    pool: &str,
    options: &DeployOptions,
) -> Result<Vec<Deployed>, Error> {
    ask!(
        |client| deployments::deploy_with(&client, made, pool, options),
        deployments::adeploy_with(&client, made, pool, options).await
    )
}
