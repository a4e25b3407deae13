//! A clock on which waiting takes no time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use prefect_client::Clock;
use prefect_client::transport::BoxFuture;

/// Waiting moves this clock, and is written down. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct TestClock {
    begun: Instant,
    wall: SystemTime,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl TestClock {
    /// A clock that stands at this time of the calendar.
    #[must_use]
    pub fn at(wall: SystemTime) -> Self {
        Self {
            begun: Instant::now(),
            wall,
            waits: Arc::default(),
        }
    }

    /// Every wait so far, in order.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.locked().clone()
    }

    /// Lets time pass, as a wait does.
    pub fn advance(&self, duration: Duration) {
        self.locked().push(duration);
    }

    fn passed(&self) -> Duration {
        self.locked().iter().sum()
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Duration>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.begun + self.passed()
    }

    fn wall(&self) -> SystemTime {
        self.wall + self.passed()
    }

    fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }

    fn asleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.advance(duration);
        Box::pin(std::future::ready(()))
    }
}
