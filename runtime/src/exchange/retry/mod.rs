//! Whether an exchange is tried again.

mod after;
mod jitter;
mod standard;

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

pub use after::retry_after;
pub use standard::StandardRetry;

use super::clock::Clock;
use crate::call::{Answer, Request, TransportError};

/// Decides whether an attempt is followed by another one.
pub trait RetryPolicy: Send + Sync {
    /// The next attempt; `None` ends the exchange with what it has. An attempt that could only begin after the
    /// deadline is not made, whatever the policy says.
    fn retry(&self, attempt: &Attempt<'_>) -> Option<Retry>;

    /// Why [`retry`](Self::retry) gave no attempt although the outcome asks for one, for the text of the error.
    fn reason(&self, attempt: &Attempt<'_>) -> Option<String> {
        let _ = attempt;
        None
    }
}

/// Never tries again.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRetry;

/// The next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How long to wait before it.
    pub after: Duration,
    /// Whether the attempt that ended counts among those that a policy allows.
    pub counts: bool,
}

/// One attempt that has ended.
#[derive(Debug)]
pub struct Attempt<'a> {
    pub(crate) number: u32,
    pub(crate) counted: u32,
    pub(crate) request: &'a Request,
    pub(crate) outcome: AttemptOutcome<'a>,
    pub(crate) begun: Option<Instant>,
    /// When it ended, once somebody has asked: most policies don't for what went well.
    pub(crate) ended: OnceLock<Instant>,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) reached_before: bool,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug)]
pub enum AttemptOutcome<'a> {
    /// An answer came, of any status.
    Answered(&'a Answer),
    /// No answer came.
    Failed(&'a TransportError),
}

impl Retry {
    /// Another attempt after this long; the one that ended counts.
    #[must_use]
    pub fn after(after: Duration) -> Self {
        Self {
            after,
            counts: true,
        }
    }

    /// The attempt that ended does not count.
    #[must_use]
    pub fn uncounted(self) -> Self {
        Self {
            counts: false,
            ..self
        }
    }
}

impl<'a> Attempt<'a> {
    /// The number of the attempt, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How many attempts before this one counted.
    #[must_use]
    pub fn counted(&self) -> u32 {
        self.counted
    }

    /// What was sent.
    #[must_use]
    pub fn request(&self) -> &'a Request {
        self.request
    }

    /// How the attempt ended.
    #[must_use]
    pub fn outcome(&self) -> AttemptOutcome<'a> {
        self.outcome
    }

    /// How long the attempt took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let ended = self.ended();
        ended.saturating_duration_since(self.begun.unwrap_or(ended))
    }

    /// The time of the calendar: when the attempt ended, as policies and observers are asked right then.
    #[must_use]
    pub fn wall_time(&self) -> SystemTime {
        self.clock.wall()
    }

    /// The time of the first question for it, which comes right after the end.
    pub(crate) fn ended(&self) -> Instant {
        *self.ended.get_or_init(|| self.clock.now())
    }

    /// Whether the server has answered this client before.
    #[must_use]
    pub fn reached_before(&self) -> bool {
        self.reached_before
    }
}

impl RetryPolicy for NoRetry {
    fn retry(&self, _attempt: &Attempt<'_>) -> Option<Retry> {
        None
    }
}
