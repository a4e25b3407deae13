//! Runs the run that was found, in the face of its flow.

use std::fmt::{Debug, Display};

use diptych_macros::dual;
#[dual(entry)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::StateType;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::entry;
use super::environment::heartbeats;
use crate::cancellation::Cancellation;
#[dual(entry)]
use crate::concurrency::AsyncKept;
use crate::control::Receipt;
use crate::engine::{ExistingRun, RunFailed, crashed};
#[dual(entry)]
use crate::engine::{arun_existing_flow, atry_to_force};
#[dual(entry)]
use crate::flows::AsyncFlow;
use crate::flows::RunFlowOptions;
use crate::results::ResultSettings;
use crate::{Error, Refusal, states};

/// Runs a run until it has ended; an error where nobody could be told how.
#[dual(entry)]
pub(super) async fn aenter<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    existing: ExistingRun,
    cancellation: &Cancellation,
) -> Result<(), Error>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let client = AsyncPrefectClient::from_env()?;
    let id = existing.run.id;
    let state = existing.run.state.as_ref();
    let details = state.and_then(|state| state.state_details.as_ref());
    let lease = details.and_then(|details| details.deployment_concurrency_lease_id);
    // Else the slot that the run has of its deployment would be another's after some minutes.
    let kept = lease.map(|lease| AsyncKept::begin(&client, lease));
    let _kept = kept.transpose().unwrap_or_else(|error| {
        tracing::error!(flow_run = %id, "nothing can renew the slot of the run, which goes on without it: {error}");
        None
    });
    let settings = ResultSettings::from_env().and_then(|results| Ok((results, heartbeats()?)));
    let ended = match settings {
        Ok((results, heartbeats)) => {
            let mut options = RunFlowOptions::new()
                .results(results)
                .cancellation(cancellation);
            options.heartbeat_frequency = heartbeats;
            arun_existing_flow(flow, &client, existing, &options).await
        }
        Err(error) => Err(RunFailed::Engine(error)),
    };
    match ended {
        // The server has decided otherwise.
        Err(RunFailed::Engine(error)) if error.refusal() == Some(Refusal::State) => {
            aleft(&client, id, &error, cancellation).await
        }
        // Nobody else may end it.
        Err(RunFailed::Ended(state)) if state.type_ == StateType::Cancelling => {
            atry_to_force(&client, id, states::cancelled())
                .await
                .map(drop)
        }
        // Also where the engine did not get far enough to tell it.
        Err(RunFailed::Engine(error)) => {
            atry_to_force(&client, id, crashed(&error)).await.map(drop)
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The server did not let it go on, and is told no more; but for a run that never began, which somebody would wait for.
#[dual(entry)]
async fn aleft(
    client: &AsyncPrefectClient,
    id: Uuid,
    why: &Error,
    cancellation: &Cancellation,
) -> Result<(), Error> {
    tracing::info!(flow_run = %id, "the flow run is left to the server: {why}");
    let run = client.read_flow_run(id).await?;
    if run.state_type == Some(StateType::Pending) {
        atry_to_force(client, id, crashed(why)).await?;
    } else {
        cancellation.keep_receipt(Receipt::OrchestrationAborted);
    }
    Ok(())
}
