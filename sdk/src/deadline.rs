//! When a wait ends.

use std::time::{Duration, Instant};

/// The end of a wait, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// In so long a time. Without one, or with one that the clock can't tell, there is no end.
    pub(crate) fn after(timeout: Option<Duration>, now: Instant) -> Self {
        Self(timeout.and_then(|timeout| now.checked_add(timeout)))
    }

    /// How long it is until then: `Duration::MAX` without an end.
    pub(crate) fn left(self, now: Instant) -> Duration {
        self.0
            .map_or(Duration::MAX, |end| end.saturating_duration_since(now))
    }

    /// Whether it has come.
    pub(crate) fn is_over(self, now: Instant) -> bool {
        self.left(now).is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_in_time_or_never() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let soon = Deadline::after(Some(second), now);
        assert_eq!(soon.left(now), second);
        assert!(!soon.is_over(now));
        assert!(soon.is_over(now + second) && soon.is_over(now + 2 * second));
        assert!(Deadline::after(Some(Duration::ZERO), now).is_over(now));
        for endless in [None, Some(Duration::MAX)] {
            assert_eq!(Deadline::after(endless, now).left(now), Duration::MAX);
        }
    }
}
