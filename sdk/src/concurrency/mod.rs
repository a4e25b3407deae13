//! Concurrency limits: no more work at once, or in a time, than there are slots.

mod acquire;
mod events;
mod options;
mod order;
mod patience;
mod renewal;
mod signal;
mod slots;
pub mod v1;

use std::time::Instant;

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;

pub use options::{Occupy, RateLimit};
#[cfg(feature = "async")]
pub use slots::AsyncSlots;
#[cfg(feature = "blocking")]
pub use slots::Slots;

#[cfg(feature = "async")]
use acquire::aacquire;
#[cfg(feature = "blocking")]
use acquire::acquire;
use order::{Claim, Names, Order};
use patience::Patience;

use crate::Error;
use crate::faces::sdk;

/// Takes slots of all these limits, waiting for them, and holds them until the guard is released or dropped.
///
/// A lease that the server gives is renewed in the background. Limits that the server doesn't have are left out, with a
/// warning where it has none of them, or an error with [`Occupy::strict`].
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, concurrency::{Occupy, aconcurrency}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let slots = aconcurrency(&client, ["database"], &Occupy::new()).await?;
/// // What needs the database.
/// slots.release().await?;
/// # Ok(()) }
/// ```
///
/// A future that is dropped while it waits leaves nothing behind: slots that are granted afterwards are given back. But
/// a connection that breaks after the server granted slots leaves them taken until their lease ends, as only the answer
/// says which they are.
///
/// # Errors
///
/// The time is up ([`Error::is_timeout`]); the slots are still taken after [`Occupy::max_retries`], or can't be had, such
/// as more than the limit ([`Error::is_refused`]); the limits are missing and `strict` is set ([`Error::is_not_found`]);
/// or a call of the client failed.
#[dual(sdk)]
pub async fn aconcurrency(
    client: &AsyncPrefectClient,
    names: impl IntoIterator<Item = impl Into<String>>,
    request: &Occupy,
) -> Result<AsyncSlots, Error> {
    let order = Order {
        names: Names::new(names),
        claim: Claim::Lease {
            slots: request.slots,
            duration: request.lease_duration,
            holder: request.holder.clone(),
            lost_is_error: request.lost_is_error(),
        },
    };
    let patience = Patience::new(request.timeout, request.max_retries, Instant::now());
    let slots = aacquire(client, order, patience).await?;
    slots.check_missing(request.strict)?;
    Ok(slots)
}

/// Waits until slots of all these limits are there, and takes them. They come back with time, by the limits' decay, and
/// not by being given back.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, concurrency::{RateLimit, arate_limit}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// for page in 0..100 {
///     arate_limit(&client, ["shop"], &RateLimit::new()).await?;
///     // What asks the shop for a page.
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The time is up ([`Error::is_timeout`]); the slots can't be had, such as those of a limit without decay
/// ([`Error::is_refused`]); the limits are missing and `strict` is set ([`Error::is_not_found`]); or a call of the client
/// failed.
#[dual(sdk)]
pub async fn arate_limit(
    client: &AsyncPrefectClient,
    names: impl IntoIterator<Item = impl Into<String>>,
    request: &RateLimit,
) -> Result<(), Error> {
    let order = Order {
        names: Names::new(names),
        claim: Claim::Rate {
            slots: request.occupy,
        },
    };
    let patience = Patience::new(request.timeout, None, Instant::now());
    let slots = aacquire(client, order, patience).await?;
    slots.check_missing(request.strict)?;
    events::aemit(client, &slots.acquired()).await;
    Ok(())
}
