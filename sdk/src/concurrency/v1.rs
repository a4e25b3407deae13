//! The older limits, one for each tag of task runs. A server of today keeps them as limits named `tag:…`.

use std::time::{Duration, Instant};

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use uuid::Uuid;

use super::asking::Asking;
use super::order::{Claim, LimitNames, Order};
#[cfg(feature = "async")]
use super::{AsyncSlots, aacquire};
#[cfg(feature = "blocking")]
use super::{Slots, acquire};
use crate::Error;
use crate::faces::sdk;

/// What is optional about holding a slot for a task run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConcurrencyOptions {
    /// How long to wait for it; without end unless set.
    pub timeout: Option<Duration>,
}

impl ConcurrencyOptions {
    /// Waited for without end.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long to wait, as [`ConcurrencyOptions::timeout`](super::ConcurrencyOptions::timeout).
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }
}

/// Takes a slot of the limit on each of these tags for a task run, and holds them until the guard is released or dropped.
/// Tags without a limit are left out.
///
/// These slots have no lease that ends: the server keeps those of a program that is killed, or of a runtime that ends before
/// it gave them back, until the limit is reset (`reset_concurrency_limit_by_tag`).
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, concurrency::v1};
/// # async fn run(task_run: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let slots = v1::aconcurrency(&client, ["database"], task_run).await?;
/// // What the task run does.
/// slots.release().await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// A limit is 0 ([`Error::is_refused`]); or a call of the client failed.
#[dual(sdk, map(aconcurrency_with => concurrency_with))]
pub async fn aconcurrency(
    client: &AsyncPrefectClient,
    tags: impl IntoIterator<Item = impl Into<String>>,
    task_run_id: Uuid,
) -> Result<AsyncSlots, Error> {
    aconcurrency_with(client, tags, task_run_id, &ConcurrencyOptions::new()).await
}

/// As [`aconcurrency`], with what is optional about it.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{client::AsyncPrefectClient, concurrency::v1};
/// # async fn run(task_run: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = v1::ConcurrencyOptions::new().timeout(Duration::from_mins(1));
/// let slots = v1::aconcurrency_with(&client, ["database"], task_run, &options).await?;
/// # drop(slots);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The time is up ([`Error::is_timeout`]); or as [`aconcurrency`].
#[dual(sdk, map(aacquire => acquire, aconcurrency => concurrency))]
pub async fn aconcurrency_with(
    client: &AsyncPrefectClient,
    tags: impl IntoIterator<Item = impl Into<String>>,
    task_run_id: Uuid,
    options: &ConcurrencyOptions,
) -> Result<AsyncSlots, Error> {
    let order = Order {
        names: LimitNames::new(tags),
        claim: Claim::TaskRun(task_run_id),
    };
    let asking = Asking::new(options.timeout, None, Instant::now());
    aacquire(client, order, asking).await
}
