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
    use std::fmt::Debug;
    use std::sync::{Mutex, OnceLock};

    use prefect_client::operations::RENEW_CONCURRENCY_LEASE;
    use prefect_client::testing::{MockServer, Reply};
    use tracing::field::{Field, Visit};
    use tracing::{Dispatch, Event, Subscriber};
    use tracing_subscriber::Layer;
    use tracing_subscriber::layer::{Context, SubscriberExt as _};

    use super::*;

    /// The errors that are logged.
    #[derive(Clone, Default)]
    struct Errors(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Errors {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            if *event.metadata().level() == tracing::Level::ERROR {
                event.record(&mut Message(&mut self.0.lock().unwrap()));
            }
        }
    }

    struct Message<'a>(&'a mut Vec<String>);

    impl Visit for Message<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            if field.name() == "message" {
                self.0.push(format!("{value:?}"));
            }
        }
    }

    /// What is logged as an error on this thread meanwhile.
    fn errors_of(work: impl FnOnce()) -> Vec<String> {
        // Where one subscriber is alone, what another thread without any has seen first is not told to it.
        static OTHERS: OnceLock<[Dispatch; 2]> = OnceLock::new();
        OTHERS.get_or_init(|| [(); 2].map(|()| Dispatch::new(tracing_subscriber::registry())));
        let errors = Errors::default();
        let subscriber = tracing_subscriber::registry().with(errors.clone());
        tracing::subscriber::with_default(subscriber, work);
        let errors = errors.0.lock().unwrap();
        errors.clone()
    }

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
        let logged = errors_of(|| keep(&server.client(), Uuid::nil(), &Lease::default()));
        assert_eq!(server.requests().len(), 1);
        assert_eq!(logged.len(), 1, "{logged:?}");
        assert!(logged[0].starts_with("the run goes on without its slot, which was lost: "));
    }
}
