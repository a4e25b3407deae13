//! Time that only waiting moves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use diptych_runtime::Clock;

/// A clock that stands still but for waiting, which takes no time and is kept. Clones are the same clock.
///
/// It begins at 2026-01-01T00:00:00Z.
#[derive(Clone, Debug)]
pub struct ManualClock {
    begun: Instant,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    passed: Duration,
    sleeps: Vec<Duration>,
}

/// 2026-01-01T00:00:00Z in seconds since 1970.
const BEGINNING: u64 = 1_767_225_600;

/// How far the clock goes: as good as for ever, and times have room for it.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

impl ManualClock {
    /// A clock at its beginning.
    #[must_use]
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            state: Arc::default(),
        }
    }

    /// Lets this much time pass.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.locked();
        state.passed = state.passed.saturating_add(duration).min(LONGEST);
    }

    /// How long was waited so far: one entry for each time.
    #[must_use]
    pub fn sleeps(&self) -> Vec<Duration> {
        self.locked().sleeps.clone()
    }

    fn slept(&self, duration: Duration) {
        self.advance(duration);
        self.locked().sleeps.push(duration);
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        let passed = self.locked().passed;
        self.begun.checked_add(passed).unwrap_or(self.begun)
    }

    fn wall(&self) -> SystemTime {
        let beginning = SystemTime::UNIX_EPOCH + Duration::from_secs(BEGINNING);
        let passed = self.locked().passed;
        beginning.checked_add(passed).unwrap_or(beginning)
    }

    #[cfg(feature = "blocking")]
    fn sleep(&self, duration: Duration) {
        self.slept(duration);
    }

    /// Lets other tasks run once: what this one waits for may be theirs.
    #[cfg(feature = "async")]
    fn asleep(&self, duration: Duration) -> crate::transport::BoxFuture<'_, ()> {
        let mut is_over = false;
        Box::pin(std::future::poll_fn(move |context| {
            if is_over {
                return std::task::Poll::Ready(());
            }
            is_over = true;
            self.slept(duration);
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_time_passes_and_time_never_goes_back() {
        let clock = ManualClock::new();
        let (now, wall) = (clock.now(), clock.wall());
        clock.advance(Duration::MAX);
        let later = (clock.now(), clock.wall());
        assert!(later.0 > now + Duration::from_secs(1 << 30) && later.1 > wall);
        clock.advance(Duration::MAX);
        assert_eq!((clock.now(), clock.wall()), later);
    }
}
