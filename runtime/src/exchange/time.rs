//! How long an exchange may take, and its parts.

use std::time::{Duration, Instant};

use super::{Exchange, State};

impl Exchange<'_> {
    /// How long the request that is being sent may take, from the step that said so.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        let now = match self.state {
            State::Sent => self.current.begun,
            _ => None,
        };
        let until_deadline = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(now.unwrap_or_else(|| self.now())));
        [until_deadline, self.attempt_timeout]
            .into_iter()
            .flatten()
            .min()
    }

    /// How long an answer may be silent, once it has begun: as long as one attempt may take.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn silence(&self) -> Option<Duration> {
        let deadline = self.deadline;
        let in_all = deadline.map(|deadline| deadline.saturating_duration_since(self.begun));
        [in_all, self.attempt_timeout].into_iter().flatten().min()
    }

    /// When the request that is being sent must be over, by the machine's clock. None: never, or later than the system
    /// counts.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let left = self.time_left()?;
        let sent = self
            .current
            .begun
            .filter(|_| self.hinge.terms.keeps_machine_time);
        sent.unwrap_or_else(Instant::now).checked_add(left)
    }

    /// Whether the deadline leaves time for an attempt after this delay.
    pub(super) fn is_in_time(&self, now: Instant, delay: Duration) -> bool {
        self.deadline
            .is_none_or(|deadline| now.checked_add(delay).is_some_and(|then| then < deadline))
    }

    pub(super) fn now(&self) -> Instant {
        self.hinge.terms.clock.now()
    }
}
