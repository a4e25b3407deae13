//! Making what the server makes once however often it is told: its answer may be lost.

use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "cli")]
use prefect_client::models::{FlowRunCreate, FlowRunResponse};
use prefect_client::{Error as ClientError, Progress};
use uuid::Uuid;

use super::tell::PAUSES;
use crate::Error;
#[dual(sdk)]
use crate::faces::asleep_for;
use crate::faces::sdk;

/// Why something was not made, as far as is known.
pub(crate) struct Unmade {
    pub(crate) error: Error,
    /// The server may have made it, and its answer was lost.
    pub(crate) may_be_made: bool,
}

/// Gives a flow run a key of its own, unless it has one: by that, a server which is told again gives the run that it has made.
pub(crate) fn give_key(key: &mut Option<String>) {
    key.get_or_insert_with(|| Uuid::new_v4().to_string());
}

/// Whether the server says that it does not make it: it would have given what it had made before.
pub(crate) fn is_refusal(error: &ClientError) -> bool {
    let status = error.status();
    status.is_some_and(|status| status.is_client_error())
}

/// Makes a flow run, by its key.
#[cfg(feature = "cli")]
#[dual(sdk, map(acreate_surely => create_surely))]
pub(crate) async fn acreate_once(
    client: &AsyncPrefectClient,
    mut run: FlowRunCreate,
) -> Result<FlowRunResponse, Error> {
    give_key(&mut run.idempotency_key);
    acreate_surely(client, || client.create_flow_run(&run)).await
}

/// Makes something of which the server makes one, such as a flow, of a name, or a task run, of its keys: where the answer to that
/// is lost, it is told again.
#[dual(sdk, map(atry_to_create => try_to_create))]
pub(crate) async fn acreate_surely<T, F, Fut>(
    client: &AsyncPrefectClient,
    create: F,
) -> Result<T, Error>
where
    T: Send,
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<T, ClientError>> + Send,
{
    let made = atry_to_create(client, create).await;
    made.map_err(|unmade| unmade.error)
}

/// As [`acreate_surely`], for those who have to know whether it may be there nevertheless.
#[dual(sdk)]
pub(crate) async fn atry_to_create<T, F, Fut>(
    client: &AsyncPrefectClient,
    create: F,
) -> Result<T, Unmade>
where
    T: Send,
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<T, ClientError>> + Send,
{
    let mut pauses = PAUSES.into_iter();
    let mut may_be_made = false;
    loop {
        let error = match create().await {
            Ok(made) => return Ok(made),
            Err(error) => error,
        };
        if error.progress() != Progress::NotSent {
            may_be_made = !is_refusal(&error);
        }
        let pause = match pauses.next() {
            Some(pause) if error.progress() == Progress::MayBeExecuted => pause,
            _ => {
                let error = error.into();
                return Err(Unmade { error, may_be_made });
            }
        };
        asleep_for(client, Duration::from_millis(pause)).await;
        tracing::info!("the server is told again what to make: {error}");
    }
}
