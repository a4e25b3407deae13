//! Until when slots are held, from the clock alone: whoever renews their lease may stand still, or have ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[cfg(feature = "async")]
use tokio::runtime::Handle;
#[cfg(feature = "async")]
use tokio::sync::Notify;

/// Until when slots are held. The guard and what keeps its slots see the same.
#[derive(Clone, Debug)]
pub(super) struct Validity(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    until: Mutex<Until>,
    /// Tells that they are lost.
    #[cfg(feature = "async")]
    lost: Notify,
}

/// What is lost stays so: by the time that it shows, others may have the slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// No clock says an end.
    Forever,
    /// The lease ends then, unless it is renewed.
    Then(Instant),
    Lost,
}

impl Validity {
    /// Slots without a lease.
    pub(super) fn endless() -> Self {
        Self::new(Until::Forever)
    }

    /// Slots with a lease that was asked for at that time.
    pub(super) fn leased(asked: Instant, lease: Duration) -> Self {
        Self::new(end(asked, lease))
    }

    /// The lease was renewed by a request that was begun at that time. What was lost before stays lost.
    pub(super) fn renewed(&self, asked: Instant, lease: Duration) {
        let mut until = self.looked_at(Instant::now());
        if *until != Until::Lost {
            *until = end(asked, lease);
        }
    }

    /// The server says that the lease is gone, or nobody renews it any more.
    pub(super) fn lose(&self) {
        *self.looked_at(Instant::now()) = Until::Lost;
        #[cfg(feature = "async")]
        self.0.lost.notify_waiters();
    }

    pub(super) fn is_lost(&self) -> bool {
        *self.looked_at(Instant::now()) == Until::Lost
    }

    /// Waits until they are lost.
    #[cfg(feature = "async")]
    pub(super) async fn lost(&self) {
        loop {
            // Whoever asks to be told before looking misses nothing.
            let told = self.0.lost.notified();
            let now = Instant::now();
            let until = *self.looked_at(now);
            match until {
                Until::Lost => return,
                Until::Forever => told.await,
                Until::Then(end) => {
                    let left = end.saturating_duration_since(now);
                    self.wake_after(left);
                    within(left, told).await;
                }
            }
        }
    }

    /// Where no runtime has a clock, a thread wakes those who wait.
    #[cfg(feature = "async")]
    fn wake_after(&self, left: Duration) {
        if Handle::try_current().is_ok() {
            return;
        }
        let validity = self.clone();
        let wake = move || {
            std::thread::sleep(left);
            validity.0.lost.notify_waiters();
        };
        let thread = std::thread::Builder::new().name("prefect-lease".to_owned());
        if let Err(error) = thread.spawn(wake) {
            tracing::warn!(%error, "nothing tells when the lease of slots ends");
        }
    }

    fn new(until: Until) -> Self {
        Self(Arc::new(Shared {
            until: Mutex::new(until),
            #[cfg(feature = "async")]
            lost: Notify::new(),
        }))
    }

    fn looked_at(&self, now: Instant) -> MutexGuard<'_, Until> {
        let mut until = self.0.until.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*until, Until::Then(end) if end <= now) {
            *until = Until::Lost;
        }
        until
    }
}

#[cfg(feature = "async")]
async fn within(left: Duration, told: impl Future<Output = ()>) {
    if Handle::try_current().is_ok() {
        drop(tokio::time::timeout(left, told).await);
    } else {
        told.await;
    }
}

fn end(asked: Instant, lease: Duration) -> Until {
    asked.checked_add(lease).map_or(Until::Forever, Until::Then)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn ago(time: Duration) -> Instant {
        Instant::now().checked_sub(time).expect("the clock runs")
    }

    #[test]
    fn a_lease_ends_unless_it_is_renewed() {
        let validity = Validity::leased(ago(Duration::from_secs(1)), Duration::from_millis(1));
        assert!(validity.is_lost());
        // Whoever renews too late brings nothing back.
        validity.renewed(Instant::now(), HOUR);
        assert!(validity.is_lost());

        let validity = Validity::leased(Instant::now(), HOUR);
        validity.renewed(Instant::now(), HOUR);
        assert!(!validity.is_lost());
        validity.lose();
        assert!(validity.is_lost());
        for endless in [
            Validity::endless(),
            Validity::leased(Instant::now(), Duration::MAX),
        ] {
            assert!(!endless.is_lost());
        }
    }

    #[cfg(feature = "async")]
    #[test]
    fn its_end_is_told_with_and_without_a_runtime() {
        let short = Duration::from_millis(20);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        runtime.block_on(Validity::leased(Instant::now(), short).lost());
        let validity = Validity::leased(Instant::now(), short);
        let (done, is_done) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            pollster::block_on(validity.lost());
            done.send(()).expect("the test waits");
        });
        is_done.recv_timeout(Duration::from_mins(1)).expect("told");
    }
}
