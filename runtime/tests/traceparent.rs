//! The header `traceparent` says which span a request belongs to, in both faces.
#![cfg(all(feature = "blocking", feature = "async", feature = "traceparent"))]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use diptych_runtime::asynchronous::BoxFuture;
use diptych_runtime::{Answer, Bytes, Config, TransportError, asynchronous, blocking, http};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use opentelemetry::trace::{SpanId, TraceContextExt, TracerProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

/// Keeps the spans that have ended.
#[derive(Clone, Debug, Default)]
struct Exporter(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

/// Keeps the host and `traceparent` of each request, and leads the first one to another origin.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Recorded>>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded {
    host: String,
    traceparent: Option<String>,
}

impl Recorder {
    fn respond(&self, request: &http::Request<Bytes>) -> Answer {
        let header = request.headers().get("traceparent");
        let header = header.map(|value| value.to_str().unwrap().to_owned());
        let host = request.uri().host().unwrap().to_owned();
        let mut all = self.0.lock().unwrap();
        all.push(Recorded {
            host,
            traceparent: header,
        });
        if all.len() > 1 {
            return Answer::new(StatusCode::OK, HeaderMap::new(), "1");
        }
        let elsewhere = HeaderValue::from_static("http://elsewhere/flows");
        let location = HeaderMap::from_iter([(HeaderName::from_static("location"), elsewhere)]);
        Answer::new(StatusCode::TEMPORARY_REDIRECT, location, "")
    }

    fn recorded(&self) -> Vec<Recorded> {
        self.0.lock().unwrap().clone()
    }
}

impl blocking::Transport for Recorder {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        Ok(self.respond(&request))
    }
}

impl asynchronous::Transport for Recorder {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move { Ok(self.respond(&request)) })
    }
}

fn call_blocking(recorder: &Recorder) {
    let config = Config::new("http://api").unwrap();
    let client = blocking::Client::new(config.transport(recorder.clone())).unwrap();
    assert_eq!(client.execute(support::read_flow()).unwrap(), 1);
}

fn call_asynchronous(recorder: &Recorder) {
    let config = Config::new("http://api").unwrap();
    let client = asynchronous::Client::new(config.async_transport(recorder.clone())).unwrap();
    let result = support::block_on(client.execute(support::read_flow()));
    assert_eq!(result.unwrap(), 1);
}

const FACES: [fn(&Recorder); 2] = [call_blocking, call_asynchronous];

/// Runs a call with a tracer; what it gives are the caller's span and the spans that were exported.
fn traced(
    sampler: Sampler,
    call: impl FnOnce(),
) -> (opentelemetry::trace::SpanContext, Vec<SpanData>) {
    let exporter = Exporter::default();
    let provider = SdkTracerProvider::builder()
        .with_sampler(sampler)
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = Registry::default().with(layer);
    let caller = tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("caller");
        span.in_scope(call);
        span.context().span().span_context().clone()
    });
    let spans = exporter.0.lock().unwrap().clone();
    (caller, spans)
}

fn recorded(host: &str, traceparent: Option<String>) -> Recorded {
    Recorded {
        host: host.to_owned(),
        traceparent,
    }
}

#[test]
fn the_header_names_the_call_s_span_and_another_origin_is_told_nothing() {
    for face in FACES {
        let recorder = Recorder::default();
        let (caller, spans) = traced(Sampler::AlwaysOn, || face(&recorder));
        let span = spans.iter().find(|span| span.name == "api call").unwrap();
        assert_eq!(span.parent_span_id, caller.span_id());
        let (trace, id) = (caller.trace_id(), span.span_context.span_id());
        assert_ne!(id, SpanId::INVALID);
        assert_eq!(
            recorder.recorded(),
            [
                recorded("api", Some(format!("00-{trace}-{id}-01"))),
                recorded("elsewhere", None),
            ]
        );
    }
}

#[test]
fn a_span_that_is_not_sampled_is_named_as_such() {
    for face in FACES {
        let recorder = Recorder::default();
        let (caller, spans) = traced(Sampler::AlwaysOff, || face(&recorder));
        assert!(spans.is_empty(), "{spans:?}");
        let header = recorder.recorded().swap_remove(0).traceparent.unwrap();
        let trace = caller.trace_id();
        assert!(header.starts_with(&format!("00-{trace}-")), "{header}");
        assert!(header.ends_with("-00"), "{header}");
    }
}

#[test]
fn a_span_of_opentelemetry_s_own_is_named_where_tracing_has_none() {
    let provider = SdkTracerProvider::builder().build();
    for face in FACES {
        let recorder = Recorder::default();
        let tracer = provider.tracer("test");
        let span = opentelemetry::trace::Tracer::start(&tracer, "caller");
        let context = opentelemetry::Context::current_with_span(span);
        let guard = context.clone().attach();
        face(&recorder);
        drop(guard);
        let span = context.span().span_context().clone();
        let expected = format!("00-{}-{}-01", span.trace_id(), span.span_id());
        assert_eq!(recorder.recorded()[0].traceparent, Some(expected));
    }
}

#[test]
fn without_a_span_there_is_no_header() {
    for face in FACES {
        let recorder = Recorder::default();
        face(&recorder);
        let seen = recorder.recorded();
        assert_eq!(seen, [recorded("api", None), recorded("elsewhere", None)]);
    }
}
