//! Executors other than tokio, and clients that end where blocking is not allowed: hazards 7 and 9.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Instant;
use std::{future, thread};

use prefect_client::{AsyncPrefectClient, PrefectClient};
use prefect_hazards::{
    Ending, HANG, Reply, Server, Warnings, asynchronous, blocking, config, current_thread,
    multi_thread,
};
use uuid::Uuid;

/// Everything that a program may hold when it drops: clients, an answer, an error, futures.
struct Held {
    blocking: PrefectClient,
    asynchronous: AsyncPrefectClient,
    dropped: Dropped,
}

/// Tells whether it is dropped by a panic that was not there when it was made: fields drop in order, and it is the last.
struct Dropped {
    was_panicking: bool,
    tell: mpsc::Sender<bool>,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        // Nobody need listen.
        let _ = self.tell.send(thread::panicking() && !self.was_panicking);
    }
}

/// A server of flows that never says hello.
fn flows() -> Server {
    Server::start(|request| {
        let last = request.target.rsplit('/').next().unwrap_or_default();
        let ending = match last {
            "hello" => Ending::NoHead,
            _ => Ending::Whole,
        };
        Reply::flow(last).ending(ending)
    })
}

/// Both faces with a connection each.
fn held(server: &Server, tell: mpsc::Sender<bool>) -> Held {
    Held {
        blocking: blocking(config(&server.url())),
        asynchronous: asynchronous(config(&server.url())),
        dropped: Dropped {
            was_panicking: false,
            tell,
        },
    }
}

async fn use_and_drop(held: Held) {
    let Held {
        blocking,
        asynchronous,
        dropped,
    } = held;
    let answer = blocking.read_flow(Uuid::nil());
    let other = asynchronous.read_flow(Uuid::nil()).await;
    assert_eq!(answer.as_ref().unwrap(), other.as_ref().unwrap());
    let never_polled = asynchronous.read_flow(Uuid::nil());
    let mut begun = Box::pin(asynchronous.hello());
    assert!(futures::poll!(begun.as_mut()).is_pending());
    drop((begun, never_polled, answer, other));
    drop((blocking, asynchronous, dropped));
}

#[test]
fn hazard_07_all_that_a_client_gives_may_be_dropped_inside_a_task() {
    let server = flows();
    let (tell, told) = mpsc::channel();
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(use_and_drop(held(&server, tell.clone())));
        let task = runtime.spawn(use_and_drop(held(&server, tell.clone())));
        runtime.block_on(task).unwrap();
    }
    drop(tell);
    assert_eq!(told.iter().collect::<Vec<_>>(), [false; 4]);
}

#[test]
fn hazard_07_clients_may_be_dropped_while_a_task_unwinds() {
    let server = flows();
    let (tell, _told) = mpsc::channel();
    for runtime in [current_thread(), multi_thread()] {
        let held = held(&server, tell.clone());
        let task = runtime.spawn(async move {
            let held = { held };
            let answer = held.asynchronous.read_flow(Uuid::nil()).await;
            let mut begun = Box::pin(held.asynchronous.hello());
            assert!(futures::poll!(begun.as_mut()).is_pending());
            assert!(answer.is_ok() && held.blocking.read_flow(Uuid::nil()).is_ok());
            // A second panic, out of a `Drop`, would abort the process.
            std::panic::panic_any("on purpose");
        });
        let error = runtime.block_on(task).unwrap_err();
        assert_eq!(error.into_panic().downcast_ref(), Some(&"on purpose"));
    }
}

#[test]
fn hazard_07_a_call_may_be_made_while_a_thread_unwinds() {
    struct Cleanup(PrefectClient, mpsc::Sender<bool>);
    impl Drop for Cleanup {
        fn drop(&mut self) {
            let is_ok = self.0.read_flow(Uuid::nil()).is_ok();
            let _ = self.1.send(is_ok && thread::panicking());
        }
    }
    let server = flows();
    let (tell, told) = mpsc::channel();
    let cleanup = Cleanup(blocking(config(&server.url())), tell);
    let unwound = catch_unwind(AssertUnwindSafe(move || {
        let _cleanup = cleanup;
        std::panic::panic_any("on purpose");
    }));
    assert_eq!(unwound.unwrap_err().downcast_ref(), Some(&"on purpose"));
    assert_eq!(told.recv(), Ok(true));
}

#[test]
fn hazard_07_clients_may_be_dropped_while_the_runtime_shuts_down() {
    let server = flows();
    let (tell, told) = mpsc::channel();
    let start = Instant::now();
    for (runtime, is_in_background) in [
        (current_thread(), false),
        (multi_thread(), false),
        (multi_thread(), true),
    ] {
        let held = held(&server, tell.clone());
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let task = runtime.spawn(async move {
            let held = { held };
            assert!(held.asynchronous.read_flow(Uuid::nil()).await.is_ok());
            assert!(held.blocking.read_flow(Uuid::nil()).is_ok());
            let mut begun = Box::pin(held.asynchronous.hello());
            assert!(futures::poll!(begun.as_mut()).is_pending());
            ready.send(()).unwrap();
            future::pending::<()>().await;
        });
        runtime.block_on(is_ready).unwrap();
        assert!(!task.is_finished());
        if is_in_background {
            runtime.shutdown_background();
        } else {
            drop(runtime);
        }
        assert_eq!(told.recv_timeout(HANG), Ok(false));
    }
    assert!(start.elapsed() < HANG, "nothing was waited for");
}

#[test]
fn hazard_09_blocking_calls_complete_on_other_executors_and_say_nothing() {
    let (server, warnings) = (Server::healthy(), Warnings::default());
    let client = blocking(config(&server.url()));
    warnings.within(|| {
        assert!(futures::executor::block_on(async { client.health_check() }).unwrap());
        assert!(async_io::block_on(async { client.health_check() }).unwrap());
        assert!(pollster::block_on(async { client.health_check() }).unwrap());
    });
    assert_eq!(warnings.take(), [""; 0]);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn hazard_09_async_calls_outside_of_tokio_are_a_typed_error() {
    let server = Server::healthy();
    for timeout in [Some(HANG), None] {
        let config = config(&server.url()).retry_policy(prefect_client::retry_policy());
        let client = asynchronous(config.timeout(timeout));
        assert!(current_thread().block_on(client.health_check()).unwrap());
        let before = server.requests().len();
        let results = [
            futures::executor::block_on(client.health_check()),
            async_io::block_on(client.health_check()),
            pollster::block_on(client.health_check()),
        ];
        for error in results.map(Result::unwrap_err) {
            assert!(error.to_string().contains("tokio"), "{error}");
            assert!(!error.is_retryable() && !error.is_timeout());
        }
        assert_eq!(server.requests().len(), before);
        // Within a runtime's context another executor will do.
        let runtime = multi_thread();
        let _entered = runtime.enter();
        assert!(pollster::block_on(client.health_check()).unwrap());
    }
}
