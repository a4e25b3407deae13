//! Making what the server makes once however often it is told: its answer may be lost.

use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "flows")]
use prefect_client::models::{FlowRunCreate, FlowRunResponse};
use prefect_client::{Error as ClientError, Progress};
#[cfg(feature = "flows")]
use uuid::Uuid;

use super::tell::PAUSES;
use crate::Error;
#[dual(sdk)]
use crate::faces::asleep_for;
use crate::faces::sdk;

/// Makes a flow run, which has a key of its own unless it has one: by that, a server which is told again gives the run that it
/// has made.
#[cfg(feature = "flows")]
#[dual(sdk, map(acreate_surely => create_surely))]
pub(crate) async fn acreate_once(
    client: &AsyncPrefectClient,
    mut run: FlowRunCreate,
) -> Result<FlowRunResponse, Error> {
    let key = &mut run.idempotency_key;
    key.get_or_insert_with(|| Uuid::new_v4().to_string());
    acreate_surely(client, || client.create_flow_run(&run)).await
}

/// Makes something of which the server makes one, such as a flow, of a name, or a task run, of its keys: where the answer to that
/// is lost, it is told again.
#[dual(sdk)]
pub(crate) async fn acreate_surely<T, F, Fut>(
    client: &AsyncPrefectClient,
    create: F,
) -> Result<T, Error>
where
    T: Send,
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<T, ClientError>> + Send,
{
    let mut pauses = PAUSES.into_iter();
    loop {
        let error = match create().await {
            Ok(made) => return Ok(made),
            Err(error) => error,
        };
        let pause = match pauses.next() {
            Some(pause) if error.progress() == Progress::MayBeExecuted => pause,
            _ => return Err(error.into()),
        };
        asleep_for(client, Duration::from_millis(pause)).await;
        tracing::info!("the server is told again what to make: {error}");
    }
}
