//! The guard, and the thread or task that keeps its slots.

use std::mem;
use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::MinimalConcurrencyLimitResponse;
#[cfg(feature = "async")]
use tokio::runtime::{Handle, TryCurrentError};
#[cfg(feature = "async")]
use tracing::Instrument as _;
use uuid::Uuid;

use super::events;
use super::order::{Granted, LimitNames, Order};
use super::renewal::{Attempt, Next, Renewal};
use super::signal::FOREVER;
#[cfg(feature = "async")]
use super::signal::{AsyncHold, AsyncKeep};
#[cfg(feature = "blocking")]
use super::signal::{Hold, Keep};
use super::validity::Validity;
use crate::Error;
#[dual(sdk, map(atell => tell))]
use crate::events::atell;
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
///
/// A process that was forked while slots were held has a copy of this that holds nothing: dropping the copy gives nothing
/// back.
#[dual(sdk, map(AsyncHold => Hold))]
#[derive(Debug)]
#[must_use = "the slots are given back as soon as this is dropped"]
pub struct AsyncSlots {
    order: Arc<Order>,
    granted: Granted,
    hold: Option<AsyncHold>,
    validity: Validity,
    /// The process that holds them.
    holder: u32,
}

/// What the thread or task has that keeps the slots.
#[dual(sdk, map(AsyncKeeper => Keeper, AsyncKeep => Keep))]
struct AsyncKeeper {
    client: AsyncPrefectClient,
    order: Arc<Order>,
    granted: Granted,
    keep: AsyncKeep,
    validity: Validity,
}

#[dual(sdk, map(AsyncHold => Hold, AsyncKeeper => Keeper, aask => ask, agive_back => give_back))]
impl AsyncSlots {
    /// Slots of nothing.
    pub(super) fn none(order: Arc<Order>) -> Self {
        let granted = Granted {
            limits: Vec::new(),
            lease: None,
        };
        Self::granted(order, granted, Validity::endless())
    }

    /// Asks once. What was granted is kept from then on.
    #[dual(name = ask)]
    pub(super) async fn ask(client: AsyncPrefectClient, order: Arc<Order>) -> Result<Self, Error> {
        let granted = order.aask(&client).await?;
        // The first renewal follows at once, and says it more exactly.
        let validity = match granted.lease {
            Some(_) => Validity::leased(Instant::now(), order.lease()),
            None => Validity::endless(),
        };
        let mut slots = Self::granted(order, granted, validity);
        if !slots.order.holds(&slots.granted) {
            return Ok(slots);
        }
        let (hold, keep) = AsyncHold::new();
        let keeper = AsyncKeeper {
            client: client.clone(),
            order: Arc::clone(&slots.order),
            granted: slots.granted.clone(),
            keep,
            validity: slots.validity.clone(),
        };
        #[dual(async)]
        let begun = begin_task(keeper);
        #[dual(blocking)]
        let begun = begin_thread(keeper);
        if let Err(error) = begun {
            // Nothing would renew the lease, so it is better not to have it.
            slots.order.agive_back(&client, &slots.granted).await?;
            let names = &slots.order.names;
            let text = format!("nothing can be started that keeps the slots of {names}");
            return Err(Error::lost(text).because(error));
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

    /// Whether the lease could not be renewed, or was not renewed in time, whatever the reason: others may have the slots
    /// by now. What is lost stays so.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.validity.is_lost()
    }

    /// Gives the slots back, and waits until that is done.
    ///
    /// # Errors
    ///
    /// They could not be given back, and are free when the lease ends; or the lease was lost and that is an error
    /// ([`Error::is_lost`]). Another process holds them, from which this one was forked ([`Error::is_invalid`]).
    pub async fn release(mut self) -> Result<(), Error> {
        match self.hold.take() {
            None => Ok(()),
            Some(hold) if self.is_inherited() => {
                mem::forget(hold);
                let names = &self.order.names;
                let text = format!(
                    "the slots of {names} are held by the process that this one was forked from"
                );
                Err(Error::invalid(text))
            }
            Some(hold) => hold.end().await,
        }
    }

    /// Those of the limits that the server doesn't have.
    pub(super) fn missing(&self) -> LimitNames {
        let has = |name: &str| self.granted.limits.iter().any(|limit| limit.name == name);
        self.order.names.without(has)
    }

    /// Whether this is the copy of a forked process. What speaks to the keeper is not even dropped there: the keeper is
    /// not there to hear it, and the lock that it may have held while the process was forked stays taken.
    fn is_inherited(&self) -> bool {
        self.holder != process::id()
    }

    /// The events of what was granted.
    pub(super) fn acquired(&self) -> Vec<prefect_client::models::Event> {
        events::acquired(&self.order, &self.granted, Utc::now())
    }

    fn granted(order: Arc<Order>, granted: Granted, validity: Validity) -> Self {
        Self {
            order,
            granted,
            hold: None,
            validity,
            holder: process::id(),
        }
    }
}

#[cfg(feature = "async")]
impl AsyncSlots {
    /// Waits until the lease is lost (see [`is_lost`](Self::is_lost)); never done where it is not. For `tokio::select!`, to
    /// end what must not run without its slots.
    pub async fn lost(&self) {
        self.validity.lost().await;
    }
}

#[cfg(feature = "async")]
impl Drop for AsyncSlots {
    fn drop(&mut self) {
        if self.is_inherited() {
            mem::forget(self.hold.take());
        }
    }
}

#[cfg(feature = "blocking")]
impl Drop for Slots {
    fn drop(&mut self) {
        let Some(hold) = self.hold.take() else {
            return;
        };
        if self.is_inherited() {
            mem::forget(hold);
            return;
        }
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

#[dual(sdk, map(AsyncKeeper => Keeper, agive_back => give_back, arenew => renew, atell => tell))]
impl AsyncKeeper {
    /// Keeps the slots until the guard is dropped, and gives them back.
    async fn run(mut self) {
        let acquired = events::acquired(&self.order, &self.granted, Utc::now());
        atell(&self.client, acquired.clone(), None).await;
        let lost = self.until_the_end().await;
        let given = self.order.agive_back(&self.client, &self.granted).await;
        let released = events::released(&self.order, &self.granted, &acquired, Utc::now());
        atell(&self.client, released, None).await;
        let result = match lost {
            _ if given.is_err() => given.map_err(Error::from),
            Some(error) if self.order.lost_is_error() => Err(error),
            _ => Ok(()),
        };
        if let Some(Err(error)) = self.keep.kept(result) {
            warn_not_given_back(&self.order, &error);
        }
    }

    /// Renews the lease until the guard is dropped; how it was lost, where it was.
    async fn until_the_end(&mut self) -> Option<Error> {
        let Some(lease) = self.granted.lease else {
            self.keep.ends_within(FOREVER).await;
            return None;
        };
        let error = self.until_lost(lease).await?;
        tracing::warn!("{error}");
        self.validity.lose();
        self.keep.ends_within(FOREVER).await;
        Some(error)
    }

    /// Renews the lease until it is lost; `None` where the guard is dropped before.
    async fn until_lost(&mut self, lease: Uuid) -> Option<Error> {
        let mut renewal = Renewal::new(self.order.lease());
        // The first at once, as Prefect does.
        let mut wait = Duration::ZERO;
        while !self.keep.ends_within(wait).await {
            if self.validity.is_lost() {
                return Some(lost_error(&self.order));
            }
            let asked = Instant::now();
            let attempt = Attempt::from(self.order.arenew(&self.client, lease).await);
            if matches!(attempt, Attempt::Renewed) {
                self.validity.renewed(asked, self.order.lease());
            }
            wait = match renewal.after(attempt, fastrand::f64()) {
                Next::Wait(wait) => wait,
                Next::Lost(error) => return Some(lost_error(&self.order).because(error)),
            };
        }
        let is_lost = self.validity.is_lost();
        is_lost.then(|| lost_error(&self.order))
    }
}

#[cfg(feature = "async")]
fn begin_task(keeper: AsyncKeeper) -> Result<(), TryCurrentError> {
    let runtime = Handle::try_current()?;
    drop(runtime.spawn(keeper.run().in_current_span()));
    Ok(())
}

#[cfg(feature = "blocking")]
fn begin_thread(keeper: Keeper) -> std::io::Result<()> {
    let span = tracing::Span::current();
    let run = move || span.in_scope(|| keeper.run());
    let thread = std::thread::Builder::new().name("prefect-slots".to_owned());
    thread.spawn(run).map(drop)
}

fn lost_error(order: &Order) -> Error {
    let names = &order.names;
    let text = format!("the lease of the slots of {names} is lost: others may have taken them");
    Error::lost(text)
}

fn warn_not_given_back(order: &Order, error: &Error) {
    let names = &order.names;
    tracing::warn!(%error, "the slots of {names} could not be given back: they are free when the lease ends");
}
