//! What is told about a call: one span, and an event for each attempt that follows another one. Never headers, queries,
//! bodies or path values.

use std::time::Duration;

use http::StatusCode;
use tracing::{Metadata, Span, field};

use super::retry::{Attempt, AttemptOutcome, Retry};
#[cfg(any(feature = "blocking", feature = "async"))]
use crate::call::Operation;
use crate::call::{Answer, Error};

const NAME: &str = "api call";

/// The span of a call.
#[cfg(any(feature = "blocking", feature = "async"))]
pub(crate) fn span(operation: &'static Operation) -> Span {
    tracing::info_span!(
        NAME,
        operation = operation.name(),
        method = operation.method().as_str(),
        path = operation.path(),
        status = field::Empty,
        attempts = field::Empty,
        duration_ms = field::Empty,
    )
}

/// Tells that an attempt is followed by another one.
pub(crate) fn retry(attempt: &Attempt<'_>, retry: &Retry) {
    let (status, error) = match attempt.outcome() {
        AttemptOutcome::Answered(answer) => (Some(answer.status().as_u16()), None),
        AttemptOutcome::Failed(error) => (None, Some(error.kind())),
    };
    tracing::debug!(
        operation = attempt.request().operation().name(),
        attempt = attempt.number(),
        status,
        error = error.map(field::debug),
        wait_ms = milliseconds(retry.after),
        "the attempt is followed by another one"
    );
}

/// Records how a call ended in its span, which is the current one unless it is filtered out.
pub(crate) fn record(
    result: &Result<Answer, Error>,
    attempts: u32,
    taken: impl FnOnce() -> Duration,
) {
    let span = Span::current();
    let is_own =
        |metadata: &Metadata<'_>| metadata.name() == NAME && metadata.target() == module_path!();
    if !span.metadata().is_some_and(is_own) {
        return;
    }
    if let Some(status) = status(result) {
        span.record("status", status.as_u16());
    }
    span.record("attempts", attempts);
    span.record("duration_ms", milliseconds(taken()));
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn status(result: &Result<Answer, Error>) -> Option<StatusCode> {
    match result {
        Ok(answer) => Some(answer.status()),
        Err(error) => error.status(),
    }
}
