//! Waiting until something is due.

#[cfg(feature = "async")]
use std::pin::pin;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[cfg(feature = "async")]
use futures_util::future::select;

#[dual(engine)]
use super::scope::AsyncScope;
use super::{RunFailed, engine};
use crate::cancellation::Cancellation;
use crate::deadline::Deadline;

/// How often it is looked whether a run is suspended meanwhile.
const LOOKED_EVERY: Duration = Duration::from_secs(1);

/// Waits, but no longer than until what has not begun in the run is not to begin any more.
#[dual(engine)]
pub(super) async fn await_to_go_on<E>(
    scope: &AsyncScope,
    wait: Duration,
) -> Result<(), RunFailed<E>> {
    let end = Deadline::after(Some(wait), Instant::now());
    loop {
        scope.goes_on()?;
        let left = end.left(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        let stop = scope.of_attempt();
        stop.ato_stop_within(left.min(LOOKED_EVERY)).await;
    }
}

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
