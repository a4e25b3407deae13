mod credentials;
mod redirects;
mod session;

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::clock::Clock;
use super::retry::{Attempt, AttemptOutcome, Retry, RetryPolicy, StandardRetry};
use super::session::{Session, SingleFlight};
use super::*;
use crate::call::{Call, Operation, RequestBuilder, TransportErrorKind, read};
use crate::{Authorization, Config};

static OPERATION: Operation = Operation::new("count", Method::POST, "/count", "Flows");

/// Tries again after each 503 and each failed connection, up to three attempts.
struct Patient;

impl RetryPolicy for Patient {
    fn retry(&self, attempt: &Attempt<'_>) -> Option<Retry> {
        let again = match attempt.outcome() {
            AttemptOutcome::Answered(answer) => answer.status() == StatusCode::SERVICE_UNAVAILABLE,
            AttemptOutcome::Failed(error) => error.kind() == TransportErrorKind::Connect,
        };
        (again && attempt.number() < 3).then_some(Retry::after(Duration::from_millis(7)))
    }
}

fn hinge(config: &Config) -> Hinge {
    config.hinge()
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
    let hinge = hinge(&config);
    let request = request(|builder| builder.header("x-version", "3"));
    let http = sent(&mut Exchange::new(&request, &hinge));
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
    let (request, hinge) = (request(|_| {}), hinge(&config()));
    let mut exchange = Exchange::new(&request, &hinge);
    sent(&mut exchange);
    exchange.answered(answer(503));
    assert!(matches!(exchange.next(), Step::Done(Ok(answer)) if answer.status() == 503));
}

#[test]
fn a_policy_gives_further_attempts() {
    let (request, hinge) = (request(|_| {}), hinge(&config().retry_policy(Patient)));
    let mut exchange = Exchange::new(&request, &hinge);
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
    let (request, hinge) = (request(|_| {}), hinge(&config));
    let mut exchange = Exchange::new(&request, &hinge);
    sent(&mut exchange);
    exchange.answered(answer(503));
    let Step::Done(Err(error)) = exchange.next() else {
        panic!("the exchange is over");
    };
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(error.to_string().contains("(`timeout`)"), "{error}");
}

#[test]
fn without_time_nothing_is_sent() {
    let request = request(|_| {});
    let at_once = hinge(&config().timeout(Duration::ZERO));
    let step = Exchange::new(&request, &at_once).next();
    assert!(matches!(step, Step::Done(Err(error)) if error.is_timeout()));
    let endless = hinge(&config().timeout(None));
    assert_eq!(Exchange::new(&request, &endless).time_left(), None);
}

#[test]
fn an_attempt_has_its_own_limit_within_that_of_the_call() {
    let config = config()
        .timeout(Duration::from_secs(50))
        .attempt_timeout(Duration::from_secs(20))
        .clock(Stopped::default());
    let (request, hinge) = (request(|_| {}), hinge(&config));
    let exchange = Exchange::new(&request, &hinge);
    assert_eq!(exchange.time_left(), Some(Duration::from_secs(20)));
    hinge.terms.clock.sleep(Duration::from_secs(40));
    assert_eq!(exchange.time_left(), Some(Duration::from_secs(10)));
}

#[test]
fn a_sender_that_reports_nothing_does_not_loop() {
    let (request, hinge) = (request(|_| {}), hinge(&config()));
    let mut exchange = Exchange::new(&request, &hinge);
    sent(&mut exchange);
    assert!(matches!(exchange.next(), Step::Done(Err(error)) if error.is_request()));
}

/// A clock that only waiting moves.
#[derive(Clone, Debug)]
struct Stopped(Arc<Mutex<Duration>>, Instant);

impl Default for Stopped {
    fn default() -> Self {
        Self(Arc::default(), Instant::now())
    }
}

impl Clock for Stopped {
    fn now(&self) -> Instant {
        self.1 + *self.0.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

/// What the exchange says next to each answer or failure, with the time that it waits.
fn told(hinge: &Hinge, request: &Request, outcomes: Vec<Outcome>) -> Vec<String> {
    told_with(hinge, request, &CallOptions::new(), outcomes)
}

fn told_with(
    hinge: &Hinge,
    request: &Request,
    options: &CallOptions,
    mut outcomes: Vec<Outcome>,
) -> Vec<String> {
    let mut exchange = Exchange::with_options(request, hinge, options);
    let mut steps = Vec::new();
    outcomes.reverse();
    loop {
        match exchange.next() {
            Step::Send(request) => {
                steps.push(format!("{} {}", request.method(), request.uri()));
                match outcomes.pop().expect("no more was to be sent") {
                    Ok(answer) => exchange.answered(answer),
                    Err(error) => exchange.failed(error),
                }
            }
            Step::Upload(_) => panic!("its body is in memory"),
            Step::Sleep(delay) => {
                hinge.terms.clock.sleep(delay);
                steps.push(format!("wait {delay:?}"));
            }
            Step::Done(Ok(answer)) => {
                steps.push(answer.status().as_str().to_owned());
                return steps;
            }
            Step::Done(Err(error)) => {
                steps.push(error.to_string());
                return steps;
            }
        }
    }
}

fn with_header(code: u16, name: HeaderName, value: &'static str) -> Answer {
    let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
    Answer::new(StatusCode::from_u16(code).unwrap(), headers, "")
}

fn get() -> Request {
    static READ: Operation = Operation::new("read", Method::GET, "/read", "Flows");
    RequestBuilder::new(&READ)
        .answer(read::nothing)
        .request()
        .unwrap()
        .clone()
}

#[test]
fn retries_wait_and_end_with_the_last_answer() {
    let policy = StandardRetry::new(2).jitter(0.0);
    let hinge = hinge(&config().retry_policy(policy).clock(Stopped::default()));
    let reset = || {
        Err(TransportError::new(
            TransportErrorKind::Interrupted,
            "reset",
        ))
    };
    let steps = told(
        &hinge,
        &get(),
        vec![Ok(answer(503)), reset(), Ok(answer(502))],
    );
    let get_it = "GET http://host/api/read";
    assert_eq!(steps, [get_it, "wait 2s", get_it, "wait 4s", get_it, "502"]);
}

/// Asks for a token first, and again when the server refuses it.
#[derive(Clone, Default)]
struct Tokens(Arc<Mutex<Option<u32>>>, Arc<Mutex<u32>>, Arc<SingleFlight>);

static TOKEN: Operation = Operation::new("read_token", Method::GET, "/token", "Tokens");

impl Session for Tokens {
    fn before(&self, _request: &Request, clock: &dyn Clock) -> Result<Before, Error> {
        if let Some(token) = *self.0.lock().unwrap() {
            let header = (HeaderName::from_static("x-token"), HeaderValue::from(token));
            return Ok(Before::Send(HeaderMap::from_iter([header])));
        }
        let call: Call<()> = RequestBuilder::new(&TOKEN).answer(read::nothing);
        match self.2.begin(clock.now()) {
            Ok(ticket) => Question::new(call, ticket).map(Before::Ask),
            Err(wait) => Ok(Before::Wait(wait)),
        }
    }

    fn learn(
        &self,
        question: &'static Operation,
        outcome: Result<&Answer, &TransportError>,
        _clock: &dyn Clock,
    ) -> Result<(), Error> {
        assert_eq!(question.name(), "read_token");
        match outcome {
            Ok(answer) if answer.status().is_success() => {
                let mut given = self.1.lock().unwrap();
                *given += 1;
                *self.0.lock().unwrap() = Some(*given);
                Ok(())
            }
            _ => Err(Error::incompatible("no token")),
        }
    }

    fn is_refused(&self, sent: &HeaderMap, answer: &Answer) -> bool {
        assert!(sent.contains_key("x-token"));
        let is_refused = answer.status() == StatusCode::FORBIDDEN;
        if is_refused {
            *self.0.lock().unwrap() = None;
        }
        is_refused
    }
}

#[test]
fn each_attempt_is_observed_with_what_follows_it() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let observer = |name: &'static str| {
        let record = Arc::clone(&seen);
        move |attempt: &Attempt<'_>, next: Option<&Retry>| {
            let outcome = match attempt.outcome() {
                AttemptOutcome::Answered(answer) => answer.status().to_string(),
                AttemptOutcome::Failed(error) => error.to_string(),
            };
            let (number, next) = (attempt.number(), next.map(|next| next.after));
            let line = format!("{name}: {number} {outcome} {next:?}");
            record.lock().unwrap().push(line);
        }
    };
    let config = config()
        .retry_policy(StandardRetry::new(1).jitter(0.0))
        .clock(Stopped::default())
        .on_attempt(observer("client"));
    let options = CallOptions::new().on_attempt(observer("call"));
    told_with(
        &hinge(&config),
        &get(),
        &options,
        vec![Ok(answer(503)), Ok(answer(200))],
    );
    let seen = seen.lock().unwrap();
    assert_eq!(
        *seen,
        [
            "client: 1 503 Service Unavailable Some(2s)",
            "call: 1 503 Service Unavailable Some(2s)",
            "client: 2 200 OK None",
            "call: 2 200 OK None",
        ]
    );
}

#[test]
fn a_bound_is_kept_whatever_else_is_set() {
    let seconds = Duration::from_secs;
    let left = |config: &Config, options: &CallOptions| {
        let (hinge, request) = (config.hinge(), request(|_| {}));
        let left = Exchange::with_options(&request, &hinge, options).time_left();
        left.map(|left| left.as_secs_f64().round())
    };
    let (short, endless) = (config().timeout(seconds(3)), config().timeout(None));
    let at_most = |time| CallOptions::new().at_most(seconds(time));
    assert_eq!(left(&short, &at_most(5)), Some(3.0));
    assert_eq!(left(&short, &at_most(2)), Some(2.0));
    assert_eq!(left(&endless, &at_most(5)), Some(5.0));
    assert_eq!(
        left(&endless, &CallOptions::new().at_most(Duration::MAX)),
        None
    );
    assert_eq!(left(&short, &at_most(5).timeout(None)), Some(5.0));
    assert_eq!(left(&short, &at_most(5).timeout(seconds(4))), Some(4.0));
}

#[cfg(feature = "blocking")]
#[test]
fn of_two_bounds_the_shorter_one_counts() {
    let at_most = |time| CallOptions::new().at_most(Duration::from_secs(time));
    for both in [at_most(2).then(at_most(5)), at_most(5).then(at_most(2))] {
        let (hinge, request) = (config().timeout(None).hinge(), request(|_| {}));
        let left = Exchange::with_options(&request, &hinge, &both).time_left();
        assert!(
            left.is_some_and(|left| left <= Duration::from_secs(2)),
            "{left:?}"
        );
    }
}
