//! What concerns a process as a whole, each in one of its own: hazards 1, 16 and 17, and the threads of 14.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use prefect_hazards::{Ending, HANG, Reply, Request, Seen, Server};
use uuid::Uuid;

/// Runs a scenario of this package's program, which says by its status whether all went well.
pub(crate) fn succeeds(scenario: &str, url: &str, limit: Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_prefect-hazards"))
        .args([scenario, url])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + limit;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{scenario} hangs");
        }
        thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{scenario}: {} {said}",
        output.status
    );
}

/// Answers every kind of call that the program makes.
pub(crate) fn prefect(request: &Request) -> Reply {
    let path = request.target.trim_start_matches("/api");
    match (request.method.as_str(), path) {
        (_, "/health") => Reply::json("true"),
        (_, "/flows/filter") => Reply::json("[]"),
        (_, "/flows/count") => Reply::json("3"),
        ("PATCH" | "DELETE", _) => Reply::new(204, "text/plain", ""),
        (_, path) if path.starts_with("/flows/") => Reply::flow(&Uuid::nil().to_string()),
        _ => Reply::json("\"👋\""),
    }
}

#[test]
fn hazard_01_a_blocking_call_spawns_no_thread() {
    let server = Server::start(prefect);
    succeeds("threads", &server.url(), HANG);
    let calls = 21 * 11;
    assert_eq!(server.requests().len(), 2 * calls);
    assert_eq!(server.connections(), 1 + calls);
}

#[test]
fn hazard_14_a_head_or_a_body_that_never_comes_ends_at_the_deadline_and_leaves_no_thread() {
    for ending in [Ending::NoHead, Ending::NoBody] {
        let server = Server::start(move |_| Reply::json("true").ending(ending));
        succeeds(
            "stalled",
            &server.url().replace("localhost", "127.0.0.1"),
            HANG,
        );
        assert_eq!(server.requests().len(), 20);
    }
}

#[test]
fn hazard_16_a_forked_child_has_connections_of_its_own() {
    let server = Server::start(prefect);
    succeeds(
        "fork",
        &server.url().replace("localhost", "127.0.0.1"),
        HANG,
    );
    let seen = server.seen();
    let is_of = |seen: &&Seen, target: &str| {
        let request = seen.request.as_ref();
        request.is_some_and(|request| request.target == target)
    };
    let connections = |target: &str| -> BTreeSet<usize> {
        let seen = seen.iter().filter(|seen| is_of(seen, target));
        seen.map(|seen| seen.connection).collect()
    };
    let (parent, children) = (connections("/api/health"), connections("/api/hello"));
    assert!(parent.is_disjoint(&children), "{parent:?} {children:?}");
    // One connection for each face of each child.
    assert_eq!(children.len(), 40);
    let calls = seen.iter().filter(|seen| is_of(seen, "/api/hello"));
    assert_eq!(calls.count(), 60);
}

#[test]
fn hazard_17_a_process_ends_with_clients_in_statics_and_thread_locals_and_calls_in_flight() {
    let server = Server::start(|request| match request.target.as_str() {
        "/api/hello" => Reply::json("").ending(Ending::NoHead),
        _ => prefect(request),
    });
    succeeds("exit", &server.url(), HANG);
}
