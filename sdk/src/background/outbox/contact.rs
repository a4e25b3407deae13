//! Whether the process of the server that has taken something is still the one that answers.
//!
//! A process that ends is seen: requests to it fail, until there is another one. It is not seen where nothing is asked meanwhile. So the
//! server is certainly the same for as long as it answers all along, with pauses that are too short for another process to begin in.

use std::time::{Duration, Instant};

/// No server is gone and back within this time: Prefect's takes seconds to begin.
const BACK: Duration = Duration::from_millis(500);

/// What is known of the server's process.
#[derive(Debug, Default)]
pub(super) struct Contact {
    /// Since when it has answered all along, and when it did so last.
    since: Option<Instant>,
    last: Option<Instant>,
    /// Whether it did not answer once.
    was_lost: bool,
}

impl Contact {
    /// It is asked something.
    pub(super) fn asks(&mut self, now: Instant) {
        if !self.is_there(now) {
            self.since = Some(now);
        }
    }

    pub(super) fn answered(&mut self, now: Instant) {
        self.last = Some(now);
    }

    /// There was no answer, or one that a server's proxy or end may give.
    pub(super) fn lost(&mut self) {
        self.was_lost = true;
    }

    /// Whether what was taken then is with the process that answers now.
    #[cfg(any(feature = "flows", test))]
    pub(super) fn has_kept(&self, taken_at: Instant, now: Instant) -> bool {
        !self.was_lost && self.is_there(now) && self.since.is_some_and(|since| since <= taken_at)
    }

    fn is_there(&self, now: Instant) -> bool {
        self.last
            .is_some_and(|last| now.saturating_duration_since(last) < BACK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(400);

    #[test]
    fn what_is_taken_is_kept_for_as_long_as_the_server_answers_all_along() {
        let (mut contact, mut now) = (Contact::default(), Instant::now());
        let begun = now;
        assert!(!contact.has_kept(begun, now));
        for _ in 0..10 {
            contact.asks(now);
            // However long it takes.
            now += BACK * 3;
            contact.answered(now);
            now += MOMENT;
        }
        assert!(contact.has_kept(begun, now));
        let before = now;
        now += MOMENT;
        assert!(!contact.has_kept(before, now), "it may be another one");
        contact.asks(now);
        contact.answered(now);
        assert!(!contact.has_kept(begun, now) && contact.has_kept(now, now));
        contact.lost();
        contact.asks(now);
        contact.answered(now);
        assert!(!contact.has_kept(now, now));
    }
}
