//! Every duration that a user can give may be as long as there are any, and means "for ever".

use std::panic::{set_hook, take_hook};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diptych_runtime::{
    Attempt, CallOptions, Config, Retry, RetryPolicy, StandardRetry, SystemClock,
};

use crate::both;
use crate::support::{self, Reply, Server};

const JSON: &str = "application/json";
const EVER: Duration = Duration::MAX;

/// What is set to the longest duration, by the name of the method.
type Case = (&'static str, fn(Config) -> Config, fn() -> CallOptions);

const CASES: [Case; 8] = [
    (
        "Config::timeout",
        |config| config.timeout(EVER),
        CallOptions::new,
    ),
    (
        "Config::attempt_timeout",
        |config| config.attempt_timeout(EVER),
        CallOptions::new,
    ),
    (
        "Config::idle_timeout",
        |config| config.idle_timeout(EVER),
        CallOptions::new,
    ),
    (
        "StandardRetry::longest_wait",
        |config| config.retry_policy(StandardRetry::new(3).longest_wait(EVER).jitter(0.9)),
        CallOptions::new,
    ),
    (
        "CallOptions::timeout",
        |config| config,
        || CallOptions::new().timeout(EVER),
    ),
    (
        "CallOptions::attempt_timeout",
        |config| config,
        || CallOptions::new().attempt_timeout(EVER),
    ),
    (
        "SystemClock",
        |config| config.clock(SystemClock).timeout(EVER),
        CallOptions::new,
    ),
    (
        "all at once",
        |config| {
            config
                .timeout(EVER)
                .attempt_timeout(EVER)
                .idle_timeout(EVER)
        },
        || CallOptions::new().timeout(EVER).attempt_timeout(EVER),
    ),
];

#[test]
fn the_longest_duration_is_for_ever_in_each_place() {
    for (name, configure, options) in CASES {
        let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
        let config = configure(Config::new(&server.url()).unwrap());
        for _ in 0..2 {
            for outcome in both(&config, &options(), support::read_flow) {
                assert_eq!(outcome.unwrap(), 1, "{name}");
            }
        }
    }
}

/// Waits for ever before the next attempt.
struct Never;

impl RetryPolicy for Never {
    fn retry(&self, _attempt: &Attempt<'_>) -> Option<Retry> {
        Some(Retry::after(EVER))
    }
}

#[test]
fn a_wait_that_never_ends_is_not_begun_where_there_is_a_deadline() {
    let server = Server::start(vec![Reply::Answer(503, JSON, "{}")]);
    let config = Config::new(&server.url()).unwrap().retry_policy(Never);
    for outcome in both(&config, &CallOptions::new(), support::read_flow) {
        assert_eq!(outcome.unwrap_err().status().unwrap(), 503);
    }
}

/// A task of the library below that panics says so on the error stream only.
fn count_panics() -> Arc<AtomicUsize> {
    let panics = Arc::new(AtomicUsize::new(0));
    let (counted, usual) = (Arc::clone(&panics), take_hook());
    set_hook(Box::new(move |panic| {
        counted.fetch_add(1, Ordering::SeqCst);
        usual(panic);
    }));
    panics
}

#[test]
fn connections_are_kept_for_ever() {
    let panics = count_panics();
    let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
    let config = Config::new(&server.url()).unwrap().idle_timeout(EVER);
    let client = diptych_runtime::blocking::Client::new(config.clone()).unwrap();
    for _ in 0..3 {
        client.execute(support::read_flow()).unwrap();
    }
    let client = diptych_runtime::asynchronous::Client::new(config).unwrap();
    support::block_on(async {
        for _ in 0..3 {
            client.execute(support::read_flow()).await.unwrap();
        }
    });
    assert_eq!(server.connections(), 2);
    assert_eq!(panics.load(Ordering::SeqCst), 0);
}
