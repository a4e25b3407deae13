//! Whether an exchange is tried again.

use std::time::Duration;

use crate::{Answer, Request, TransportError};

/// Decides whether an attempt is followed by another one.
pub trait RetryPolicy: Send + Sync {
    /// How long to wait before the next attempt; `None` ends the exchange with what it has.
    fn retry(&self, attempt: &Attempt<'_>) -> Option<Duration>;
}

/// Never tries again.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRetry;

/// One attempt that has ended.
#[derive(Debug)]
pub struct Attempt<'a> {
    pub(crate) number: u32,
    pub(crate) request: &'a Request,
    pub(crate) outcome: AttemptOutcome<'a>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug)]
pub enum AttemptOutcome<'a> {
    /// An answer came, of any status.
    Answered(&'a Answer),
    /// No answer came.
    Failed(&'a TransportError),
}

impl<'a> Attempt<'a> {
    /// The number of the attempt, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
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
}

impl RetryPolicy for NoRetry {
    fn retry(&self, _attempt: &Attempt<'_>) -> Option<Duration> {
        None
    }
}
