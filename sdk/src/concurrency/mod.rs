//! Concurrency limits: no more work at once, or in a time, than there are slots.

mod acquire;
mod asking;
mod events;
mod options;
mod order;
mod renewal;
mod signal;
mod slots;
pub mod v1;
mod validity;

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
use asking::Asking;
use order::{Claim, Names, Order};

use crate::Error;
use crate::faces::sdk;

/// Takes slots of all these limits, waiting for them, and holds them until the guard is released or dropped.
///
/// A lease that the server gives is renewed in the background. Limits that the server doesn't have are left out, with a
/// warning, or are an error with [`Occupy::strict`]: each of them, where Python's `strict` looks whether all are missing.
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
/// as more than the limit ([`Error::is_refused`]); a limit is missing and `strict` is set, and nothing is held then
/// ([`Error::is_not_found`]); or a call of the client failed.
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
    let asking = Asking::new(request.timeout, request.max_retries, Instant::now());
    let slots = aacquire(client, order, asking).await?;
    let missing = slots.missing();
    if !missing.is_empty() && request.strict {
        if let Err(error) = slots.release().await {
            tracing::warn!(%error, "slots that were not wanted could not be given back");
        }
        return Err(must_be_there(&missing));
    }
    warn_missing(&missing);
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
/// ([`Error::is_refused`]); a limit is missing and `strict` is set, and slots of the others are taken nevertheless
/// ([`Error::is_not_found`]); or a call of the client failed.
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
    let asking = Asking::new(request.timeout, None, Instant::now());
    let slots = aacquire(client, order, asking).await?;
    let missing = slots.missing();
    if !missing.is_empty() && request.strict {
        return Err(must_be_there(&missing));
    }
    warn_missing(&missing);
    events::aemit(client, &slots.acquired()).await;
    Ok(())
}

fn must_be_there(missing: &Names) -> Error {
    let text =
        format!("the concurrency limits {missing} must be created before slots of them are taken");
    Error::not_found(text)
}

fn warn_missing(missing: &Names) {
    if !missing.is_empty() {
        tracing::warn!(
            "the concurrency limits {missing} do not exist: going on without slots of them"
        );
    }
}
