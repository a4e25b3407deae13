//! When a wait ends.

use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::CallOptions;

use crate::faces::sdk;

/// How long a request may go on that begins when the time is up.
const LAST_REQUEST: Duration = Duration::from_secs(2);

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

    /// How long a request that begins now may take.
    pub(crate) fn for_request(self, now: Instant) -> Duration {
        self.left(now).max(LAST_REQUEST)
    }

    /// Whether it has come.
    pub(crate) fn is_over(self, now: Instant) -> bool {
        self.left(now).is_zero()
    }
}

/// The client for requests that take no longer than this, whatever its own limits are.
#[dual(sdk)]
pub(crate) fn abounded(client: &AsyncPrefectClient, time: Duration) -> AsyncPrefectClient {
    client.with(CallOptions::new().at_most(time))
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
        assert_eq!(soon.for_request(now + second), LAST_REQUEST);
        let later = Deadline::after(Some(second * 60), now);
        assert_eq!(later.for_request(now + second), second * 59);
        for endless in [None, Some(Duration::MAX)] {
            assert_eq!(Deadline::after(endless, now).left(now), Duration::MAX);
            let for_request = Deadline::after(endless, now).for_request(now);
            assert_eq!(for_request, Duration::MAX);
        }
    }
}
