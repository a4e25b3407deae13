//! A blocking call spawns no thread. Alone in its file, so that no other test of the process has threads of its own.
#![cfg(all(feature = "blocking", target_os = "linux"))]

mod support;

use std::time::Duration;

use diptych_runtime::{Config, blocking};
use support::{Reply, Server};

/// How many threads the process has now.
fn threads() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Threads:"));
    line.unwrap().trim().parse().unwrap()
}

/// The number of a new thread: they are given out in order, so a thread that came and went has used one up.
fn next_thread_number() -> u64 {
    let id = std::thread::spawn(|| std::thread::current().id());
    let text = format!("{:?}", id.join().unwrap());
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn fifty_calls_with_a_timeout_and_a_host_name_spawn_no_thread() {
    let server = Server::start(vec![Reply::Answer(200, "application/json", "1")]);
    let config = Config::new(&server.url()).unwrap();
    let client = blocking::Client::new(config.timeout(Duration::from_secs(30))).unwrap();
    client.execute(support::read_flow()).unwrap();
    let number = next_thread_number();
    let before = threads();
    for _ in 0..50 {
        client.execute(support::read_flow()).unwrap();
        assert_eq!(threads(), before);
    }
    assert_eq!(next_thread_number(), number + 1);
    assert_eq!(server.connections(), 1);
}
