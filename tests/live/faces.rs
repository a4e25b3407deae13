//! A scenario on its way through both faces.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use prefect_client::{AsyncPrefectClient, PrefectClient};

use crate::coverage;
use crate::live::{Live, Seen};

type Blocking = fn(&Live<PrefectClient>);
type Asynchronous =
    for<'a> fn(&'a Live<AsyncPrefectClient>) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

static TURN: Mutex<()> = Mutex::new(());

/// Fails where one face does, or where the server refuses them differently.
#[track_caller]
pub(crate) fn run_through_both(blocking: Blocking, asynchronous: Asynchronous) {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let seen = [seen_blocking(blocking), seen_async(asynchronous)];
        assert_eq!(
            seen[0].refused, seen[1].refused,
            "both faces give the same status, detail and body"
        );
        seen.map(|seen| seen.answered)
    }));
    drop(turn);
    match outcome {
        Ok(answered) => coverage::count(Some(answered)),
        Err(panic) => {
            coverage::count(None);
            resume_unwind(panic)
        }
    }
}

fn seen_blocking(scenario: Blocking) -> Seen {
    let client = PrefectClient::new(&url()).expect("a blocking client");
    let live = Live::new(client, "blocking");
    scenario(&live);
    live.into_seen()
}

fn seen_async(scenario: Asynchronous) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = AsyncPrefectClient::new(&url()).expect("an async client");
    let live = Live::new(client, "async");
    runtime.block_on(scenario(&live));
    live.into_seen()
}

fn url() -> String {
    std::env::var("PREFECT_TEST_API_URL").expect(
        "PREFECT_TEST_API_URL has to be the API of a running server, such as http://127.0.0.1:4200/api; \
         `cargo xtask test` starts one",
    )
}
