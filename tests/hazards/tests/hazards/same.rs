//! Both faces take the same steps: hazard 25. The other rows about sameness are in tests/conformance.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use prefect_client::models::FlowCreate;
use prefect_client::{Call, Config, Error, PrefectSession, operations, retry_policy};
use prefect_hazards::{Reply, Request, Server, TestClock, asynchronous, blocking, current_thread};
use uuid::Uuid;

/// 1994-11-06 08:49:37 GMT.
fn then() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
}

type Script = fn(usize, &Request) -> Reply;

/// What one face did: each request with its headers but for the port and the client's own number, and each wait.
#[derive(Debug, PartialEq)]
struct Steps {
    requests: Vec<Request>,
    waits: Vec<Duration>,
    results: Vec<Result<String, String>>,
}

/// A server with this script, and the configuration of a client that settles the token but not the version.
fn begin(script: Script, clock: &TestClock) -> (Server, Config) {
    let number = AtomicUsize::new(0);
    let server =
        Server::start(move |request| script(number.fetch_add(1, Ordering::SeqCst), request));
    let url = server.url();
    let config = prefect_client::config(&url).unwrap();
    let config = config
        .session(PrefectSession::new(&url).without_version_check())
        .retry_policy(retry_policy().seed(7))
        .clock(clock.clone());
    (server, config)
}

fn steps<T: std::fmt::Debug>(
    server: &Server,
    clock: &TestClock,
    results: Vec<Result<T, Error>>,
) -> Steps {
    let mut requests = server.requests();
    for request in &mut requests {
        request
            .headers
            .retain(|(name, _)| name != "host" && name != "prefect-csrf-client");
        request
            .target
            .truncate(request.target.find('?').unwrap_or(request.target.len()));
    }
    Steps {
        requests,
        waits: clock.waits(),
        results: results
            .into_iter()
            .map(|result| {
                result
                    .map(|it| format!("{it:?}"))
                    .map_err(|error| error.to_string())
            })
            .collect(),
    }
}

/// Runs the same calls through both faces, and gives the steps, which are the same.
fn both<T: std::fmt::Debug>(script: Script, calls: &[fn() -> Call<T>], pause: Duration) -> Steps {
    let clock = TestClock::at(then());
    let (server, config) = begin(script, &clock);
    let client = blocking(config);
    let mut results = Vec::new();
    for call in calls {
        results.push(client.execute(call()));
        clock.advance(pause);
    }
    let blocking = steps(&server, &clock, results);

    let clock = TestClock::at(then());
    let (server, config) = begin(script, &clock);
    let (client, runtime) = (asynchronous(config), current_thread());
    let mut results = Vec::new();
    for call in calls {
        results.push(runtime.block_on(client.execute(call())));
        clock.advance(pause);
    }
    assert_eq!(steps(&server, &clock, results), blocking);
    blocking
}

fn read() -> Call<Vec<prefect_client::models::Flow>> {
    operations::read_flows()
}

fn create() -> Call<prefect_client::models::Flow> {
    operations::create_flow(&FlowCreate::new("etl"))
}

fn is_token(request: &Request) -> bool {
    request.target.contains("/csrf-token")
}

/// No protection, and then one refusal after another, each with another idea of when to come back.
fn refuse(number: usize, request: &Request) -> Reply {
    let busy = |status| {
        Reply::new(
            status,
            "application/json",
            r#"{"exception_message":"Service Unavailable"}"#,
        )
    };
    match number {
        _ if is_token(request) => Reply::new(
            422,
            "application/json",
            r#"{"detail":"CSRF protection is disabled."}"#,
        ),
        1 => busy(429).header("retry-after", "3"),
        2 => busy(503).header("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
        3 => busy(429).header("retry-after", "soon"),
        4 => busy(503),
        5 => busy(503).header("retry-after", "-1"),
        _ if request.target.contains("filter") => Reply::json("[]"),
        _ => Reply::flow(&Uuid::nil().to_string()),
    }
}

/// From the shortest to the longest that jitter allows, in seconds. The date is 30 s away when the clock begins.
fn are_within(waits: &[Duration], ranges: &[[f64; 2]]) {
    assert_eq!(waits.len(), ranges.len(), "{waits:?}");
    for (wait, [least, most]) in waits.iter().zip(ranges) {
        assert!((*least..=*most).contains(&wait.as_secs_f64()), "{waits:?}");
    }
}

const WAITS: [[f64; 2]; 5] = [
    [3.0, 3.6],
    [26.4, 32.4],
    [6.4, 9.6],
    [12.8, 19.2],
    [25.6, 38.4],
];

#[test]
fn hazard_25_both_faces_wait_the_same_after_429_and_503() {
    let steps = both(refuse, &[read], Duration::ZERO);
    assert_eq!(steps.requests.len(), 7);
    assert_eq!(steps.results, [Ok("[]".to_owned())]);
    are_within(&steps.waits[..5], &WAITS);
    let steps = both(refuse, &[create], Duration::ZERO);
    assert_eq!(
        steps.requests.len(),
        7,
        "the server says that nothing was done"
    );
    assert!(steps.results[0].is_ok());
    are_within(&steps.waits[..5], &WAITS);
}

fn always(_: usize, request: &Request) -> Reply {
    let reply = Reply::new(503, "text/html", "<p>busy</p>");
    if is_token(request) {
        reply.header("retry-after", "1")
    } else {
        reply.header("retry-after", "1000")
    }
}

fn no_token_then_busy(number: usize, request: &Request) -> Reply {
    if number == 0 {
        refuse(0, request)
    } else {
        Reply::new(503, "text/html", "").header("retry-after", "1000")
    }
}

#[test]
fn hazard_25_both_faces_give_up_at_the_same_point() {
    // The question is tried again five times; then its failure is the call's.
    let steps = both(always, &[create], Duration::ZERO);
    assert_eq!(steps.requests.len(), 6);
    assert!(
        steps.results[0]
            .as_ref()
            .is_err_and(|text| text.contains("503"))
    );
    // Longer than any wait may be, and a proxy's words besides.
    let steps = both(no_token_then_busy, &[read], Duration::ZERO);
    assert_eq!(steps.requests.len(), 2);
}

/// Tokens that expire after an hour, and one that the server forgets before that.
fn protect(number: usize, request: &Request) -> Reply {
    let sent = request
        .headers
        .iter()
        .find(|(name, _)| name == "prefect-csrf-token");
    let sent = sent.map(|(_, token)| token.as_str());
    match (number, sent) {
        (0, _) => token("first", "1994-11-06T09:49:37Z"),
        (2, _) => token("second", "1994-11-06T11:00:00Z"),
        (5, _) => token("third", "1994-11-06T13:00:00Z"),
        (1, Some("first")) | (3, Some("second")) | (6, Some("third")) => {
            Reply::flow(&Uuid::nil().to_string())
        }
        _ => Reply::new(
            403,
            "application/json",
            r#"{"detail":"Invalid CSRF token or client identifier."}"#,
        ),
    }
}

fn token(text: &str, expiration: &str) -> Reply {
    let id = Uuid::nil();
    Reply::json(format!(
        r#"{{"id":"{id}","created":null,"updated":null,"token":"{text}","client":"c","expiration":"{expiration}"}}"#
    ))
}

#[test]
fn hazard_25_both_faces_fetch_the_token_again_when_it_expires_or_is_refused() {
    // After the first call it expires; after the second one it is refused.
    let steps = both(
        protect,
        &[create, create, create],
        Duration::from_secs(3601),
    );
    let asked: Vec<bool> = steps.requests.iter().map(is_token).collect();
    assert_eq!(asked, [true, false, true, false, false, true, false]);
    assert!(
        steps.results.iter().all(Result::is_ok),
        "{:?}",
        steps.results
    );
}
