//! Idle connections that the server closes: before the next call, and while it is on its way.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use prefect_conformance::Fallible;
use prefect_conformance::fault::{Ending, Face, Method, good};
use test_server::{Door, Fault, Seen, Server};

use crate::LONG;
use crate::scenario::caller;

/// How long the server keeps an idle connection, and how many calls are made around that moment.
const KEPT: Duration = Duration::from_millis(40);
const CALLS: u32 = 60;
/// Time enough to notice that a connection was closed.
const NOTICED: Duration = Duration::from_millis(150);

#[test]
fn a_connection_that_was_closed_while_idle_is_not_used() -> Fallible<()> {
    for face in Face::ALL {
        for method in [Method::Get, Method::Post] {
            let closing = Fault::CloseIdleAfter(good(), Duration::from_millis(1));
            let server = Server::start(Door::Open, [closing])?;
            let caller = caller(face, &server.url(), LONG)?;
            for number in 1..=3 {
                caller.call(method, "spaced")?;
                assert_eq!(server.seen().len(), number, "{face:?} {method:?}");
                caller.pause(NOTICED);
            }
        }
    }
    Ok(())
}

/// A runtime of one thread stands still between two calls, and sees only when it is driven again that its connection was
/// closed.
#[test]
fn a_runtime_that_stood_still_sees_that_its_connection_was_closed() -> Fallible<()> {
    for method in [Method::Get, Method::Post] {
        let closing = Fault::CloseIdleAfter(good(), Duration::from_millis(1));
        let server = Server::start(Door::Open, [closing])?;
        let caller = caller(Face::CurrentThread, &server.url(), LONG)?;
        for number in 1..=10 {
            caller.call(method, "spaced")?;
            assert_eq!(server.seen().len(), number, "{method:?}");
            thread::sleep(NOTICED / 3);
        }
    }
    Ok(())
}

#[test]
fn a_post_on_a_connection_that_closes_right_then_is_sent_once() {
    thread::scope(|scope| {
        let runs = Face::ALL.map(|face| scope.spawn(move || around_the_close(face)));
        for run in runs {
            run.join().expect("a run that ends");
        }
    });
}

fn around_the_close(face: Face) {
    let closing = Fault::CloseIdleAfter(good(), KEPT);
    let server = Server::start(Door::Open, [closing]).expect("a server");
    let caller = caller(face, &server.url(), LONG).expect("a client");
    let mut endings = BTreeMap::new();
    for number in 0..CALLS {
        let name = format!("call-{number}");
        let ending = Ending::of(&caller.call(Method::Post, &name));
        endings.insert(name, ending);
        // From 4 ms before to 4 ms behind the moment.
        let early = KEPT.saturating_sub(Duration::from_millis(4));
        thread::sleep(early + Duration::from_micros(100) * (number * 7 % 80));
    }
    let seen = server.seen();
    for (name, ending) in &endings {
        let times = times(&seen, name);
        match ending {
            Ending::Value => assert_eq!(times, 1, "{face:?} {name}"),
            Ending::BrokeOff => assert!(times <= 1, "{face:?} {name}: {times} times"),
            other => panic!("{face:?} {name}: {other:?}"),
        }
    }
    let connections = seen.last().map_or(0, |seen| seen.connection);
    assert!(
        connections > 1,
        "{face:?}: no connection was closed while idle"
    );
}

fn times(seen: &[Seen], name: &str) -> usize {
    let body = format!(r#""name":"{name}""#);
    let bodies = seen.iter().filter_map(|seen| seen.request.as_ref());
    bodies
        .filter(|request| String::from_utf8_lossy(&request.body).contains(&body))
        .count()
}
