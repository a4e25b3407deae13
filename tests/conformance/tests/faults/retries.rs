//! Faults with the retries of a client that nobody configured: a GET recovers, and a POST is not sent twice.

use std::thread;

use diptych_runtime::Config;
use prefect_client::retry_policy;
use prefect_conformance::Fallible;
use prefect_conformance::fault::{Caller, Ending, Face, Method, good};
use test_server::{Door, End, Endless, Fault, Malformed, Server};

use crate::LONG;
use crate::scenario::MAX_BODY;

#[test]
fn a_get_recovers_and_a_post_is_sent_once() {
    let interruptions = [
        Fault::Unread(End::Close),
        Fault::Unread(End::Reset),
        Fault::CutAt(0, good(), End::Close),
        Fault::CutAt(0, good(), End::Reset),
        Fault::CutAt(20, good(), End::Reset),
        Fault::CutAt(good().head().len() + 1, good(), End::Close),
        Fault::Malformed(Malformed::Garbage, End::Close),
        Fault::Endless(Endless::Headers),
    ];
    thread::scope(|scope| {
        for fault in &interruptions {
            for face in Face::ALL {
                for reused in [false, true] {
                    scope.spawn(move || {
                        interrupted(fault, face, reused).expect("a server and a client");
                    });
                }
            }
        }
    });
}

fn interrupted(fault: &Fault, face: Face, reused: bool) -> Fallible<()> {
    let place = format!("{face:?}, reused {reused}, {fault:?}");
    let before = usize::from(reused);
    for (method, ending, sent) in [
        (Method::Get, Ending::Value, 2),
        (Method::Post, Ending::BrokeOff, 1),
    ] {
        let whole = Fault::Whole(good());
        let script = [whole.clone(), fault.clone(), whole];
        let server = Server::start(Door::Open, script.into_iter().skip(1 - before))?;
        let config = Config::new(&server.url())?.timeout(LONG).max_body(MAX_BODY);
        let caller = Caller::new(face, config.retry_policy(retry_policy().jitter(0.0)))?;
        if reused {
            caller.call(method, "before")?;
        }
        let result = caller.call(method, "meets it");
        assert_eq!(Ending::of(&result), ending, "{place}: {result:?}");
        assert_eq!(server.seen().len(), before + sent, "{place}");
    }
    Ok(())
}

/// Prefect's client settles with the server which version it has before the first call. A fault there is the call's own
/// fault, and what was to be created is not sent.
#[test]
fn a_fault_before_the_call_is_the_call_s_own() -> Fallible<()> {
    for face in Face::ALL {
        let server = Server::start(Door::Open, [Fault::CutAt(0, good(), End::Reset)])?;
        let config = prefect_client::config(&server.url())?.retry_policy(prefect_client::NoRetry);
        let result = Caller::new(face, config)?.call(Method::Post, "never");
        assert_eq!(
            Ending::of(&result),
            Ending::BrokeOff,
            "{face:?}: {result:?}"
        );
        let operation = result.err().and_then(|error| error.operation());
        assert_eq!(operation, Some("create_flow"), "{face:?}");
        let seen = server.seen();
        let methods: Vec<_> = seen
            .iter()
            .filter_map(|seen| seen.request.as_ref())
            .collect();
        assert!(!methods.is_empty(), "{face:?}");
        assert!(
            methods.iter().all(|request| request.method == "GET"),
            "{face:?}: {seen:?}"
        );
    }
    Ok(())
}
