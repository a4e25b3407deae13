//! Asking until there are slots.

use std::sync::Arc;
use std::time::Instant;

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::transport::http::StatusCode;
#[cfg(feature = "async")]
use tracing::Instrument as _;

#[cfg(feature = "async")]
use super::AsyncSlots;
#[cfg(feature = "blocking")]
use super::Slots;
use super::order::Order;
use super::patience::{Patience, Spent, retry_after};
use crate::Error;
#[cfg(feature = "async")]
use crate::faces::asleep;
use crate::faces::sdk;
#[cfg(feature = "blocking")]
use crate::faces::sleep;

/// Asks until there are slots, or the patience is spent.
#[dual(sdk)]
pub(super) async fn aacquire(
    client: &AsyncPrefectClient,
    order: Order,
    mut patience: Patience,
) -> Result<AsyncSlots, Error> {
    let order = Arc::new(order);
    if order.names.is_empty() {
        return Ok(AsyncSlots::none(order));
    }
    loop {
        #[dual(async)]
        let asked = ask_to_the_end(client, &order).await;
        #[dual(blocking)]
        let asked = Slots::ask(client.clone(), Arc::clone(&order));
        let error = match asked {
            Ok(slots) => return Ok(slots),
            Err(error) => error,
        };
        asleep(patience.after(&order, error)?).await;
    }
}

/// Asks in a task of its own. Where the caller goes away meanwhile, the request is carried through all the same, and the
/// slots that it brings are dropped with the task's result, which gives them back.
#[cfg(feature = "async")]
async fn ask_to_the_end(
    client: &AsyncPrefectClient,
    order: &Arc<Order>,
) -> Result<AsyncSlots, Error> {
    let ask = AsyncSlots::ask(client.clone(), Arc::clone(order)).in_current_span();
    let asked = tokio::spawn(ask).await;
    asked.unwrap_or_else(|error| {
        let text = format!("the task that asks for slots has ended: {error}");
        Err(Error::lost(text))
    })
}

impl Patience {
    /// How long to wait after a refusal; the error where it is final.
    fn after(&mut self, order: &Order, error: Error) -> Result<std::time::Duration, Error> {
        let Some(answer) = error.api() else {
            return Err(error);
        };
        let names = &order.names;
        match answer.status() {
            Some(StatusCode::LOCKED) => {}
            Some(StatusCode::UNPROCESSABLE_ENTITY) => {
                return Err(error.into_refused(format!("the slots of {names} can't be had")));
            }
            _ => return Err(error),
        }
        // Without the header, waiting is of no use: the limit is 0.
        let Some(wait) = answer.headers().and_then(retry_after) else {
            return Err(error.into_refused(format!("the slots of {names} can't be had")));
        };
        match self.wait(wait, Instant::now()) {
            Ok(wait) => Ok(wait),
            Err(Spent::Retries) => {
                Err(error.into_refused(format!("the slots of {names} are still taken")))
            }
            Err(Spent::Time) => Err(Error::timeout(format!(
                "the slots of {names} are still taken when the time is up"
            ))),
        }
    }
}
