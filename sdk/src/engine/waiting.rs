//! Waiting until something is due.

#[cfg(feature = "async")]
use std::pin::pin;
use std::time::Duration;

#[cfg(feature = "async")]
use futures_util::future::select;

use crate::cancellation::Cancellation;

/// Waits by the clock of the client, but no longer than until the run is to end.
#[cfg(feature = "async")]
pub(super) async fn await_unless(
    cancellation: &Cancellation,
    client: &prefect_client::AsyncPrefectClient,
    wait: Duration,
) {
    let wait = pin!(crate::faces::asleep_for(client, wait));
    select(pin!(cancellation.arequested()), wait).await;
}

/// Waits by the clock of the client, which nothing cuts short, unless the run is to end already.
#[cfg(feature = "blocking")]
pub(super) fn wait_unless(
    cancellation: &Cancellation,
    client: &prefect_client::PrefectClient,
    wait: Duration,
) {
    if !cancellation.is_requested() {
        crate::faces::sleep_for(client, wait);
    }
}
