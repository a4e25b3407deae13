//! Every operation of the client against a real server, through both faces.
//!
//! `cargo xtask test` starts the server and says where it is in `PREFECT_TEST_API_URL`. Names carry the face and the
//! run, so that the test can be repeated against one server.

#[macro_use]
mod scenario;
mod coverage;
mod helpers;
mod live;
mod scenarios;

use std::panic::{AssertUnwindSafe, catch_unwind};

use prefect_client::{AsyncPrefectClient, PrefectClient};

use live::{Live, Seen};

/// What one face went through.
struct Outcome {
    face: &'static str,
    seen: Seen,
    failed: Vec<&'static str>,
}

#[test]
fn every_operation_is_answered_through_both_faces() {
    let url = std::env::var("PREFECT_TEST_API_URL").expect(
        "PREFECT_TEST_API_URL has to be the API of a running server, such as http://127.0.0.1:4200/api; \
         `cargo xtask test` starts one",
    );
    let blocking = blocking(&url);
    let asynchronous = asynchronous(&url);
    for outcome in [&blocking, &asynchronous] {
        assert!(
            outcome.failed.is_empty(),
            "scenarios that fail with the {} client, with the reasons above: {:?}",
            outcome.face,
            outcome.failed
        );
    }
    for outcome in [&blocking, &asynchronous] {
        coverage::assert_complete(outcome.face, &outcome.seen.answered);
    }
    assert_eq!(
        blocking.seen.refused, asynchronous.seen.refused,
        "both faces give the same status, detail and body"
    );
}

fn blocking(url: &str) -> Outcome {
    let client = PrefectClient::new(url).expect("a blocking client");
    let live = Live::new(client, "blocking");
    let failed = scenarios::blocking()
        .filter(|(_, scenario)| catch_unwind(AssertUnwindSafe(|| scenario(&live))).is_err())
        .map(|(name, _)| name)
        .collect();
    Outcome {
        face: live.face,
        seen: live.into_seen(),
        failed,
    }
}

fn asynchronous(url: &str) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = AsyncPrefectClient::new(url).expect("an async client");
    let live = Live::new(client, "async");
    let failed = scenarios::asynchronous()
        .filter(|(_, scenario)| {
            catch_unwind(AssertUnwindSafe(|| runtime.block_on(scenario(&live)))).is_err()
        })
        .map(|(name, _)| name)
        .collect();
    Outcome {
        face: live.face,
        seen: live.into_seen(),
        failed,
    }
}
