//! How long to ask again for slots that are taken. No I/O.

use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::polling::SHORTEST;

/// What is left of the time and of the tries.
#[derive(Debug)]
pub(super) struct Asking {
    deadline: Deadline,
    retries: Option<u32>,
}

/// What there is no more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Time,
    Retries,
}

impl Asking {
    pub(super) fn new(timeout: Option<Duration>, retries: Option<u32>, now: Instant) -> Self {
        let deadline = Deadline::after(timeout, now);
        Self { deadline, retries }
    }

    /// How long to wait before the next try, where the server says to wait `retry_after`. The last try is made when the
    /// time is up. A server that says zero isn't asked without a pause.
    pub(super) fn wait(&mut self, retry_after: Duration, now: Instant) -> Result<Duration, Spent> {
        let left = self.deadline.left(now);
        if left.is_zero() {
            return Err(Spent::Time);
        }
        if let Some(retries) = &mut self.retries {
            *retries = retries.checked_sub(1).ok_or(Spent::Retries)?;
        }
        Ok(retry_after.max(SHORTEST).min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn without_limits_the_server_s_wait_is_waited() {
        let now = Instant::now();
        let mut asking = Asking::new(None, None, now);
        for hours in 0..100 {
            let now = now + 3600 * hours * SECOND;
            assert_eq!(asking.wait(7 * SECOND, now), Ok(7 * SECOND));
        }
        assert_eq!(asking.wait(Duration::ZERO, now), Ok(SHORTEST));
    }

    #[test]
    fn the_last_try_is_made_when_the_time_is_up() {
        let now = Instant::now();
        let mut asking = Asking::new(Some(5 * SECOND), None, now);
        assert_eq!(asking.wait(2 * SECOND, now), Ok(2 * SECOND));
        assert_eq!(asking.wait(30 * SECOND, now + 2 * SECOND), Ok(3 * SECOND));
        let late = [5 * SECOND, 60 * SECOND];
        for late in late {
            assert_eq!(asking.wait(SECOND, now + late), Err(Spent::Time));
        }
        let mut none = Asking::new(Some(Duration::ZERO), None, now);
        assert_eq!(none.wait(SECOND, now), Err(Spent::Time));
        let mut endless = Asking::new(Some(Duration::MAX), None, now);
        assert_eq!(endless.wait(SECOND, now), Ok(SECOND));
    }

    #[test]
    fn retries_are_counted() {
        let now = Instant::now();
        let mut asking = Asking::new(None, Some(2), now);
        assert_eq!(asking.wait(SECOND, now), Ok(SECOND));
        assert_eq!(asking.wait(SECOND, now), Ok(SECOND));
        assert_eq!(asking.wait(SECOND, now), Err(Spent::Retries));
        assert_eq!(asking.wait(SECOND, now), Err(Spent::Retries));
        let mut none = Asking::new(None, Some(0), now);
        assert_eq!(none.wait(SECOND, now), Err(Spent::Retries));
    }
}
