mod version;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use diptych_runtime::exchange::{Exchange, Hinge, Step};
use diptych_runtime::http::header::CONTENT_TYPE;
use diptych_runtime::http::{HeaderMap, HeaderValue, StatusCode};
use diptych_runtime::{CallOptions, Config, Secret};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::models::FlowCreate;

/// A clock that only tests move; it begins in 2026.
#[derive(Clone, Debug)]
struct Stopped(Arc<Mutex<Duration>>, Instant);

impl Stopped {
    fn begin() -> Self {
        Self(Arc::default(), Instant::now())
    }

    fn move_on(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Instant {
        self.1 + *self.0.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000) + *self.0.lock().unwrap()
    }
}

fn answer(status: u16, body: &str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap();
    Answer::new(status, HeaderMap::new(), body.to_owned())
}

/// To a token that the server does not know.
fn invalid() -> Answer {
    answer(
        403,
        r#"{"detail":"Invalid CSRF token or client identifier."}"#,
    )
}

/// To a request without one.
fn missing() -> Answer {
    answer(403, r#"{"detail":"Missing CSRF token."}"#)
}

fn token(text: &str, lifetime: u64) -> Answer {
    let expiration = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000 + lifetime);
    let body = json!({
        "id": Uuid::nil(), "created": null, "updated": null, "token": text, "client": "c",
        "expiration": chrono::DateTime::<chrono::Utc>::from(expiration),
    });
    answer(200, &body.to_string())
}

/// The path of each request, with the token that it had, and how the call ended.
fn exchange(hinge: &Hinge, request: &Request, answers: &[Answer]) -> Vec<String> {
    let seen = exchange_with(&CallOptions::new(), hinge, request, answers).into_iter();
    seen.map(|line| line.replace("http://host", "")).collect()
}

/// The same with the whole address of each request.
fn exchange_with(
    options: &CallOptions,
    hinge: &Hinge,
    request: &Request,
    answers: &[Answer],
) -> Vec<String> {
    let mut exchange = Exchange::with_options(request, hinge, options);
    let mut answers = answers.iter();
    let mut seen = Vec::new();
    loop {
        match exchange.next() {
            Step::Send(request) => {
                let token = request.headers().get("prefect-csrf-token");
                let token = token.map_or("-", |token| token.to_str().unwrap());
                let address = request.uri().to_string();
                let address = address.split('?').next().unwrap();
                seen.push(format!("{address} {token}"));
                exchange.answered(answers.next().expect("no more was to be sent").clone());
            }
            Step::Upload(_) => panic!("its body is in memory"),
            Step::Sleep(_) => panic!("nobody else is asking"),
            Step::Done(Ok(answer)) => {
                seen.push(answer.status().as_str().to_owned());
                break;
            }
            Step::Done(Err(error)) => {
                seen.push(error.to_string());
                break;
            }
        }
    }
    assert_eq!(answers.len(), 0, "{seen:?}");
    seen
}

fn hinge(session: PrefectSession, clock: &Stopped) -> Hinge {
    let config = Config::new("http://host/api").unwrap();
    config.session(session).clock(clock.clone()).hinge()
}

fn post() -> Request {
    let call = operations::create_flow(&FlowCreate::new("etl"));
    call.request().unwrap().clone()
}

fn get() -> Request {
    operations::health_check().request().unwrap().clone()
}

#[test]
fn a_token_is_fetched_sent_until_it_expires_and_fetched_again() {
    let clock = Stopped::begin();
    let hinge = hinge(PrefectSession::new("x").without_version_check(), &clock);
    assert_eq!(
        exchange(&hinge, &get(), &[answer(200, "true")]),
        ["/api/health -", "200"]
    );
    let first = exchange(&hinge, &post(), &[token("t1", 60), answer(201, "")]);
    assert_eq!(first, ["/api/csrf-token -", "/api/flows/ t1", "201"]);
    clock.move_on(59);
    assert_eq!(
        exchange(&hinge, &post(), &[answer(201, "")]),
        ["/api/flows/ t1", "201"]
    );
    clock.move_on(1);
    let after = exchange(&hinge, &post(), &[token("t2", 600), answer(201, "")]);
    assert_eq!(after, ["/api/csrf-token -", "/api/flows/ t2", "201"]);
}

/// The token of one server is none of another's, and each is asked for its own version.
#[test]
fn another_server_of_a_call_has_its_own_version_and_token() {
    let clock = Stopped::begin();
    let hinge = hinge(PrefectSession::new("http://one-of-two.invalid/api"), &clock);
    let version = || answer(200, "\"3.8.8\"");
    let ask = |options: &CallOptions, answers: &[Answer]| {
        exchange_with(options, &hinge, &post(), answers)
    };
    let (own, other) = (
        CallOptions::new(),
        CallOptions::new().server("http://elsewhere.invalid/api"),
    );
    let created = || answer(201, "{}");
    ask(&own, &[version(), token("t0ken", 60), created()]);
    assert_eq!(
        ask(&other, &[version(), token("another", 60), created()]),
        [
            "http://elsewhere.invalid/api/admin/version -",
            "http://elsewhere.invalid/api/csrf-token -",
            "http://elsewhere.invalid/api/flows/ another",
            "201",
        ]
    );
    // Each remembers what it settled, under whichever name the own one is asked for.
    let to_other = ["http://elsewhere.invalid/api/flows/ another", "201"];
    assert_eq!(ask(&other, &[created()]), to_other);
    let to_own = ["http://host/api/flows/ t0ken", "201"];
    assert_eq!(ask(&own, &[created()]), to_own);
    let named = CallOptions::new().server("http://host/api/");
    assert_eq!(ask(&named, &[created()]), to_own);
    // What is wrong there is said of that server.
    let seen = ask(&other, &[answer(404, r#"{"detail":"Not Found"}"#)]);
    assert!(seen[1].contains("http://elsewhere.invalid/api"), "{seen:?}");
}

#[test]
fn a_refused_token_is_fetched_again_and_another_403_is_not() {
    let clock = Stopped::begin();
    let hinge = hinge(PrefectSession::new("x").without_version_check(), &clock);
    let refused = invalid();
    let answers = [token("t1", 60), refused, token("t2", 60), answer(201, "")];
    let seen = exchange(&hinge, &post(), &answers);
    assert_eq!(
        seen[1..],
        [
            "/api/flows/ t1",
            "/api/csrf-token -",
            "/api/flows/ t2",
            "201"
        ]
    );
    let forbidden = answer(403, r#"{"detail":"not yours"}"#);
    assert_eq!(
        exchange(&hinge, &post(), &[forbidden]),
        ["/api/flows/ t2", "403"]
    );
}

#[test]
fn with_wrong_credentials_a_call_fails_as_itself() {
    let clock = Stopped::begin();
    for status in [401, 403] {
        let hinge = hinge(PrefectSession::new("x").without_version_check(), &clock);
        let refused = answer(status, r#"{"detail":"Unauthorized"}"#);
        let seen = exchange(&hinge, &post(), &[refused.clone(), refused]);
        assert_eq!(seen[..2], ["/api/csrf-token -", "/api/flows/ -"]);
        let end = &seen[2];
        assert!(!end.contains("csrf"), "{end}");
        assert!(
            status != 401 || end.contains("create_flow") && end.contains("PREFECT_API_KEY"),
            "{end}"
        );
        // Whoever is let in later needs a token, and gets one.
        let wants = invalid();
        let seen = exchange(&hinge, &post(), &[wants, token("t", 60), answer(201, "")]);
        assert_eq!(seen.last().unwrap(), "201", "{seen:?}");
    }
}

#[test]
fn who_went_without_a_token_asks_for_one_once_the_server_wants_it() {
    let clock = Stopped::begin();
    for off in [
        answer(404, ""),
        answer(401, r#"{"detail":"Unauthorized"}"#),
        answer(422, r#"{"detail":"CSRF protection is disabled."}"#),
    ] {
        let hinge = hinge(PrefectSession::new("x").without_version_check(), &clock);
        let without = exchange(&hinge, &post(), &[off, answer(201, "")]);
        assert_eq!(without, ["/api/csrf-token -", "/api/flows/ -", "201"]);
        let seen = exchange(
            &hinge,
            &post(),
            &[missing(), token("t", 60), answer(201, "")],
        );
        let expected = ["/api/flows/ -", "/api/csrf-token -", "/api/flows/ t", "201"];
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_token_that_another_call_has_fetched_meanwhile_stays() {
    let clock = Stopped::begin();
    let csrf = Csrf::new();
    csrf.learn(&token("t", 60), &clock).unwrap();
    assert!(csrf.is_refused(&HeaderMap::new(), &missing()));
    assert!(matches!(csrf.before(&clock), Ok(Before::Send(headers)) if headers.len() == 2));
}

#[test]
fn where_the_clocks_differ_a_token_is_sent_until_it_is_refused() {
    let clock = Stopped::begin();
    clock.move_on(7200);
    let hinge = hinge(PrefectSession::new("x").without_version_check(), &clock);
    let seen = exchange(&hinge, &post(), &[token("t1", 3600), answer(201, "")]);
    assert_eq!(seen, ["/api/csrf-token -", "/api/flows/ t1", "201"]);
    let refused = invalid();
    let answers = [refused, token("t2", 3600), answer(201, "")];
    let seen = exchange(&hinge, &post(), &answers);
    let expected = [
        "/api/flows/ t1",
        "/api/csrf-token -",
        "/api/flows/ t2",
        "201",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_child_after_a_fork_is_a_client_of_its_own() {
    let clock = Stopped::begin();
    let csrf = Csrf::new();
    csrf.learn(&token("t", 60), &clock).unwrap();
    let parent = csrf.held().client.clone();
    csrf.held.lock().unwrap().process = 0;
    assert!(matches!(csrf.before(&clock), Ok(Before::Ask(_))));
    assert_ne!(csrf.held().client, parent);
}

#[test]
fn a_token_that_can_t_be_had_is_told_as_what_is_asked_first() {
    let clock = Stopped::begin();
    let hinge = hinge(PrefectSession::new("x").without_version_check(), &clock);
    let seen = exchange(&hinge, &post(), &[answer(500, r#"{"detail":"oh"}"#)]);
    assert_eq!(
        seen[1],
        "create_flow: POST /flows/: create_csrf_token, which is asked first (GET /csrf-token): 500 Internal Server \
         Error: oh"
    );
}

#[test]
fn an_address_without_the_api_is_told_whatever_is_asked() {
    let clock = Stopped::begin();
    let missing = || answer(404, r#"{"detail":"Not Found"}"#);
    let page = || {
        let html = (
            "content-type".parse().unwrap(),
            "text/html".parse().unwrap(),
        );
        Answer::new(StatusCode::OK, HeaderMap::from_iter([html]), "<html>")
    };
    for other in [missing, page] {
        let url = "http://no-api.invalid";
        let hinge = hinge(PrefectSession::new(url), &clock);
        let seen = exchange(&hinge, &get(), &[other(), other()]);
        assert!(
            seen[2].contains("PREFECT_API_URL (api.url) lacks `/api`"),
            "{seen:?}"
        );
        let seen = exchange(&hinge, &post(), &[other(), other()]);
        assert!(
            seen[2].contains("PREFECT_API_URL (api.url) lacks `/api`"),
            "{seen:?}"
        );
    }
}

/// Only a page is a page, whatever an answer says of itself.
#[test]
fn json_that_says_it_is_a_page_is_an_answer() {
    let session = PrefectSession::new("http://labelled.invalid/api");
    let labelled = |body: &'static str| {
        let html = HeaderValue::from_static("text/html");
        Answer::new(
            StatusCode::OK,
            HeaderMap::from_iter([(CONTENT_TYPE, html)]),
            body,
        )
    };
    for json in ["{}", "[1]", "\"3.8.8\""] {
        assert!(!session.is_unserved(&labelled(json)), "{json}");
    }
    for page in ["<html>", "\n<!doctype html>", ""] {
        assert!(session.is_unserved(&labelled(page)), "{page}");
    }
}

#[test]
fn a_server_without_the_protection_is_asked_once() {
    let disabled = answer(422, r#"{"detail":"CSRF protection is disabled."}"#);
    for off in [answer(404, ""), disabled] {
        let clock = Stopped::begin();
        let hinge = hinge(PrefectSession::new("x").without_version_check(), &clock);
        let first = exchange(&hinge, &post(), &[off, answer(201, "")]);
        assert_eq!(first, ["/api/csrf-token -", "/api/flows/ -", "201"]);
        assert_eq!(
            exchange(&hinge, &post(), &[answer(201, "")]),
            ["/api/flows/ -", "201"]
        );
    }
}

#[test]
fn without_a_token_nothing_is_changed() {
    let clock = Stopped::begin();
    let hinge = hinge(PrefectSession::new("x").without_version_check(), &clock);
    let seen = exchange(&hinge, &post(), &[answer(500, "")]);
    assert_eq!(
        seen[1],
        "create_flow: POST /flows/: create_csrf_token, which is asked first (GET /csrf-token): 500 Internal Server Error"
    );
    let seen = exchange(&hinge, &post(), &[answer(200, "{}")]);
    assert!(seen[1].contains("could not be read"), "{seen:?}");
}

#[test]
fn no_token_is_ever_shown() {
    let clock = Stopped::begin();
    let session = Arc::new(Csrf::new());
    let secret = Secret::from("s3cret-token");
    session.learn(&token(secret.expose(), 60), &clock).unwrap();
    let before = session.before(&clock).unwrap();
    assert!(matches!(&before, Before::Send(headers) if headers.len() == 2));
    let shown = format!("{session:?} {before:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
}
