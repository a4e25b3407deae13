//! The header `traceparent` (W3C Trace Context).

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Says which span the request belongs to: the current one of `tracing`, else the one of OpenTelemetry. Without
/// either, nothing is said.
pub(crate) fn insert(headers: &mut HeaderMap) {
    let context = tracing::Span::current().context();
    let span = context.span().span_context().clone();
    let span = if span.is_valid() {
        span
    } else {
        Context::current().span().span_context().clone()
    };
    if let Some(value) = header(&span) {
        headers.insert(HeaderName::from_static("traceparent"), value);
    }
}

fn header(span: &SpanContext) -> Option<HeaderValue> {
    if !span.is_valid() {
        return None;
    }
    let (trace, span_id, flags) = (span.trace_id(), span.span_id(), span.trace_flags());
    HeaderValue::from_str(&format!("00-{trace}-{span_id}-{:02x}", flags.to_u8())).ok()
}
