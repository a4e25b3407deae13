//! What the commands ask the server, in whichever face is there.

use diptych_macros::dual;
#[dual(acts)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowCreate, FlowRunCreate, FlowRunResponse};
use serde_json::{Map, Value};
use uuid::Uuid;

#[dual(acts)]
use crate::deployments::adeploy_with;
use crate::deployments::{DeployOptions, Deployed, RunnerDeployment};
#[dual(acts)]
use crate::flows::aserve_with;
use crate::runner::RunnerOptions;
use crate::{Error, states};

diptych_macros::faces! {
    /// The names that differ between the faces of what the commands do.
    acts {
        ..crate::faces::sdk,
        acreate => create,
        adeploy_all => deploy_all,
        adeploy_with => deploy_with,
        aread => read,
        aserve_all => serve_all,
        aserve_with => serve_with,
    }
}

/// A run of that flow, which this process is to run.
pub(super) struct NewRun<'a> {
    pub(super) flow: &'a str,
    pub(super) parameters: Map<String, Value>,
    pub(super) tags: Vec<String>,
}

#[dual(acts)]
#[allow(
    dead_code,
    reason = "where both faces are there, the blocking one asks"
)]
async fn acreate(client: &AsyncPrefectClient, new: NewRun<'_>) -> Result<FlowRunResponse, Error> {
    let flow = FlowCreate::new(new.flow).tags(Vec::<String>::new());
    let flow = client.create_flow(&flow).await?;
    let run = FlowRunCreate::new(flow.id)
        .state(states::pending())
        .parameters(new.parameters.into_iter().collect())
        .tags(new.tags);
    Ok(client.create_flow_run(&run).await?)
}

#[dual(acts)]
#[allow(
    dead_code,
    reason = "where both faces are there, the blocking one asks"
)]
async fn aread(client: &AsyncPrefectClient, id: Uuid) -> Result<FlowRunResponse, Error> {
    Ok(client.read_flow_run(id).await?)
}

#[dual(acts)]
#[allow(
    dead_code,
    reason = "where both faces are there, the blocking one asks"
)]
async fn aserve_all(
    client: &AsyncPrefectClient,
    (deployments, options): (&[RunnerDeployment], &RunnerOptions),
) -> Result<(), Error> {
    aserve_with(client, deployments, options).await
}

#[dual(acts)]
#[allow(
    dead_code,
    reason = "where both faces are there, the blocking one asks"
)]
async fn adeploy_all(
    client: &AsyncPrefectClient,
    (deployments, pool, options): (&[RunnerDeployment], &str, &DeployOptions),
) -> Result<Vec<Deployed>, Error> {
    adeploy_with(client, deployments, pool, options).await
}

/// A function that asks with the client of the settings, in the face that is there.
macro_rules! with_client {
    ($name:ident($given:ty) -> $gives:ty, $blocking:ident, $asynchronous:ident) => {
        #[cfg(feature = "blocking")]
        pub(super) fn $name(given: $given) -> Result<$gives, Error> {
            let client = prefect_client::PrefectClient::from_env()?;
            $blocking(&client, given)
        }

        #[cfg(all(feature = "async", not(feature = "blocking")))]
        pub(super) fn $name(given: $given) -> Result<$gives, Error> {
            crate::entry::runtime()?.block_on(async {
                let client = prefect_client::AsyncPrefectClient::from_env()?;
                $asynchronous(&client, given).await
            })
        }
    };
}

with_client!(new_run(NewRun<'_>) -> FlowRunResponse, create, acreate);
with_client!(run_of(Uuid) -> FlowRunResponse, read, aread);
with_client!(served((&[RunnerDeployment], &RunnerOptions)) -> (), serve_all, aserve_all);
with_client!(deployed((&[RunnerDeployment], &str, &DeployOptions)) -> Vec<Deployed>, deploy_all, adeploy_all);
