use super::*;
use crate::{Authorization, Operation, RequestBuilder, TransportErrorKind, read};
use http::{Method, StatusCode};

static OPERATION: Operation = Operation::new("count", Method::POST, "/count", "Flows");

/// Tries again after each 503 and each failed connection, up to three attempts.
struct Patient;

impl crate::RetryPolicy for Patient {
    fn retry(&self, attempt: &Attempt<'_>) -> Option<Duration> {
        let again = match attempt.outcome() {
            AttemptOutcome::Answered(answer) => answer.status() == StatusCode::SERVICE_UNAVAILABLE,
            AttemptOutcome::Failed(error) => error.kind() == TransportErrorKind::Connect,
        };
        (again && attempt.number() < 3).then_some(Duration::from_millis(7))
    }
}

fn config() -> Config {
    Config::new("http://host/api").unwrap()
}

fn request(build: impl FnOnce(&mut RequestBuilder)) -> Request {
    let mut builder = RequestBuilder::new(&OPERATION);
    build(&mut builder);
    builder.answer(read::nothing).request().unwrap().clone()
}

fn answer(code: u16) -> Answer {
    Answer::new(StatusCode::from_u16(code).unwrap(), HeaderMap::new(), "")
}

fn sent(exchange: &mut Exchange<'_>) -> http::Request<Bytes> {
    match exchange.next() {
        Step::Send(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_operation_s_headers_win_over_those_of_the_client() {
    let mut defaults = HeaderMap::new();
    defaults.insert("x-version", HeaderValue::from_static("1"));
    defaults.insert("x-other", HeaderValue::from_static("2"));
    let config = config()
        .default_headers(defaults)
        .authorization(&Authorization::Basic("user:pass".into()))
        .unwrap();
    let request = request(|builder| builder.header("x-version", "3"));
    let http = sent(&mut Exchange::new(&request, &config));
    assert_eq!(http.uri(), "http://host/api/count");
    assert_eq!(http.headers()["x-version"], "3");
    assert_eq!(http.headers()["x-other"], "2");
    assert_eq!(http.headers()[AUTHORIZATION], "Basic dXNlcjpwYXNz");
    assert!(
        http.headers()[USER_AGENT]
            .to_str()
            .unwrap()
            .starts_with("diptych-runtime/")
    );
}

#[test]
fn nothing_is_tried_again_unless_the_policy_says_so() {
    let (request, config) = (request(|_| {}), config());
    let mut exchange = Exchange::new(&request, &config);
    sent(&mut exchange);
    exchange.answered(answer(503));
    assert!(matches!(exchange.next(), Step::Done(Ok(answer)) if answer.status() == 503));
}

#[test]
fn a_policy_gives_further_attempts() {
    let (request, config) = (request(|_| {}), config().retry_policy(Patient));
    let mut exchange = Exchange::new(&request, &config);
    let first = sent(&mut exchange);
    exchange.answered(answer(503));
    assert!(matches!(exchange.next(), Step::Sleep(delay) if delay == Duration::from_millis(7)));
    let second = sent(&mut exchange);
    assert_eq!(first.headers(), second.headers());
    exchange.failed(TransportError::new(TransportErrorKind::Connect, "refused"));
    assert!(matches!(exchange.next(), Step::Sleep(_)));
    sent(&mut exchange);
    exchange.answered(answer(503));
    assert!(matches!(exchange.next(), Step::Done(Ok(_))));
}

#[test]
fn an_attempt_that_would_come_after_the_deadline_is_not_made() {
    let config = config()
        .retry_policy(Patient)
        .timeout(Duration::from_millis(6));
    let request = request(|_| {});
    let mut exchange = Exchange::new(&request, &config);
    exchange.attempts = 1;
    exchange.answered(answer(503));
    assert!(matches!(exchange.next(), Step::Done(Ok(answer)) if answer.status() == 503));
}

#[test]
fn without_time_nothing_is_sent() {
    let (request, config) = (request(|_| {}), config().timeout(Duration::ZERO));
    let step = Exchange::new(&request, &config).next();
    assert!(matches!(step, Step::Done(Err(error)) if error.is_timeout()));
    let endless = config.timeout(None);
    assert!(Exchange::new(&request, &endless).deadline().is_none());
}

#[test]
fn a_sender_that_reports_nothing_does_not_loop() {
    let (request, config) = (request(|_| {}), config());
    let mut exchange = Exchange::new(&request, &config);
    sent(&mut exchange);
    assert!(matches!(exchange.next(), Step::Done(Err(error)) if error.is_request()));
}
