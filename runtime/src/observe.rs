//! What is told about a call: one span. Never headers, queries, bodies or path values.

use std::time::Duration;

use http::StatusCode;
use tracing::{Span, field};

use crate::{Answer, Error, Operation};

/// The span of a call.
pub(crate) fn span(operation: &'static Operation) -> Span {
    tracing::info_span!(
        "api call",
        operation = operation.name(),
        method = operation.method().as_str(),
        path = operation.path(),
        status = field::Empty,
        attempts = field::Empty,
        duration_ms = field::Empty,
    )
}

/// Records how a call ended in the span that is current.
pub(crate) fn record(result: &Result<Answer, Error>, attempts: u32, taken: Duration) {
    let span = Span::current();
    if span.is_disabled() {
        return;
    }
    if let Some(status) = status(result) {
        span.record("status", status.as_u16());
    }
    span.record("attempts", attempts);
    span.record("duration_ms", taken.as_secs_f64() * 1000.0);
}

fn status(result: &Result<Answer, Error>) -> Option<StatusCode> {
    match result {
        Ok(answer) => Some(answer.status()),
        Err(error) => error.status(),
    }
}
