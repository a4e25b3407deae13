//! Concurrency limits: no more work at once, or in a time, than there are slots.

mod acquire;
mod asking;
mod events;
#[cfg(feature = "flows")]
mod kept;
#[cfg(feature = "flows")]
mod of_tags;
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

pub use options::{ConcurrencyOptions, RateLimitOptions};
#[cfg(feature = "async")]
pub use slots::AsyncSlots;
#[cfg(feature = "blocking")]
pub use slots::Slots;

#[cfg(feature = "async")]
use acquire::aacquire;
#[cfg(feature = "blocking")]
use acquire::acquire;
use asking::Asking;
use order::{Claim, LimitNames, Order};

#[cfg(feature = "flows")]
pub(crate) use acquire::Refused;
#[cfg(feature = "flows")]
#[dual(sdk, map(AsyncKept => Kept))]
pub(crate) use kept::AsyncKept;
#[cfg(feature = "flows")]
pub(crate) use of_tags::SlotsOfTags;

use crate::Error;
#[dual(sdk, map(atell => tell))]
use crate::events::atell;
use crate::faces::sdk;

/// Takes a slot of each of these limits, waiting for it, and holds them until the guard is released or dropped.
///
/// A lease that the server gives is renewed in the background. Limits that the server doesn't have are left out, with a
/// warning.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, concurrency::aconcurrency};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let slots = aconcurrency(&client, ["database"]).await?;
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
/// The slots can't be had, such as those of a limit that is 0 ([`Error::is_refused`]); or a call of the client failed.
#[dual(sdk, map(aconcurrency_with => concurrency_with))]
pub async fn aconcurrency(
    client: &AsyncPrefectClient,
    names: impl IntoIterator<Item = impl Into<String>>,
) -> Result<AsyncSlots, Error> {
    aconcurrency_with(client, names, &ConcurrencyOptions::new()).await
}

/// As [`aconcurrency`], with what is optional about it: how many slots, how long to wait for them, and whether a limit
/// that is missing is an error ([`ConcurrencyOptions::strict`]): each that is, where Python's `strict` looks whether all are.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{client::AsyncPrefectClient, concurrency::{ConcurrencyOptions, aconcurrency_with}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = ConcurrencyOptions::new().slots(2).timeout(Duration::from_mins(1));
/// let slots = aconcurrency_with(&client, ["database"], &options).await?;
/// # drop(slots);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The time is up ([`Error::is_timeout`]); the slots are still taken after [`ConcurrencyOptions::max_retries`], or can't
/// be had, such as more than the limit ([`Error::is_refused`]); a limit is missing and `strict` is set, and nothing is held
/// then ([`Error::is_not_found`]); or a call of the client failed.
#[dual(sdk, map(aacquire => acquire, aconcurrency => concurrency))]
pub async fn aconcurrency_with(
    client: &AsyncPrefectClient,
    names: impl IntoIterator<Item = impl Into<String>>,
    options: &ConcurrencyOptions,
) -> Result<AsyncSlots, Error> {
    let order = Order {
        names: LimitNames::new(names),
        claim: Claim::Lease {
            slots: options.slots,
            duration: options.lease_duration,
            holder: options.held_by(),
            lost_is_error: options.lost_is_error.unwrap_or(options.strict),
        },
    };
    let asking = Asking::new(options.timeout, options.max_retries, Instant::now());
    let slots = aacquire(client, order, asking).await?;
    let missing = slots.missing();
    if !missing.is_empty() && options.strict {
        if let Err(error) = slots.release().await {
            tracing::warn!(%error, "slots that were not wanted could not be given back");
        }
        return Err(must_be_there(&missing));
    }
    warn_missing(&missing);
    Ok(slots)
}

/// Waits until there is a slot of each of these limits, and takes it. They come back with time, by the limits' decay, and
/// not by being given back. Limits that the server doesn't have are left out, with a warning.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, concurrency::arate_limit};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// for page in 0..100 {
///     arate_limit(&client, ["shop"]).await?;
///     // What asks the shop for a page.
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The slots can't be had, such as those of a limit without decay ([`Error::is_refused`]); or a call of the client failed.
#[dual(sdk, map(arate_limit_with => rate_limit_with))]
pub async fn arate_limit(
    client: &AsyncPrefectClient,
    names: impl IntoIterator<Item = impl Into<String>>,
) -> Result<(), Error> {
    arate_limit_with(client, names, &RateLimitOptions::new()).await
}

/// As [`arate_limit`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, concurrency::{RateLimitOptions, arate_limit_with}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// arate_limit_with(&client, ["shop"], &RateLimitOptions::new().slots(5).strict(true)).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The time is up ([`Error::is_timeout`]); a limit is missing and `strict` is set, and slots of the others are taken
/// nevertheless ([`Error::is_not_found`]); or as [`arate_limit`].
#[dual(sdk, map(aacquire => acquire, arate_limit => rate_limit, atell => tell))]
pub async fn arate_limit_with(
    client: &AsyncPrefectClient,
    names: impl IntoIterator<Item = impl Into<String>>,
    options: &RateLimitOptions,
) -> Result<(), Error> {
    let order = Order {
        names: LimitNames::new(names),
        claim: Claim::Rate {
            slots: options.slots,
        },
    };
    let asking = Asking::new(options.timeout, None, Instant::now());
    let slots = aacquire(client, order, asking).await?;
    let missing = slots.missing();
    if !missing.is_empty() && options.strict {
        return Err(must_be_there(&missing));
    }
    warn_missing(&missing);
    atell(client, slots.acquired(), None).await;
    Ok(())
}

fn must_be_there(missing: &LimitNames) -> Error {
    let text =
        format!("the concurrency limits {missing} must be created before slots of them are taken");
    Error::not_found(text)
}

fn warn_missing(missing: &LimitNames) {
    if !missing.is_empty() {
        tracing::warn!(
            "the concurrency limits {missing} do not exist: going on without slots of them"
        );
    }
}
