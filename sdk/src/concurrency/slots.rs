//! The guard, and the thread or task that keeps its slots.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::MinimalConcurrencyLimitResponse;
#[cfg(feature = "async")]
use tracing::Instrument as _;
use uuid::Uuid;

use super::events;
use super::order::{Granted, Order};
use super::renewal::{Attempt, Next, Renewal};
#[cfg(feature = "async")]
use super::signal::{AsyncHold, AsyncKeep};
use super::signal::{FOREVER, Lost};
#[cfg(feature = "blocking")]
use super::signal::{Hold, Keep};
use crate::Error;
use crate::faces::sdk;

/// How long a guard that is dropped waits for its slots to be given back.
#[cfg(feature = "blocking")]
const DROP_WAITS: Duration = Duration::from_secs(5);

/// Slots that are held until they are released, or this is dropped, also by a panic.
///
/// A thread (blocking) or a task of the runtime (async) keeps them: it renews the lease, and gives them back in the end.
/// The program that is killed gives nothing back: its slots are free when the lease ends.
///
/// Dropping the blocking one waits until the slots are given back, but no longer than five seconds. Dropping the async
/// one does not wait: where the runtime ends right after, the slots stay taken until the lease ends. `release` waits in
/// both, and tells what went wrong.
#[dual(sdk)]
#[derive(Debug)]
#[must_use = "the slots are given back as soon as this is dropped"]
pub struct AsyncSlots {
    order: Arc<Order>,
    granted: Granted,
    hold: Option<AsyncHold>,
    lost: Lost,
}

/// What the thread or task has that keeps the slots.
#[dual(sdk)]
struct AsyncKeeper {
    client: AsyncPrefectClient,
    order: Arc<Order>,
    granted: Granted,
    keep: AsyncKeep,
    lost: Lost,
}

#[dual(sdk)]
impl AsyncSlots {
    /// Slots of nothing.
    pub(super) fn none(order: Arc<Order>) -> Self {
        let granted = Granted {
            limits: Vec::new(),
            lease: None,
        };
        Self::granted(order, granted)
    }

    /// Asks once. What was granted is kept from then on.
    pub(super) async fn ask(client: AsyncPrefectClient, order: Arc<Order>) -> Result<Self, Error> {
        let granted = order.aask(&client).await?;
        let mut slots = Self::granted(order, granted);
        if !slots.order.holds(&slots.granted) {
            return Ok(slots);
        }
        let (hold, keep) = AsyncHold::new();
        let keeper = AsyncKeeper {
            client: client.clone(),
            order: Arc::clone(&slots.order),
            granted: slots.granted.clone(),
            keep,
            lost: slots.lost.clone(),
        };
        #[dual(async)]
        tokio::spawn(keeper.run().in_current_span());
        #[dual(blocking)]
        if let Err(error) = start(keeper) {
            // Nothing would renew the lease, so it is better not to have it.
            slots.order.give_back(&client, &slots.granted)?;
            return Err(Error::lost(format!(
                "no thread can be started to keep the slots of {}: {error}",
                slots.order.names
            )));
        }
        slots.hold = Some(hold);
        Ok(slots)
    }

    /// The limits that slots are held of. Those that the server doesn't have are not among them.
    #[must_use]
    pub fn limits(&self) -> &[MinimalConcurrencyLimitResponse] {
        &self.granted.limits
    }

    /// The server's id of the lease; `None` where nothing is held with a lease.
    #[must_use]
    pub fn lease_id(&self) -> Option<Uuid> {
        self.granted
            .lease
            .filter(|_| self.order.holds(&self.granted))
    }

    /// Whether the lease could not be renewed: others may have the slots by now.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.is()
    }

    /// Gives the slots back, and waits until that is done.
    ///
    /// # Errors
    ///
    /// They could not be given back, and are free when the lease ends; or the lease was lost and that is an error
    /// ([`Error::is_lost`]).
    pub async fn release(mut self) -> Result<(), Error> {
        match self.hold.take() {
            Some(hold) => hold.end().await,
            None => Ok(()),
        }
    }

    /// Limits that are missing are an error where that is asked for, else a warning.
    pub(super) fn check_missing(&self, strict: bool) -> Result<(), Error> {
        let names = &self.order.names;
        if names.is_empty() || !self.granted.limits.is_empty() {
            return Ok(());
        }
        if strict {
            let text = format!(
                "the concurrency limits {names} must be created before slots of them are taken"
            );
            return Err(Error::not_found(text));
        }
        tracing::warn!("the concurrency limits {names} do not exist: going on without slots");
        Ok(())
    }

    /// The events of what was granted.
    pub(super) fn acquired(&self) -> Vec<prefect_client::models::Event> {
        events::acquired(&self.order, &self.granted, Utc::now())
    }

    fn granted(order: Arc<Order>, granted: Granted) -> Self {
        Self {
            order,
            granted,
            hold: None,
            lost: Lost::default(),
        }
    }
}

#[cfg(feature = "async")]
impl AsyncSlots {
    /// Waits until the lease is lost; never done where it is not. For `tokio::select!`, to end what must not run without
    /// its slots.
    pub async fn lost(&self) {
        self.lost.wait().await;
    }
}

#[cfg(feature = "blocking")]
impl Drop for Slots {
    fn drop(&mut self) {
        let Some(hold) = self.hold.take() else {
            return;
        };
        match hold.end_within(DROP_WAITS) {
            Some(Ok(())) => {}
            Some(Err(error)) => warn_not_given_back(&self.order, &error),
            None => tracing::warn!(
                "the slots of {} are still being given back",
                self.order.names
            ),
        }
    }
}

#[dual(sdk)]
impl AsyncKeeper {
    /// Keeps the slots until the guard is dropped, and gives them back.
    async fn run(mut self) {
        let acquired = events::acquired(&self.order, &self.granted, Utc::now());
        events::aemit(&self.client, &acquired).await;
        let lost = self.until_the_end().await;
        let given = self.order.agive_back(&self.client, &self.granted).await;
        let released = events::released(&self.order, &self.granted, &acquired, Utc::now());
        events::aemit(&self.client, &released).await;
        let result = match lost {
            _ if given.is_err() => given.map_err(Error::from),
            Some(error) if self.order.lost_is_error() => Err(lost_error(&self.order, &error)),
            _ => Ok(()),
        };
        if let Some(Err(error)) = self.keep.kept(result) {
            warn_not_given_back(&self.order, &error);
        }
    }

    /// Renews the lease until the guard is dropped; the error where the lease was lost before.
    async fn until_the_end(&mut self) -> Option<prefect_client::Error> {
        let Some(lease) = self.granted.lease else {
            self.keep.ends_within(FOREVER).await;
            return None;
        };
        let mut renewal = Renewal::new(self.order.lease());
        // The first at once, as Prefect does.
        let mut wait = Duration::ZERO;
        while !self.keep.ends_within(wait).await {
            let attempt = Attempt::from(self.order.arenew(&self.client, lease).await);
            wait = match renewal.after(attempt, fastrand::f64()) {
                Next::Wait(wait) => wait,
                Next::Lost(error) => {
                    let names = &self.order.names;
                    tracing::warn!(%error, "the lease of the slots of {names} is lost: others may take them");
                    self.lost.set();
                    self.keep.ends_within(FOREVER).await;
                    return Some(error);
                }
            };
        }
        None
    }
}

#[cfg(feature = "blocking")]
fn start(keeper: Keeper) -> std::io::Result<()> {
    let span = tracing::Span::current();
    let run = move || span.in_scope(|| keeper.run());
    let thread = std::thread::Builder::new().name("prefect-slots".to_owned());
    thread.spawn(run).map(drop)
}

fn lost_error(order: &Order, error: &prefect_client::Error) -> Error {
    let names = &order.names;
    Error::lost(format!(
        "the lease of the slots of {names} was lost, and others may have taken them: {error}"
    ))
}

fn warn_not_given_back(order: &Order, error: &Error) {
    let names = &order.names;
    tracing::warn!(%error, "the slots of {names} could not be given back: they are free when the lease ends");
}
