//! Whether, and after which state and wait, something that failed runs again. No I/O.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use prefect_client::models::StateCreate;
use serde_json::{Value, json};

use crate::states;

/// The longest delay that the server is told: a hundred years. It adds them to a time, which has an end.
pub(super) const LONGEST_TOLD: Duration = Duration::from_hours(100 * 365 * 24);
/// The last time that the server is told, the first of the year 9999, in seconds: those of Python end with that year.
const LAST_TOLD: i64 = 253_370_764_800;

/// How long a task waits before it runs again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryDelay {
    /// As long each time; not at all where that is zero.
    Same(Duration),
    /// For each retry its own; the last one for all that follow.
    Each(Vec<Duration>),
    /// So long, and twice as long each time: Prefect's `exponential_backoff`.
    Exponential(Duration),
}

impl Default for RetryDelay {
    fn default() -> Self {
        Self::Same(Duration::ZERO)
    }
}

impl From<Duration> for RetryDelay {
    fn from(delay: Duration) -> Self {
        Self::Same(delay)
    }
}

impl From<Vec<Duration>> for RetryDelay {
    fn from(delays: Vec<Duration>) -> Self {
        Self::Each(delays)
    }
}

impl RetryDelay {
    /// How long to wait before a retry, the first of which is 0.
    fn before(&self, retry: u32) -> Duration {
        match self {
            Self::Same(delay) => *delay,
            Self::Each(delays) => {
                let at = usize::try_from(retry).unwrap_or(usize::MAX);
                let delay = delays.get(at).or(delays.last());
                delay.copied().unwrap_or_default()
            }
            Self::Exponential(first) => {
                first.saturating_mul(2_u32.checked_pow(retry).unwrap_or(u32::MAX))
            }
        }
    }

    /// As it is told to the server, in seconds.
    pub(super) fn told(&self, retries: u32) -> Value {
        match self {
            Self::Same(delay) => seconds(*delay),
            Self::Each(delays) => delays.iter().map(|delay| seconds(*delay)).collect(),
            // Prefect takes 50 at most.
            Self::Exponential(_) => (0..retries.min(50))
                .map(|retry| seconds(self.before(retry)))
                .collect(),
        }
    }
}

fn seconds(delay: Duration) -> Value {
    let delay = delay.min(LONGEST_TOLD);
    match delay.subsec_nanos() {
        0 => json!(delay.as_secs()),
        _ => json!(delay.as_secs_f64()),
    }
}

/// What follows a failure of a task.
#[derive(Debug)]
pub(super) enum Retry {
    /// It runs again, at once, in this state.
    Now(StateCreate),
    /// It runs again after a while, which it waits in this state.
    After(Duration, StateCreate),
    /// It does not run again.
    Never,
}

/// What a task says of retries.
#[derive(Clone, Debug, Default)]
pub(crate) struct RetryPolicy {
    pub(crate) retries: u32,
    pub(crate) delay: RetryDelay,
    pub(crate) jitter: Option<f64>,
}

impl RetryPolicy {
    /// What follows a failure, after that many retries. `chance` is between 0 and 1, and asked for where it matters.
    pub(super) fn after_failure(
        &self,
        retried: u32,
        is_worth_it: bool,
        now: DateTime<Utc>,
        chance: impl FnOnce() -> f64,
    ) -> Retry {
        if retried >= self.retries || !is_worth_it {
            return Retry::Never;
        }
        let mut delay = self.delay.before(retried);
        if let Some(jitter) = self.jitter.filter(|jitter| *jitter > 0.0) {
            delay = jittered(delay, jitter, chance());
        }
        if delay.is_zero() {
            return Retry::Now(states::retrying());
        }
        Retry::After(delay, states::awaiting_retry(told_time(now, delay)))
    }
}

/// When a delay is over, as it is told to the server.
fn told_time(now: DateTime<Utc>, delay: Duration) -> DateTime<Utc> {
    let last = DateTime::from_timestamp(LAST_TOLD, 0).unwrap_or(now);
    let time = TimeDelta::from_std(delay).ok();
    let time = time.and_then(|delay| now.checked_add_signed(delay));
    time.map_or(last, |time| time.min(last))
}

/// A delay of which the average stays the same: Prefect's `clamped_poisson_interval`. The inverse of the exponential
/// distribution, from a lower bound with as much probability below the median as the upper one has above.
fn jittered(average: Duration, jitter: f64, chance: f64) -> Duration {
    let upper = 1.0 + jitter;
    let lower = if upper >= 50.0 {
        0.0
    } else {
        (upper.exp2() / (upper.exp2() - 1.0)).max(1e-10).log2()
    };
    let distribution = |multiple: f64| 1.0 - (-multiple).exp();
    let (low, high) = (distribution(lower), distribution(upper));
    let point = low + chance * (high - low);
    let factor = -(1.0 - point).max(1e-10).ln();
    Duration::try_from_secs_f64(average.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn delays(delay: RetryDelay, retries: u32) -> Vec<Duration> {
        let policy = RetryPolicy {
            retries,
            delay,
            jitter: None,
        };
        let after = |retried| match policy.after_failure(retried, true, Utc::now(), || 0.5) {
            Retry::Now(_) => Some(Duration::ZERO),
            Retry::After(delay, _) => Some(delay),
            Retry::Never => None,
        };
        (0..=retries).map_while(after).collect()
    }

    #[test]
    fn delays_are_prefect_s() {
        assert_eq!(delays(RetryDelay::default(), 2), [Duration::ZERO; 2]);
        assert_eq!(delays(SECOND.into(), 2), [SECOND; 2]);
        assert_eq!(
            delays(vec![SECOND, 2 * SECOND].into(), 3),
            [SECOND, 2 * SECOND, 2 * SECOND]
        );
        assert_eq!(delays(RetryDelay::Each(Vec::new()), 1), [Duration::ZERO]);
        assert_eq!(
            delays(RetryDelay::Exponential(SECOND), 3),
            [SECOND, 2 * SECOND, 4 * SECOND]
        );
        let endless = RetryDelay::Exponential(Duration::MAX);
        assert_eq!(endless.before(u32::MAX), Duration::MAX);
    }

    #[test]
    fn it_runs_again_as_often_as_it_may_and_if_that_is_worth_it() {
        let policy = RetryPolicy {
            retries: 1,
            ..RetryPolicy::default()
        };
        let after =
            |retried, is_worth_it| policy.after_failure(retried, is_worth_it, Utc::now(), || 0.5);
        let Retry::Now(state) = after(0, true) else {
            panic!("again")
        };
        assert_eq!(state.name.as_deref(), Some("Retrying"));
        assert!(matches!(after(0, false), Retry::Never));
        assert!(matches!(after(1, true), Retry::Never));
    }

    #[test]
    fn jitter_stays_between_its_bounds() {
        for chance in [0.0, 0.25, 0.5, 0.999_999] {
            let delay = jittered(10 * SECOND, 0.5, chance);
            assert!(delay > SECOND && delay <= 15 * SECOND, "{delay:?}");
        }
        assert_eq!(jittered(Duration::ZERO, 0.5, 0.5), Duration::ZERO);
        assert_eq!(jittered(Duration::MAX, 60.0, 1.0), Duration::MAX);
    }

    #[test]
    fn a_time_that_python_has_not_is_told_as_the_last_one() {
        let thousands = Duration::from_hours(10_000 * 365 * 24);
        for long in [thousands, Duration::MAX] {
            let policy = RetryPolicy {
                retries: 1,
                delay: long.into(),
                jitter: None,
            };
            let Retry::After(delay, state) = policy.after_failure(0, true, Utc::now(), || 0.5)
            else {
                panic!("after a while")
            };
            assert_eq!(delay, long);
            let time = state
                .state_details
                .and_then(|details| details.scheduled_time);
            assert_eq!(time, DateTime::from_timestamp(LAST_TOLD, 0));
            let told = RetryDelay::Same(long).told(1);
            assert_eq!(told, json!(LONGEST_TOLD.as_secs()));
        }
    }

    #[test]
    fn the_server_is_told_seconds() {
        assert_eq!(RetryDelay::default().told(0), json!(0));
        assert_eq!(RetryDelay::Same(SECOND / 2).told(3), json!(0.5));
        assert_eq!(RetryDelay::Exponential(SECOND).told(3), json!([1, 2, 4]));
    }
}
