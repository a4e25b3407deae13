//! Faults before an answer can come, and those that need a test of their own.

use std::time::{Duration, Instant};

use prefect_conformance::Fallible;
use prefect_conformance::fault::{Ending, Face, Method, good};
use test_server::{Door, End, Endless, Fault, Malformed, Server};

use crate::scenario::{SLACK, caller};
use crate::{LONG, SHORT};

const METHODS: [Method; 2] = [Method::Get, Method::Post];

/// More than the buffers of a connection hold, so that sending waits for the server.
const MORE_THAN_BUFFERS: usize = 32 * 1024 * 1024;

#[test]
fn a_closed_door_is_no_connection_and_a_full_one_the_deadline() -> Fallible<()> {
    let doors = [
        (Door::Refusing, Ending::NoConnection, LONG),
        (Door::Full, Ending::TimedOut, SHORT),
    ];
    for (door, ending, deadline) in doors {
        for face in Face::ALL {
            for method in METHODS {
                let mut server = Server::start(door, [Fault::Whole(good())])?;
                let caller = caller(face, &server.url(), deadline)?;
                let start = Instant::now();
                let result = caller.call(method, "closed");
                assert_eq!(
                    Ending::of(&result),
                    ending,
                    "{face:?} {method:?}: {result:?}"
                );
                assert!(start.elapsed() < deadline + SLACK, "{face:?} {method:?}");
                server.open()?;
                caller.call(method, "open")?;
                assert_eq!(server.seen().len(), 1, "{face:?} {method:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn tls_that_stalls_is_the_deadline_and_one_that_is_none_is_no_connection() -> Fallible<()> {
    let faults = [
        (Fault::Unread(End::Stall), Ending::TimedOut, SHORT),
        (Fault::Unread(End::Close), Ending::NoConnection, LONG),
        (Fault::Unread(End::Reset), Ending::NoConnection, LONG),
        (Fault::Endless(Endless::Body), Ending::NoConnection, LONG),
        (
            Fault::Malformed(Malformed::Garbage, End::Close),
            Ending::NoConnection,
            LONG,
        ),
    ];
    for (fault, ending, deadline) in faults {
        for face in Face::ALL {
            let server = Server::start(Door::Open, [fault.clone()])?;
            let url = server.url().replace("http://", "https://");
            let result = caller(face, &url, deadline)?.call(Method::Post, "in TLS");
            assert_eq!(
                Ending::of(&result),
                ending,
                "{face:?} {fault:?}: {result:?}"
            );
            assert_eq!(server.seen().len(), 1);
        }
    }
    Ok(())
}

#[test]
fn a_body_that_nobody_reads_ends_at_the_deadline_or_with_the_connection() -> Fallible<()> {
    let name = "x".repeat(MORE_THAN_BUFFERS);
    for (end, ending, deadline) in [
        (End::Stall, Ending::TimedOut, SHORT),
        (End::Reset, Ending::BrokeOff, LONG),
    ] {
        for face in Face::ALL {
            let script = [Fault::Unread(end), Fault::Whole(good())];
            let server = Server::start(Door::Open, script)?;
            let caller = caller(face, &server.url(), deadline)?;
            let start = Instant::now();
            let result = caller.call(Method::Post, &name);
            assert_eq!(Ending::of(&result), ending, "{face:?} {end:?}: {result:?}");
            assert!(start.elapsed() < deadline + SLACK, "{face:?} {end:?}");
            caller.call(Method::Post, "after")?;
            assert_eq!(server.seen().len(), 2, "{face:?} {end:?}");
        }
    }
    Ok(())
}

/// The blocking face counts the heads of an answer together. hyper passes over any number of informational ones, and lets
/// nothing else run on the thread for as long as a few MiB take, which may be long after the deadline on a busy machine.
#[test]
fn a_flood_of_informational_answers_ends_by_the_deadline() -> Fallible<()> {
    for face in Face::ALL {
        let fault = Fault::Endless(Endless::InformationalFlood);
        let server = Server::start(Door::Open, [fault])?;
        let result = caller(face, &server.url(), SHORT)?.call(Method::Post, "flooded");
        let ending = match face {
            Face::Blocking => Ending::BrokeOff,
            Face::CurrentThread | Face::MultiThread => Ending::TimedOut,
        };
        assert_eq!(Ending::of(&result), ending, "{face:?}: {result:?}");
        assert_eq!(server.seen().len(), 1, "{face:?}");
    }
    Ok(())
}

/// A server that stops while its answers stall closes them: the call ends long before its deadline.
#[test]
fn a_server_that_stops_ends_the_calls_that_wait_for_it() -> Fallible<()> {
    for face in Face::ALL {
        let server = Server::start(Door::Open, [Fault::CutAt(20, good(), End::Stall)])?;
        let caller = caller(face, &server.url(), LONG)?;
        std::thread::scope(|scope| {
            let call = scope.spawn(move || Ending::of(&caller.call(Method::Post, "waits")));
            while server.seen().is_empty() {
                std::thread::sleep(Duration::from_millis(5));
            }
            drop(server);
            assert_eq!(call.join().ok(), Some(Ending::BrokeOff), "{face:?}");
        });
    }
    Ok(())
}
