//! The options of some calls.

use std::time::Duration;

use diptych_runtime::generated::{RequestBuilder, read};
use diptych_runtime::pages::{Pages, Sequence};
use diptych_runtime::{
    Authorization, CallOptions, Config, NoRetry, OnAsyncContext, Progress, StandardRetry,
    asynchronous, blocking,
};

use crate::support::{self, AfterUnavailable, READ, Recorded, Reply, Server};
use crate::{both, errors};

const JSON: &str = "application/json";

fn header(request: &Recorded, name: &str) -> Vec<String> {
    let prefix = format!("{name}: ");
    let found = request.headers.iter();
    found
        .filter_map(|header| header.strip_prefix(&prefix).map(str::to_owned))
        .collect()
}

#[test]
fn a_header_of_a_call_stands_in_place_of_the_client_s_own() {
    let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
    let authorization = Authorization::Bearer("the client's".into());
    let config = Config::new(&server.url())
        .unwrap()
        .authorization(&authorization)
        .unwrap();
    let options = CallOptions::new()
        .header("authorization", "Bearer the call's")
        .header("x-tenant", "red");
    assert!(!format!("{options:?}").contains("the call's"));
    for outcome in both(&config, &options, support::read_flow) {
        assert_eq!(outcome.unwrap(), 1);
    }
    for request in server.recorded() {
        assert_eq!(header(&request, "authorization"), ["Bearer the call's"]);
        assert_eq!(header(&request, "x-tenant"), ["red"]);
    }
}

#[test]
fn what_the_operation_sets_goes_before_the_options() {
    let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
    let config = Config::new(&server.url()).unwrap();
    let options = CallOptions::new()
        .header("content-type", "text/plain")
        .header("content-length", "99");
    for outcome in both(&config, &options, support::create_flow) {
        outcome.unwrap();
    }
    for request in server.recorded() {
        assert_eq!(header(&request, "content-type"), [JSON]);
        assert_eq!(request.body, r#"{"name":"etl"}"#);
    }
}

#[test]
fn a_header_that_cannot_be_sent_is_an_error_of_the_call() {
    let config = Config::new("http://127.0.0.1:9").unwrap();
    for options in [
        CallOptions::new()
            .header("x-key", "s3cret\n")
            .header("x", "fine"),
        CallOptions::new().header("no name", "s3cret"),
    ] {
        for outcome in both(&config, &options, support::read_flow) {
            let error = outcome.unwrap_err();
            assert!(
                error.is_request() && error.progress() == Progress::NotSent,
                "{error}"
            );
            assert!(!format!("{error:?} {options:?}").contains("s3cret"));
        }
    }
}

#[test]
fn a_call_has_its_own_time_and_retries() {
    let config = |server: &Server| Config::new(&server.url()).unwrap().timeout(None);
    let silent = Server::start(vec![Reply::Silence]);
    for options in [
        CallOptions::new().timeout(Duration::from_millis(200)),
        CallOptions::new().attempt_timeout(Duration::from_millis(200)),
    ] {
        for outcome in both(&config(&silent), &options, support::read_flow) {
            assert!(outcome.unwrap_err().is_timeout());
        }
    }
    let script = || {
        vec![
            Reply::Answer(503, JSON, "{}"),
            Reply::Answer(200, JSON, "1"),
        ]
    };
    let (client, call) = (Server::start(script()), Server::start(script()));
    let retrying = config(&client).retry_policy(AfterUnavailable);
    let blocking = blocking::Client::new(retrying).unwrap();
    let once = blocking.with(CallOptions::new().retry(NoRetry));
    assert_eq!(
        once.execute(support::read_flow())
            .unwrap_err()
            .status()
            .unwrap(),
        503
    );
    // The view has what it was made of, but for what is set anew.
    let blocking = blocking::Client::new(config(&call)).unwrap();
    let view = blocking.with(CallOptions::new().retry(NoRetry).header("x-a", "1"));
    let view = view.with(
        CallOptions::new()
            .retry(AfterUnavailable)
            .header("x-b", "2"),
    );
    assert_eq!(view.execute(support::read_flow()).unwrap(), 1);
    let recorded = call.recorded();
    assert_eq!(recorded.len(), 2);
    assert!(
        recorded
            .iter()
            .all(|request| header(request, "x-a") == ["1"] && header(request, "x-b") == ["2"])
    );
    // The client itself is as it was, and shares the connection: the second one, as the first ended with the 503.
    assert_eq!(blocking.execute(support::read_flow()).unwrap(), 1);
    assert!(header(call.recorded().last().unwrap(), "x-a").is_empty());
    assert_eq!(call.connections(), 2);
}

fn sequence() -> Sequence<i64> {
    Sequence::offset(0, Some(1), |at| {
        let mut http = RequestBuilder::new(&READ);
        http.path("id", &at);
        http.answer(read::json)
    })
}

#[test]
fn pages_obey_too() {
    let script = || {
        vec![
            Reply::Answer(200, JSON, "[1]"),
            Reply::Answer(200, JSON, "[]"),
        ]
    };
    let options = CallOptions::new().header("x-tenant", "red");
    let server = Server::start(script());
    let client = blocking::Client::new(Config::new(&server.url()).unwrap()).unwrap();
    for ahead in [false, true] {
        let mut pages = Pages::new(client.with(options.clone()), sequence());
        if ahead {
            pages = pages.read_ahead();
        }
        drop(pages.collect::<Vec<_>>());
    }
    assert!(
        server
            .recorded()
            .iter()
            .all(|request| header(request, "x-tenant") == ["red"])
    );
    let server = Server::start(script());
    let client = asynchronous::Client::new(Config::new(&server.url()).unwrap()).unwrap();
    let mut pages = Pages::new(client.with(options), sequence());
    let page = support::block_on(pages.anext_page());
    assert_eq!(page.unwrap().unwrap(), [1]);
    assert_eq!(header(&server.recorded()[0], "x-tenant"), ["red"]);
}

#[test]
fn a_call_says_what_it_does_on_an_executor_s_thread() {
    let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
    let config = Config::new(&server.url())
        .unwrap()
        .on_async_context(OnAsyncContext::Deny);
    let client = blocking::Client::new(config).unwrap();
    let allowed = client.with(CallOptions::new().on_async_context(OnAsyncContext::Allow));
    support::block_on(async {
        assert!(
            client
                .execute(support::read_flow())
                .unwrap_err()
                .is_blocking_in_async()
        );
        assert_eq!(allowed.execute(support::read_flow()).unwrap(), 1);
    });
}

#[test]
fn a_retry_that_does_not_follow_says_why() {
    let server = Server::start(vec![Reply::Answer(
        429,
        "application/json\r\nretry-after: 3600",
        r#"{"detail":"slow down"}"#,
    )]);
    let config = Config::new(&server.url())
        .unwrap()
        .retry_policy(StandardRetry::new(5));
    for error in errors(&config, support::read_flow) {
        let text = error.to_string();
        assert!(
            text.contains("slow down") && text.contains("3600 s (Retry-After)"),
            "{text}"
        );
        assert_eq!(error.status().unwrap(), 429);
    }
    let patient = StandardRetry::new(5).longest_wait(Duration::MAX);
    for error in errors(&config.retry_policy(patient), support::read_flow) {
        let text = error.to_string();
        assert!(text.contains("after the call's deadline"), "{text}");
    }
}
