//! What both faces tell `tracing` about a call, and what they keep to themselves.
#![cfg(all(feature = "blocking", feature = "async"))]

mod support;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diptych_runtime::generated::{RequestBuilder, read};
use diptych_runtime::{Authorization, Call, Config, Error, asynchronous, blocking};
use support::{AfterUnavailable, Reply, Server};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

const JSON: &str = "application/json";

/// A span or an event, with the fields that it has in the end.
#[derive(Clone, Debug)]
struct Told {
    id: Option<u64>,
    parent: Option<&'static str>,
    name: &'static str,
    level: Level,
    target: &'static str,
    fields: BTreeMap<&'static str, String>,
}

/// Keeps everything, at every level.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Told>>>);

struct Fields<'f>(&'f mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Recorder {
    fn keep(&self, told: Told) {
        self.0.lock().unwrap().push(told);
    }

    fn told(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }
}

fn told(metadata: &Metadata<'static>, id: Option<&Id>, parent: Option<&'static str>) -> Told {
    Told {
        id: id.map(Id::into_u64),
        parent,
        name: metadata.name(),
        level: *metadata.level(),
        target: metadata.target(),
        fields: BTreeMap::new(),
    }
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context
            .span(id)
            .and_then(|span| Some(span.parent()?.name()));
        let mut told = told(attributes.metadata(), Some(id), parent);
        attributes.record(&mut Fields(&mut told.fields));
        self.keep(told);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _context: Context<'_, S>) {
        let mut all = self.0.lock().unwrap();
        let span = all.iter_mut().rfind(|told| told.id == Some(id.into_u64()));
        values.record(&mut Fields(&mut span.unwrap().fields));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let parent = context.event_span(event).map(|span| span.name());
        let mut told = told(event.metadata(), None, parent);
        event.record(&mut Fields(&mut told.fields));
        self.keep(told);
    }
}

fn read_secret() -> Call<i64> {
    let mut builder = RequestBuilder::new(&support::READ);
    builder.path("id", "s3cret-path");
    builder.query("q", "s3cret-query");
    builder.header("x-mine", "s3cret-header");
    builder.answer(read::json)
}

fn create_secret() -> Call<i64> {
    let mut builder = RequestBuilder::new(&support::CREATE);
    builder.json(&["s3cret-body"]);
    builder.answer(read::json)
}

/// What each face tells while it makes a call inside a span of the caller's.
fn both<T>(script: &[Reply], call: fn() -> Call<T>) -> [(Vec<Told>, Result<T, Error>); 2] {
    [true, false].map(|is_blocking| {
        let server = Server::start(script.to_vec());
        let recorder = Recorder::default();
        let subscriber = Registry::default().with(recorder.clone());
        let result = tracing::subscriber::with_default(subscriber, || {
            let span = tracing::error_span!("caller", status = tracing::field::Empty);
            span.in_scope(|| {
                if is_blocking {
                    blocking::Client::new(config(&server))
                        .unwrap()
                        .execute(call())
                } else {
                    let client = asynchronous::Client::new(config(&server)).unwrap();
                    support::block_on(client.execute(call()))
                }
            })
        });
        (recorder.told(), result)
    })
}

fn config(server: &Server) -> Config {
    let authorization = Authorization::Bearer("s3cret-key".into());
    Config::new(&server.url())
        .unwrap()
        .authorization(&authorization)
        .unwrap()
        .retry_policy(AfterUnavailable)
        .timeout(Duration::from_secs(10))
}

/// Name, the span above, level and fields.
type Line = (
    &'static str,
    Option<&'static str>,
    Level,
    BTreeMap<&'static str, String>,
);

/// The spans and events of this crate, without the time that they say.
fn own(told: &[Told]) -> Vec<Line> {
    let own = told
        .iter()
        .filter(|told| told.target.starts_with("diptych_runtime"));
    own.map(|told| {
        let mut fields = told.fields.clone();
        if let Some(duration) = fields.remove("duration_ms") {
            assert!(duration.parse::<f64>().unwrap() > 0.0, "{duration}");
            fields.insert("duration_ms", "some".to_owned());
        }
        let name = if told.id.is_some() {
            told.name
        } else {
            "event"
        };
        (name, told.parent, told.level, fields)
    })
    .collect()
}

fn fields<const N: usize>(fields: [(&'static str, &str); N]) -> BTreeMap<&'static str, String> {
    fields.map(|(name, value)| (name, value.to_owned())).into()
}

#[test]
fn a_call_is_one_span_below_the_caller_s_with_the_same_fields_in_both_faces() {
    let script = [
        Reply::Answer(503, JSON, "{}"),
        Reply::Answer(200, JSON, "3"),
    ];
    for (told, result) in both(&script, read_secret) {
        assert_eq!(result.unwrap(), 3);
        let span = fields([
            ("operation", "\"read_flow\""),
            ("method", "\"GET\""),
            ("path", "\"/flows/{id}\""),
            ("status", "200"),
            ("attempts", "2"),
            ("duration_ms", "some"),
        ]);
        let event = fields([
            ("message", "the attempt is followed by another one"),
            ("operation", "\"read_flow\""),
            ("attempt", "1"),
            ("status", "503"),
            ("wait_ms", "1.0"),
        ]);
        let expected = [
            ("api call", Some("caller"), Level::INFO, span),
            ("event", Some("api call"), Level::DEBUG, event),
        ];
        assert_eq!(own(&told), expected);
    }
}

#[test]
fn a_call_that_fails_says_the_status_where_there_is_one() {
    for (reply, status) in [
        (Reply::Answer(404, JSON, "{}"), Some("404")),
        (Reply::Answer(200, JSON, "\"no number\""), Some("200")),
        (Reply::Broken, None),
    ] {
        for (told, result) in both(std::slice::from_ref(&reply), create_secret) {
            assert!(result.is_err());
            let own = own(&told);
            let [(_, _, _, fields)] = &own[..] else {
                panic!("{own:?}");
            };
            assert_eq!(fields.get("status").map(String::as_str), status);
            assert_eq!(fields["attempts"], "1");
        }
    }
}

#[test]
fn nothing_secret_is_told_at_any_level() {
    let scripts = [
        vec![
            Reply::Answer(503, JSON, "\"s3cret\""),
            Reply::Answer(200, JSON, "\"s3cret\""),
        ],
        vec![Reply::Answer(401, JSON, r#"{"detail":"s3cret"}"#)],
        vec![Reply::Broken],
    ];
    for script in scripts {
        for call in [read_secret, create_secret] {
            for (told, result) in both(&script, call) {
                assert!(result.is_err());
                assert!(own(&told).iter().any(|(name, ..)| *name == "api call"));
                // Whoever tells it: below are hyper, rustls and others.
                let shown = format!("{told:?}");
                assert!(!shown.contains("s3cret"), "{shown}");
            }
        }
    }
}

/// Takes nothing of this crate.
struct Others;

impl<S: Subscriber> Layer<S> for Others {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        !metadata.target().starts_with("diptych_runtime")
    }
}

#[test]
fn where_the_span_is_filtered_out_the_caller_s_own_stays_as_it_is() {
    let server = Server::start(vec![Reply::Answer(200, JSON, "3")]);
    let recorder = Recorder::default();
    let subscriber = Registry::default().with(recorder.clone()).with(Others);
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::error_span!("caller", status = tracing::field::Empty);
        span.in_scope(|| {
            let client = blocking::Client::new(config(&server)).unwrap();
            assert_eq!(client.execute(create_secret()).unwrap(), 3);
        });
    });
    let told = recorder.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].fields.is_empty(), "{told:?}");
}
