//! Making a run of a deployment.

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::{
    DeploymentFlowRunCreate, DeploymentResponse, FlowRunResponse, StateCreate,
};
use uuid::Uuid;

use super::RunDeploymentOptions;
#[dual(sdk, map(areserve_placeholder => reserve_placeholder))]
use super::placeholder::areserve_placeholder;
use crate::faces::sdk;
#[dual(sdk, map(acreate_surely => create_surely))]
use crate::flow_runs::acreate_surely;
use crate::flow_runs::give_key;
use crate::{Error, RunContext, states};

/// Makes a run that is a subflow of that one. The task run that stands for it ends, where none is made.
#[dual(sdk, map(acreate_run => create_run, areserve_placeholder => reserve_placeholder))]
pub(super) async fn acreate_within(
    client: &AsyncPrefectClient,
    run: &RunContext,
    deployment: &DeploymentResponse,
    options: &RunDeploymentOptions,
) -> Result<FlowRunResponse, Error> {
    let (mut placeholder, id) =
        areserve_placeholder(client, run, deployment, &options.parameters).await?;
    match acreate_run(client, deployment.id, options.body(Some(id))).await {
        Ok(run) if run.parent_task_run_id == Some(id) => {
            placeholder.taken();
            Ok(run)
        }
        Ok(run) => {
            placeholder.end(&superfluous(&run)).await;
            Ok(run)
        }
        Err(error) => {
            placeholder.end(&refused(&error)).await;
            Err(error)
        }
    }
}

#[dual(sdk, map(acreate_surely => create_surely))]
pub(super) async fn acreate_run(
    client: &AsyncPrefectClient,
    deployment: Uuid,
    mut run: DeploymentFlowRunCreate,
) -> Result<FlowRunResponse, Error> {
    give_key(&mut run.idempotency_key);
    let create = || client.create_flow_run_from_deployment(deployment, &run);
    acreate_surely(client, create).await
}

/// How what stands for it ends where the deployment's run can't be made.
fn refused(error: &Error) -> StateCreate {
    let text = format!("The deployment's run can't be made: {error}");
    states::failed().message(text)
}

/// How what stands for it ends where a run is given that is there already, by its key, and of which it hears nothing.
fn superfluous(run: &FlowRunResponse) -> StateCreate {
    let text = format!("The deployment's run was there already: {}.", run.id);
    states::cancelled().message(text)
}
