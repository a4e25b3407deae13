//! In the place of the SDK's: no wait ends before what it waits for.

use std::time::{Duration, Instant};

/// The end of a wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline;

impl Deadline {
    pub(crate) fn after(_: Option<Duration>, _: Instant) -> Self {
        Self
    }

    pub(crate) fn left(self, _: Instant) -> Duration {
        Duration::MAX
    }

    pub(crate) fn is_over(self, _: Instant) -> bool {
        false
    }
}
