//! A lease that the server granted to a run, such as for a slot of its deployment, and gives back itself: it is only renewed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diptych_macros::dual;
#[dual(kept)]
use prefect_client::AsyncPrefectClient;
use prefect_client::requests::RenewConcurrencyLease;
use uuid::Uuid;

use super::renewal::{Attempt, Next, Renewal};
use crate::Error;
#[dual(kept)]
use crate::background::{AsyncSignal, abegin};

diptych_macros::faces! {
    /// The names that differ between the faces of leases that are kept.
    kept {
        ..crate::faces::sdk,
        AsyncKept => Kept,
        AsyncLease => Lease,
        akeep => keep,
    }
}

/// How long such a lease is.
const LEASE: Duration = Duration::from_mins(5);

/// Renews a lease until it is dropped.
#[dual(kept)]
pub(crate) struct AsyncKept(Arc<AsyncLease>);

#[dual(kept)]
#[derive(Default)]
struct AsyncLease {
    is_over: AtomicBool,
    over: AsyncSignal,
}

#[dual(kept)]
impl AsyncKept {
    pub(crate) fn begin(client: &AsyncPrefectClient, lease: Uuid) -> Result<Self, Error> {
        let kept = Arc::<AsyncLease>::default();
        let (client, its) = (client.clone(), Arc::clone(&kept));
        #[dual(async)]
        abegin(async move { akeep(&client, lease, &its).await })?;
        #[dual(blocking)]
        begin(move || keep(&client, lease, &its))?;
        Ok(Self(kept))
    }
}

#[dual(kept)]
impl Drop for AsyncKept {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Release);
        self.0.over.raise();
    }
}

#[dual(kept)]
async fn akeep(client: &AsyncPrefectClient, lease: Uuid, kept: &AsyncLease) {
    let mut renewal = Renewal::new(LEASE);
    let request = RenewConcurrencyLease::new().lease_duration(LEASE.as_secs_f64());
    loop {
        let seen = kept.over.count();
        if kept.is_over.load(Ordering::Acquire) {
            return;
        }
        let renewed = client.renew_concurrency_lease_with(lease, &request).await;
        match renewal.after(Attempt::from(renewed), fastrand::f64()) {
            Next::Wait(wait) => kept.over.wait(seen, wait).await,
            Next::Lost(error) => {
                tracing::error!("the run goes on without its slot, which was lost: {error}");
                return;
            }
        }
    }
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use prefect_client::operations::RENEW_CONCURRENCY_LEASE;
    use prefect_client::testing::{MockServer, Reply};

    use super::*;

    #[test]
    fn a_lease_is_renewed_until_it_is_dropped_or_lost() {
        let server = MockServer::new();
        server.on(&RENEW_CONCURRENCY_LEASE).answers(&());
        let kept = Kept::begin(&server.client(), Uuid::nil()).unwrap();
        while server.requests().is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let lease = Arc::downgrade(&kept.0);
        drop(kept);
        // Whoever renewed it is gone.
        while lease.strong_count() > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let server = MockServer::new();
        let gone = Reply::Failure(410, "gone".to_owned());
        server.on(&RENEW_CONCURRENCY_LEASE).replies(gone);
        keep(&server.client(), Uuid::nil(), &Lease::default());
        assert_eq!(server.requests().len(), 1);
    }
}
