use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::*;
use crate::call::{Operation, Request, RequestBuilder, read};
use crate::exchange::clock::Clock;

static GET: Operation = Operation::new("get", Method::GET, "/x", "X");
static CREATE: Operation = Operation::new("create", Method::POST, "/x", "X");
static FILTER: Operation = Operation::new("filter", Method::POST, "/f", "X").repeatable();

fn request(operation: &'static Operation) -> Request {
    RequestBuilder::new(operation)
        .answer(read::nothing)
        .request()
        .unwrap()
        .clone()
}

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Answer {
    let headers = headers.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    });
    let status = StatusCode::from_u16(status).unwrap();
    Answer::new(status, headers.collect::<HeaderMap>(), body)
}

/// How long the policy waits after an outcome, in seconds, with `counted` attempts before.
fn wait(
    policy: &StandardRetry,
    operation: &'static Operation,
    outcome: AttemptOutcome<'_>,
    counted: u32,
) -> Option<f64> {
    let attempt = Attempt {
        number: counted + 1,
        counted,
        request: &request(operation),
        outcome,
        begun: None,
        ended: OnceLock::new(),
        clock: &Epoch,
        reached_before: false,
    };
    policy
        .retry(&attempt)
        .map(|retry| retry.after.as_secs_f64())
}

fn after_status(operation: &'static Operation, status: u16, counted: u32) -> Option<f64> {
    let policy = StandardRetry::new(5).jitter(0.0);
    let answer = answer(status, &[], "");
    wait(
        &policy,
        operation,
        AttemptOutcome::Answered(&answer),
        counted,
    )
}

#[test]
fn the_usual_statuses_are_tried_again_with_doubled_waits() {
    for status in [408, 429, 502, 503] {
        assert_eq!(after_status(&GET, status, 0), Some(2.0), "{status}");
    }
    for status in [200, 400, 403, 404, 409, 500, 504] {
        assert_eq!(after_status(&GET, status, 0), None, "{status}");
    }
    let waits: Vec<_> = (0..6)
        .map(|counted| after_status(&GET, 503, counted))
        .collect();
    let doubled = [
        Some(2.0),
        Some(4.0),
        Some(8.0),
        Some(16.0),
        Some(32.0),
        None,
    ];
    assert_eq!(waits, doubled);
    let more = StandardRetry::new(5).status(StatusCode::GATEWAY_TIMEOUT);
    let answer = answer(504, &[], "");
    assert!(wait(&more, &GET, AttemptOutcome::Answered(&answer), 0).is_some());
}

#[test]
fn what_may_have_been_executed_is_not_sent_again() {
    for status in [408, 502, 503] {
        assert_eq!(after_status(&CREATE, status, 0), None, "{status}");
        assert_eq!(after_status(&FILTER, status, 0), Some(2.0), "{status}");
    }
    assert_eq!(after_status(&CREATE, 429, 0), Some(2.0));
    let locked = StandardRetry::new(5)
        .jitter(0.0)
        .not_executed(|answer| answer.body() == b"locked");
    let said = answer(503, &[], "locked");
    let after = AttemptOutcome::Answered(&said);
    assert!(wait(&locked, &CREATE, after, 0).is_some());
}

#[test]
fn what_did_nothing_is_asked_again_soon_and_then_as_usual() {
    let locked = StandardRetry::new(2).jitter(0.0).not_executed(|_| true);
    let request = request(&CREATE);
    let (said, asked) = (
        answer(503, &[], ""),
        answer(503, &[("retry-after", "3")], ""),
    );
    let retry = |number, counted, outcome| {
        locked.retry(&Attempt {
            number,
            counted,
            request: &request,
            outcome: AttemptOutcome::Answered(outcome),
            begun: None,
            ended: OnceLock::new(),
            clock: &Epoch,
            reached_before: false,
        })
    };
    for (number, milliseconds) in [(1, 50), (2, 200), (3, 800)] {
        let soon = Retry::after(Duration::from_millis(milliseconds)).uncounted();
        assert_eq!(retry(number, 0, &said), Some(soon));
    }
    assert_eq!(
        retry(4, 0, &said),
        Some(Retry::after(Duration::from_secs(2)))
    );
    assert_eq!(
        retry(5, 1, &said),
        Some(Retry::after(Duration::from_secs(4)))
    );
    assert_eq!(retry(6, 2, &said), None);
    // Who says when is not asked before.
    assert_eq!(
        retry(1, 0, &asked),
        Some(Retry::after(Duration::from_secs(3)))
    );
    let many = answer(429, &[], "");
    assert_eq!(
        retry(1, 0, &many),
        Some(Retry::after(Duration::from_secs(2)))
    );
    let never = StandardRetry::new(0).not_executed(|_| true);
    assert!(wait(&never, &CREATE, AttemptOutcome::Answered(&said), 0).is_none());
}

#[test]
fn what_the_server_asks_goes_before_and_is_never_cut_short() {
    let after = |policy: &StandardRetry, text| {
        let answer = answer(503, &[("retry-after", text)], "");
        wait(policy, &GET, AttemptOutcome::Answered(&answer), 1)
    };
    let plain = StandardRetry::new(5).jitter(0.0);
    assert_eq!(after(&plain, "0.25"), Some(0.25));
    assert_eq!(after(&plain, "Thu, 01 Jan 1970 00:00:07 GMT"), Some(7.0));
    assert_eq!(after(&plain, "soon"), Some(4.0));
    assert_eq!(after(&plain, "86400"), None, "nobody waits for a day");
    let jittered = StandardRetry::new(5).seed(7);
    for _ in 0..50 {
        let wait = after(&jittered, "10").unwrap();
        assert!((10.0..=12.0).contains(&wait), "{wait}");
        let own = after(&jittered, "soon").unwrap();
        assert!((3.2..=4.8).contains(&own), "{own}");
    }
}

#[test]
fn a_seed_makes_the_waits_a_fixed_sequence() {
    let waits = |seed| {
        let policy = StandardRetry::new(5).seed(seed);
        let answer = answer(503, &[], "");
        (0..5)
            .map(|counted| wait(&policy, &GET, AttemptOutcome::Answered(&answer), counted))
            .collect::<Vec<_>>()
    };
    assert_eq!(waits(1), waits(1));
    assert_ne!(waits(1), waits(2));
}

#[test]
fn maintenance_does_not_count() {
    let policy = StandardRetry::new(0)
        .jitter(0.0)
        .maintenance(|answer| answer.headers().contains_key("x-maintenance"));
    let answer = answer(503, &[("x-maintenance", "true")], "");
    let request = request(&CREATE);
    let attempt = Attempt {
        number: 9,
        counted: 0,
        request: &request,
        outcome: AttemptOutcome::Answered(&answer),
        begun: None,
        ended: OnceLock::new(),
        clock: &Epoch,
        reached_before: true,
    };
    let retry = policy.retry(&attempt).unwrap();
    assert_eq!((retry.after, retry.counts), (Duration::from_secs(1), false));
}

#[test]
fn broken_exchanges_are_tried_again_where_that_is_safe() {
    let policy = StandardRetry::new(5).jitter(0.0);
    let after = |operation, kind, reached_before| {
        let error = TransportError::new(kind, "x");
        let attempt = Attempt {
            number: 1,
            counted: 0,
            request: &request(operation),
            outcome: AttemptOutcome::Failed(&error),
            begun: None,
            ended: OnceLock::new(),
            clock: &Epoch,
            reached_before,
        };
        policy.retry(&attempt).is_some()
    };
    for kind in [TransportErrorKind::Interrupted, TransportErrorKind::Timeout] {
        assert!(after(&GET, kind, false));
        assert!(after(&FILTER, kind, false));
        assert!(!after(&CREATE, kind, true));
    }
    assert!(after(&CREATE, TransportErrorKind::Connect, true));
    assert!(!after(&GET, TransportErrorKind::Connect, false));
    assert!(!after(&GET, TransportErrorKind::BodyTooLarge(1), true));
    assert!(!after(&GET, TransportErrorKind::NoRuntime, true));
}

/// A clock whose calendar has not begun.
#[derive(Debug)]
struct Epoch;

impl Clock for Epoch {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }
}

#[test]
fn a_stale_connection_is_followed_at_once_by_another_one_the_first_time() {
    let policy = StandardRetry::new(5).jitter(0.0);
    let stale = TransportError::new(TransportErrorKind::Interrupted, "closed").stale();
    let failed = AttemptOutcome::Failed(&stale);
    assert_eq!(wait(&policy, &GET, failed, 0), Some(0.0));
    assert_eq!(wait(&policy, &FILTER, failed, 0), Some(0.0));
    assert_eq!(wait(&policy, &GET, failed, 1), Some(4.0));
    assert_eq!(wait(&policy, &CREATE, failed, 0), None);
    assert_eq!(wait(&StandardRetry::new(0), &GET, failed, 0), None);
}
