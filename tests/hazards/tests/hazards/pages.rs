//! Pages where an async executor is running, and pages that are dropped: the parts of hazards 2, 3 and 7 about them.

use std::future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use prefect_client::models::Flow;
use prefect_client::requests::ReadFlows;
use prefect_client::{OnAsyncContext, Pages, PrefectClient};
use prefect_hazards::{
    Ending, HANG, Reply, Server, Warnings, asynchronous, blocking, config, current_thread,
    multi_thread,
};
use tracing::instrument::WithSubscriber as _;
use uuid::Uuid;

/// Pages of one flow each, and then an empty one.
fn pages(count: usize) -> Server {
    let asked = AtomicUsize::new(0);
    Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        before if before < count => Reply::flows(&[Uuid::new_v4()]),
        _ => Reply::flows(&[]),
    })
}

fn one_by_one() -> ReadFlows {
    ReadFlows::new().limit(1)
}

/// How many flows are read, in one place.
#[track_caller]
fn read(pages: Pages<PrefectClient, Flow>) -> usize {
    let mut count = 0;
    for flow in pages {
        count += usize::from(flow.is_ok());
    }
    count
}

fn warned_once(warnings: &Warnings) {
    let texts = warnings.take();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let names_the_twin = texts[0].contains("AsyncPrefectClient::read_flows");
    assert!(names_the_twin && texts[0].contains("pages.rs"), "{texts:?}");
}

#[test]
fn hazard_02_pages_complete_and_warn_once_per_place_on_a_runtime_of_one_thread() {
    let (server, other, warnings) = (pages(2), pages(2), Warnings::default());
    let (client, second) = (
        blocking(config(&server.url())),
        blocking(config(&other.url())),
    );
    warnings.within(|| {
        current_thread().block_on(async {
            let pages = client.read_flows_pages_with(one_by_one());
            let ahead = second.read_flows_pages_with(one_by_one()).read_ahead();
            assert_eq!(warnings.take(), [""; 0], "building is silent");
            assert_eq!(read(pages), 2);
            warned_once(&warnings);
            assert_eq!(read(ahead), 2);
            warned_once(&warnings);
        });
    });
}

#[test]
fn hazard_03_pages_complete_and_warn_in_a_task_of_many_threads() {
    let (server, warnings) = (pages(2), Warnings::default());
    let pages = blocking(config(&server.url())).read_flows_pages_with(one_by_one());
    let runtime = multi_thread();
    let task = async move { read(pages) };
    let task = runtime.spawn(task.with_subscriber(warnings.dispatch()));
    assert_eq!(runtime.block_on(task).unwrap(), 2);
    warned_once(&warnings);
}

#[test]
fn hazard_03_pages_that_are_denied_send_nothing() {
    let server = pages(2);
    let client = blocking(config(&server.url()).on_async_context(OnAsyncContext::Deny));
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let mut as_asked = client.read_flows_pages_with(one_by_one());
            let mut ahead = client.read_flows_pages_with(one_by_one()).read_ahead();
            for first in [as_asked.next(), ahead.next()] {
                let error = first.unwrap().unwrap_err();
                assert!(error.is_blocking_in_async(), "{error}");
            }
        });
    }
    assert_eq!(server.connections(), 0);
}

/// Pages in every state: not begun, reading ahead, and with a page underway, which the server never sends.
async fn hold(url: String, until: impl Future<Output = ()>) {
    let (client, other) = (blocking(config(&url)), asynchronous(config(&url)));
    let unbegun = client.read_flows_pages_with(one_by_one());
    let other_unbegun = other.read_flows_pages_with(one_by_one());
    let mut ahead = client.read_flows_pages_with(one_by_one()).read_ahead();
    assert!(ahead.next().unwrap().is_ok());
    let mut other_ahead = other.read_flows_pages_with(one_by_one()).read_ahead();
    assert!(other_ahead.anext_page().await.unwrap().is_ok());
    let mut underway = other.read_flows_pages_with(one_by_one());
    assert!(futures::poll!(Box::pin(underway.anext_page())).is_pending());
    until.await;
    drop((unbegun, other_unbegun, ahead, other_ahead, underway));
}

/// Two pages, one for each that reads ahead, before the server falls silent.
fn falling_silent() -> Server {
    let asked = AtomicUsize::new(0);
    Server::start(move |request| {
        let is_first = !request.text().contains("\"offset\":1");
        let flow = Reply::flows(&[Uuid::nil()]);
        if is_first && asked.fetch_add(1, Ordering::SeqCst) < 2 {
            flow
        } else {
            flow.ending(Ending::NoHead)
        }
    })
}

#[test]
fn hazard_07_pages_may_be_dropped_inside_a_task_while_unwinding_and_at_shutdown() {
    let start = Instant::now();
    for runtime in [current_thread, multi_thread] {
        let server = falling_silent();
        runtime().block_on(hold(server.url(), async {}));

        let server = falling_silent();
        let unwinding = async { std::panic::panic_any("on purpose") };
        let held = hold(server.url(), unwinding);
        let unwound = catch_unwind(AssertUnwindSafe(|| runtime().block_on(held)));
        assert_eq!(unwound.unwrap_err().downcast_ref(), Some(&"on purpose"));

        let server = falling_silent();
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let runtime = runtime();
        let held = hold(server.url(), async {
            ready.send(()).unwrap();
            future::pending::<()>().await;
        });
        let task = runtime.spawn(held);
        runtime.block_on(is_ready).unwrap();
        assert!(!task.is_finished());
        drop(runtime);
    }
    assert!(start.elapsed() < HANG, "nothing was waited for");
}
