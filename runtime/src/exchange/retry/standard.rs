//! The usual rules of trying again.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;

use super::{Attempt, AttemptOutcome, Retry, RetryPolicy, jitter, retry_after};
use crate::call::{Answer, TransportError, TransportErrorKind};

/// Tries again after certain statuses and broken exchanges.
///
/// - **Statuses**: 408, 429, 502 and 503, and those added by [`status`](Self::status).
/// - **Broken exchanges**: a timeout or a connection that broke off. A connection that did not come about is tried
///   again only where the server has answered this client before: a wrong address fails at once. Where the server had
///   closed a connection that was kept ([stale](TransportError::is_stale)), the second attempt follows at once and doesn't count.
/// - **What may have been executed is not sent twice**: an operation that isn't
///   [repeatable](crate::Operation::is_repeatable) follows only a 429, an answer that
///   [says so](Self::not_executed), or a connection that did not come about.
/// - **Waiting**: as long as `Retry-After` says, else 2, 4, 8 … seconds, spread by the jitter factor, which never makes
///   a wait shorter than `Retry-After`. An answer other than a 429 that [says](Self::not_executed) that nothing was done
///   is followed three times sooner than that, after 50, 200 and 800 milliseconds; these don't count.
pub struct StandardRetry {
    retries: u32,
    statuses: BTreeSet<StatusCode>,
    jitter: f64,
    longest_wait: Duration,
    not_executed: fn(&Answer) -> bool,
    maintenance: fn(&Answer) -> bool,
    random: Mutex<fastrand::Rng>,
}

/// How long it is until the first attempts after answers that say that nothing was done.
const SOON: [Duration; 3] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(800),
];

impl StandardRetry {
    /// At most this many attempts after the first one.
    #[must_use]
    pub fn new(retries: u32) -> Self {
        let statuses = [
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::BAD_GATEWAY,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        Self {
            retries,
            statuses: BTreeSet::from(statuses),
            jitter: 0.2,
            longest_wait: Duration::from_mins(2),
            not_executed: |_| false,
            maintenance: |_| false,
            random: Mutex::new(fastrand::Rng::new()),
        }
    }

    /// Adds a status that is tried again.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.statuses.insert(status);
        self
    }

    /// Sets by how much waits are spread: 0.2 is up to a fifth, and 0 not at all.
    #[must_use]
    pub fn jitter(mut self, factor: f64) -> Self {
        self.jitter = if factor.is_finite() {
            factor.max(0.0)
        } else {
            0.0
        };
        self
    }

    /// Sets the longest wait; 2 minutes unless set. Where the server asks for a longer one, the exchange ends.
    #[must_use]
    pub fn longest_wait(mut self, longest: Duration) -> Self {
        self.longest_wait = longest;
        self
    }

    /// Sets which answers, of those with a status that is tried again, say that the request was not executed.
    #[must_use]
    pub fn not_executed(mut self, says_so: fn(&Answer) -> bool) -> Self {
        self.not_executed = says_so;
        self
    }

    /// Sets which answers, of those with a status that is tried again, say that the server is under maintenance: the
    /// request was not executed, and the attempt doesn't count, so that it goes on until the deadline.
    #[must_use]
    pub fn maintenance(mut self, says_so: fn(&Answer) -> bool) -> Self {
        self.maintenance = says_so;
        self
    }

    /// Makes the jitter a fixed sequence.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        *self.random.lock().unwrap_or_else(PoisonError::into_inner) =
            fastrand::Rng::with_seed(seed);
        self
    }

    fn after_answer(&self, attempt: &Attempt<'_>, answer: &Answer) -> Option<Retry> {
        let status = answer.status();
        if !self.statuses.contains(&status) {
            return None;
        }
        if (self.maintenance)(answer) {
            let wait = self.wait(attempt, Some(answer), attempt.counted)?;
            return Some(Retry::after(wait).uncounted());
        }
        let may_follow = attempt.request.operation().is_repeatable()
            || status == StatusCode::TOO_MANY_REQUESTS
            || (self.not_executed)(answer);
        if !may_follow {
            return None;
        }
        self.soon(attempt, answer)
            .or_else(|| self.counted_retry(attempt, Some(answer)))
    }

    /// Whoever did nothing, such as for a lock that was taken, is asked again soon; but not who has too much to do as it is.
    fn soon(&self, attempt: &Attempt<'_>, answer: &Answer) -> Option<Retry> {
        let place = usize::try_from(attempt.number.checked_sub(1)?).ok()?;
        let wait = SOON.get(place).filter(|_| self.retries > 0)?;
        let is_too_much = answer.status() == StatusCode::TOO_MANY_REQUESTS;
        let says_when = retry_after(answer.headers(), attempt.wall_time()).is_some();
        if is_too_much || says_when || !(self.not_executed)(answer) {
            return None;
        }
        let wait = jitter::around(*wait, self.jitter, self.random());
        Some(Retry::after(wait).uncounted())
    }

    fn random(&self) -> f64 {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        random.f64()
    }

    fn after_failure(&self, attempt: &Attempt<'_>, error: &TransportError) -> Option<Retry> {
        let may_follow = match error.kind() {
            TransportErrorKind::Connect => attempt.reached_before,
            TransportErrorKind::Timeout | TransportErrorKind::Interrupted => {
                attempt.request.operation().is_repeatable() || error.is_unsent()
            }
            TransportErrorKind::BodyTooLarge(_) | TransportErrorKind::NoRuntime => false,
        };
        if !may_follow {
            return None;
        }
        if error.is_stale() && attempt.number == 1 && self.retries > 0 {
            return Some(Retry::after(Duration::ZERO).uncounted());
        }
        self.counted_retry(attempt, None)
    }

    fn counted_retry(&self, attempt: &Attempt<'_>, answer: Option<&Answer>) -> Option<Retry> {
        let counted = attempt.counted.checked_add(1)?;
        if counted > self.retries {
            return None;
        }
        self.wait(attempt, answer, counted).map(Retry::after)
    }

    fn wait(
        &self,
        attempt: &Attempt<'_>,
        answer: Option<&Answer>,
        counted: u32,
    ) -> Option<Duration> {
        let asked = answer.and_then(|answer| retry_after(answer.headers(), attempt.wall_time()));
        let random = self.random();
        match asked {
            Some(asked) if asked > self.longest_wait => None,
            Some(asked) => Some(jitter::above(asked, self.jitter, random)),
            None => {
                let doubled = Duration::from_secs(2u64.saturating_pow(counted));
                let wait = doubled.min(self.longest_wait);
                Some(jitter::around(wait, self.jitter, random))
            }
        }
    }
}

impl RetryPolicy for StandardRetry {
    fn retry(&self, attempt: &Attempt<'_>) -> Option<Retry> {
        match attempt.outcome {
            AttemptOutcome::Answered(answer) => self.after_answer(attempt, answer),
            AttemptOutcome::Failed(error) => self.after_failure(attempt, error),
        }
    }

    fn reason(&self, attempt: &Attempt<'_>) -> Option<String> {
        let AttemptOutcome::Answered(answer) = attempt.outcome else {
            return None;
        };
        let asked = retry_after(answer.headers(), attempt.wall_time())?;
        (self.statuses.contains(&answer.status()) && asked > self.longest_wait).then(|| {
            let (asked, longest) = (asked.as_secs_f64(), self.longest_wait.as_secs_f64());
            format!(
                "no attempt follows, as the server asks to wait {asked:.0} s (Retry-After), longer than the {longest:.0} s \
                 of the retry policy (`longest_wait`)"
            )
        })
    }
}

impl fmt::Debug for StandardRetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandardRetry")
            .field("retries", &self.retries)
            .field("statuses", &self.statuses)
            .field("jitter", &self.jitter)
            .field("longest_wait", &self.longest_wait)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
