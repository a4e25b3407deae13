//! Asking until there are slots.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::retry_after;
use prefect_client::transport::http::StatusCode;
#[cfg(feature = "async")]
use tracing::Instrument as _;

#[cfg(feature = "async")]
use super::AsyncSlots;
#[cfg(feature = "blocking")]
use super::Slots;
use super::asking::{Asking, Spent};
use super::order::Order;
#[cfg(feature = "async")]
use crate::faces::asleep;
use crate::faces::sdk;
#[cfg(feature = "blocking")]
use crate::faces::sleep;
use crate::{Error, Refusal};

/// Why there are no slots.
pub(crate) enum Refused {
    /// They are taken: whoever wants them asks again after this time.
    For(Duration),
    Finally(Error),
}

/// Asks until there are slots, or there is no more time, or no more tries.
#[dual(sdk, map(aask_once => ask_once))]
pub(super) async fn aacquire(
    client: &AsyncPrefectClient,
    order: Order,
    mut asking: Asking,
) -> Result<AsyncSlots, Error> {
    let order = Arc::new(order);
    loop {
        match aask_once(client, &order, &mut asking).await {
            Ok(slots) => return Ok(slots),
            Err(Refused::For(wait)) => asleep(wait).await,
            Err(Refused::Finally(error)) => return Err(error),
        }
    }
}

/// Asks for slots, without waiting for them.
#[dual(sdk)]
pub(super) async fn aask_once(
    client: &AsyncPrefectClient,
    order: &Arc<Order>,
    asking: &mut Asking,
) -> Result<AsyncSlots, Refused> {
    if order.names.is_empty() {
        return Ok(AsyncSlots::none(Arc::clone(order)));
    }
    #[dual(async)]
    let asked = ask_to_the_end(client, order).await;
    #[dual(blocking)]
    let asked = Slots::ask(client.clone(), Arc::clone(order));
    asked.map_err(|error| match asking.after(order, error) {
        Ok(wait) => Refused::For(wait),
        Err(error) => Refused::Finally(error),
    })
}

/// Asks in a task of its own. Where the caller goes away meanwhile, the request is carried through all the same, and the
/// slots that it brings are dropped with the task's result, which gives them back.
#[cfg(feature = "async")]
async fn ask_to_the_end(
    client: &AsyncPrefectClient,
    order: &Arc<Order>,
) -> Result<AsyncSlots, Error> {
    let ask = AsyncSlots::ask(client.clone(), Arc::clone(order)).in_current_span();
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        // It says what it lacks.
        return ask.await;
    };
    let asked = runtime.spawn(ask).await;
    asked.unwrap_or_else(|error| {
        let text = "the task that asks for slots has ended";
        Err(Error::lost(text).because(error))
    })
}

impl Asking {
    /// How long to wait after a refusal; the error where it is final.
    fn after(&mut self, order: &Order, error: Error) -> Result<Duration, Error> {
        let names = &order.names;
        let cannot = |error| {
            let text = format!("the slots of {names} can't be had");
            Err(Error::refused(Refusal::Request, text).because(error))
        };
        let answer = error.api();
        let wait = match answer.and_then(prefect_client::Error::status) {
            Some(StatusCode::LOCKED) => answer.and_then(prefect_client::Error::headers),
            Some(StatusCode::UNPROCESSABLE_ENTITY) => return cannot(error),
            _ => return Err(error),
        };
        // Without the header, waiting is of no use: the limit is 0.
        let Some(wait) = wait.and_then(|headers| retry_after(headers, SystemTime::now())) else {
            return cannot(error);
        };
        let spent = match self.wait(wait, Instant::now()) {
            Ok(wait) => return Ok(wait),
            Err(Spent::Retries) => {
                let text = format!("the slots of {names} are still taken");
                Error::refused(Refusal::State, text)
            }
            Err(Spent::Time) => {
                let text = format!("the slots of {names} are still taken when the time is up");
                Error::timeout(text)
            }
        };
        Err(spent.because(error))
    }
}
