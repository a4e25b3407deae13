//! How often, and how long, something is looked at.

use std::time::{Duration, Instant};

use crate::deadline::Deadline;

/// What the first look is followed by after; each wait is twice the one before it, up to what the caller says.
const FIRST: Duration = Duration::from_millis(250);
/// Nobody looks more often, whatever the caller says: the server has others to answer.
pub(crate) const SHORTEST: Duration = Duration::from_millis(10);

/// The waits between looks, until time is up.
#[derive(Clone, Debug)]
pub(crate) struct Polling {
    deadline: Deadline,
    longest: Duration,
    next: Duration,
}

/// For how long every look may fail until that is the answer.
const AWAY: Duration = Duration::from_mins(5);

/// The looks that have failed since the last one that did not: a server may be away for a while.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Missed {
    since: Option<Instant>,
}

impl Missed {
    /// Something was seen.
    pub(crate) fn forget(&mut self) {
        self.since = None;
    }

    /// Whether the next look may see more than this one did.
    pub(crate) fn passes(&mut self, error: &prefect_client::Error) -> bool {
        self.passes_at(error, Instant::now())
    }

    fn passes_at(&mut self, error: &prefect_client::Error, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        is_passing(error) && now.duration_since(since) < AWAY
    }
}

/// Whether the same may be answered otherwise soon: the server is away or overburdened. Else it has decided, or can't be asked.
pub(crate) fn is_passing(error: &prefect_client::Error) -> bool {
    match error.status() {
        Some(status) => status.is_server_error() || matches!(status.as_u16(), 408 | 429),
        None => error.transport_kind().is_some(),
    }
}

impl Polling {
    /// Begins now.
    pub(crate) fn new(timeout: Option<Duration>, poll_interval: Duration) -> Self {
        Self::from(Instant::now(), timeout, poll_interval)
    }

    /// How long to wait until the next look; `None` when time is up. The last look falls on the deadline.
    pub(crate) fn next_wait(&mut self) -> Option<Duration> {
        self.wait_at(Instant::now())
    }

    /// How long the next look may take.
    pub(crate) fn for_look(&self) -> Duration {
        self.deadline.for_request(Instant::now())
    }

    /// Whether time is up.
    pub(crate) fn is_over(&self) -> bool {
        self.deadline.is_over(Instant::now())
    }

    fn from(now: Instant, timeout: Option<Duration>, poll_interval: Duration) -> Self {
        let longest = poll_interval.max(SHORTEST);
        Self {
            deadline: Deadline::after(timeout, now),
            longest,
            next: FIRST.min(longest),
        }
    }

    fn wait_at(&mut self, now: Instant) -> Option<Duration> {
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.longest);
        let left = self.deadline.left(now);
        (!left.is_zero()).then_some(wait.min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(timeout: Option<u64>, poll_interval: u64) -> Vec<u128> {
        let mut now = Instant::now();
        let millis = Duration::from_millis;
        let mut polling = Polling::from(now, timeout.map(millis), millis(poll_interval));
        let next = || {
            let wait = polling.wait_at(now)?;
            now += wait;
            Some(wait.as_millis())
        };
        std::iter::from_fn(next).take(8).collect()
    }

    #[test]
    fn waits_double_up_to_the_poll_interval() {
        assert_eq!(
            waits(None, 2000),
            [250, 500, 1000, 2000, 2000, 2000, 2000, 2000]
        );
        assert_eq!(waits(None, 100)[..3], [100, 100, 100]);
        assert_eq!(waits(None, 0)[..3], [10, 10, 10]);
    }

    #[test]
    fn the_last_look_falls_on_the_deadline() {
        assert_eq!(waits(Some(1000), 5000), [250, 500, 250]);
        assert_eq!(waits(Some(0), 5000), [0; 0]);
    }

    #[test]
    fn a_timeout_that_no_clock_can_hold_has_no_end() {
        let mut polling = Polling::new(Some(Duration::MAX), Duration::MAX);
        assert_eq!(polling.next_wait(), Some(FIRST));
        assert!(!polling.is_over());
    }
}
