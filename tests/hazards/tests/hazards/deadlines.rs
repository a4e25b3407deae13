//! A connection that never comes about: hazard 14. A stalled name server is beside the code that asks it, in
//! runtime/src/blocking/names.rs.

use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use prefect_hazards::{HANG, asynchronous, blocking, config, current_thread};

use crate::process::succeeds;

/// A listener whose queue is full, with what fills it: the system answers no further connection.
fn full() -> (TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let address = listener.local_addr().unwrap();
    let patience = Duration::from_millis(300);
    let mut filling = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, patience) {
        filling.push(stream);
        assert!(filling.len() < 64, "the queue has no end");
    }
    (listener, filling)
}

#[test]
fn hazard_14_a_connection_that_never_comes_about_ends_at_the_deadline_and_leaves_no_thread() {
    let (listener, _filling) = full();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    let limit = Duration::from_millis(200);
    let config = config(&url).timeout(limit);
    let (client, other) = (blocking(config.clone()), asynchronous(config));
    let begun = Instant::now();
    let results = [
        client.health_check(),
        current_thread().block_on(other.health_check()),
    ];
    for error in results.map(Result::unwrap_err) {
        assert!(error.is_timeout(), "{error:?}");
    }
    assert!(begun.elapsed() >= limit * 2 && begun.elapsed() < HANG);
    succeeds("stalled", &url, HANG);
}

#[test]
fn hazard_14_without_a_limit_for_the_call_each_attempt_has_one() {
    let (listener, _filling) = full();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    let limit = Duration::from_millis(200);
    let config = config(&url).timeout(None).attempt_timeout(limit);
    let (client, other) = (blocking(config.clone()), asynchronous(config));
    let results = [
        client.health_check(),
        current_thread().block_on(other.health_check()),
    ];
    for error in results.map(Result::unwrap_err) {
        assert!(error.is_timeout(), "{error:?}");
    }
}
