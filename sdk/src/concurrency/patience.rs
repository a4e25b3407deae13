//! How long to ask again for slots that are taken. No I/O.

use std::time::{Duration, Instant};

use prefect_client::transport::http::{HeaderMap, header::RETRY_AFTER};

/// What is left of the time and of the tries.
#[derive(Debug)]
pub(super) struct Patience {
    deadline: Option<Instant>,
    retries: Option<u32>,
}

/// What there is no more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Time,
    Retries,
}

impl Patience {
    pub(super) fn new(timeout: Option<Duration>, retries: Option<u32>, now: Instant) -> Self {
        // A time that the clock can't tell is without end.
        let deadline = timeout.and_then(|timeout| now.checked_add(timeout));
        Self { deadline, retries }
    }

    /// How long to wait before the next try, where the server says to wait `retry_after`. The last try is made when the
    /// time is up.
    pub(super) fn wait(&mut self, retry_after: Duration, now: Instant) -> Result<Duration, Spent> {
        let left = self
            .deadline
            .map_or(Duration::MAX, |deadline| deadline.duration_since(now));
        if left.is_zero() {
            return Err(Spent::Time);
        }
        if let Some(retries) = &mut self.retries {
            *retries = retries.checked_sub(1).ok_or(Spent::Retries)?;
        }
        Ok(retry_after.min(left))
    }
}

/// The seconds in the header `Retry-After`: a fraction, unlike in HTTP. `None` where there is none, or it can't be read.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?;
    Duration::try_from_secs_f64(seconds.trim().parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use prefect_client::transport::http::HeaderValue;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn without_limits_the_server_s_wait_is_waited() {
        let now = Instant::now();
        let mut patience = Patience::new(None, None, now);
        for hours in 0..100 {
            let now = now + 3600 * hours * SECOND;
            assert_eq!(patience.wait(7 * SECOND, now), Ok(7 * SECOND));
        }
    }

    #[test]
    fn the_last_try_is_made_when_the_time_is_up() {
        let now = Instant::now();
        let mut patience = Patience::new(Some(5 * SECOND), None, now);
        assert_eq!(patience.wait(2 * SECOND, now), Ok(2 * SECOND));
        assert_eq!(patience.wait(30 * SECOND, now + 2 * SECOND), Ok(3 * SECOND));
        let late = [5 * SECOND, 60 * SECOND];
        for late in late {
            assert_eq!(patience.wait(SECOND, now + late), Err(Spent::Time));
        }
        let mut none = Patience::new(Some(Duration::ZERO), None, now);
        assert_eq!(none.wait(SECOND, now), Err(Spent::Time));
        let mut endless = Patience::new(Some(Duration::MAX), None, now);
        assert_eq!(endless.wait(SECOND, now), Ok(SECOND));
    }

    #[test]
    fn retries_are_counted() {
        let now = Instant::now();
        let mut patience = Patience::new(None, Some(2), now);
        assert_eq!(patience.wait(SECOND, now), Ok(SECOND));
        assert_eq!(patience.wait(SECOND, now), Ok(SECOND));
        assert_eq!(patience.wait(SECOND, now), Err(Spent::Retries));
        assert_eq!(patience.wait(SECOND, now), Err(Spent::Retries));
        let mut none = Patience::new(None, Some(0), now);
        assert_eq!(none.wait(SECOND, now), Err(Spent::Retries));
    }

    #[test]
    fn fractions_of_seconds_are_read_and_nonsense_is_not() {
        let read = |text: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            retry_after(&headers)
        };
        assert_eq!(read("0.25"), Some(SECOND / 4));
        assert_eq!(read(" 3 "), Some(3 * SECOND));
        for nonsense in ["", "-1", "NaN", "inf", "1e300", "soon"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
