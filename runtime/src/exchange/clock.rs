//! What time it is, and waiting.

use std::fmt::Debug;
#[cfg(any(feature = "blocking", feature = "async"))]
use std::time::Duration;
use std::time::{Instant, SystemTime};

#[cfg(feature = "async")]
use crate::transport::BoxFuture;

/// What a client asks for the time, and waits with between two attempts. Tests replace it.
///
/// The sockets of the two transports keep to the machine's own clock.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time for measuring.
    fn now(&self) -> Instant;

    /// The time of the calendar.
    fn wall(&self) -> SystemTime;

    /// Blocks the thread for this long.
    #[cfg(feature = "blocking")]
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    /// Waits for this long.
    #[cfg(feature = "async")]
    fn asleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}
