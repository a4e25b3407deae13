//! Whether an attempt follows, and why there is none.

use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use super::options::CallOptions;
use super::retry::{Attempt, AttemptOutcome, Retry, RetryPolicy};
use super::{Exchange, Outcome, observe};
use crate::model::SPENT;

const AFTER_DEADLINE: &str =
    "no attempt follows, as it could only begin after the call's deadline (`timeout`)";

/// Why there is no attempt, in words.
pub(super) fn unfollowed(why: &str) -> String {
    format!("no attempt follows, as {why}")
}

impl Exchange<'_> {
    /// The next attempt, unless it could only begin after the deadline; else why there is none, as far as it is known.
    /// The observers see what was decided.
    pub(super) fn retry(&self, outcome: &Outcome) -> Result<Retry, Option<String>> {
        let terms = &self.hinge.terms;
        let attempt = Attempt {
            number: self.current.attempts,
            counted: self.current.counted,
            request: self.sent(),
            outcome: match outcome {
                Ok(answer) => AttemptOutcome::Answered(answer),
                Err(error) => AttemptOutcome::Failed(error),
            },
            begun: self.current.begun,
            ended: OnceLock::new(),
            clock: &*terms.clock,
            reached_before: self.hinge.reached.load(Ordering::Relaxed),
        };
        let own = self.options.and_then(CallOptions::policy);
        let policy: &dyn RetryPolicy = own.unwrap_or(&*terms.retry);
        let wanted = policy.retry(&attempt);
        let is_spent = self.sent().is_spent();
        let retry =
            wanted.filter(|retry| !is_spent && self.is_in_time(attempt.ended(), retry.after));
        let own = self.options.and_then(CallOptions::observer);
        for observer in [terms.observer.as_deref(), own].into_iter().flatten() {
            observer(&attempt, retry.as_ref());
        }
        if let Some(retry) = &retry {
            observe::retry(&attempt, retry);
        }
        retry.ok_or_else(|| match wanted {
            Some(_) if is_spent => Some(unfollowed(SPENT)),
            Some(_) => Some(AFTER_DEADLINE.to_owned()),
            None if matches!(outcome, Ok(answer) if answer.status().is_success()) => None,
            None => policy.reason(&attempt),
        })
    }
}
