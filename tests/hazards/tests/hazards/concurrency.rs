//! Many callers at once, and calls that are given up: hazards 10, 11, 19 and 20.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use prefect_hazards::{
    HANG, Reply, Request, Server, asynchronous, blocking, config, current_thread, multi_thread,
};
use uuid::Uuid;

const CALLERS: usize = 64;
const CALLS: usize = 4;
const CONNECTIONS: usize = 8;

fn a_little_slow() -> Server {
    Server::start(|_| {
        thread::sleep(Duration::from_millis(5));
        Reply::json("true")
    })
}

fn is_shared(server: &Server, most_connections: usize) {
    assert_eq!(server.requests().len(), CALLERS * CALLS);
    assert!(
        (2..=CONNECTIONS).contains(&server.most_at_once()),
        "calls overlap: {}",
        server.most_at_once()
    );
    assert!(
        server.connections() <= most_connections,
        "connections are used again: {}",
        server.connections()
    );
}

#[test]
fn hazard_10_sixty_four_threads_share_the_connections_and_none_starves() {
    let server = a_little_slow();
    let client = blocking(config(&server.url()).max_connections(CONNECTIONS));
    let begin = Barrier::new(CALLERS);
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                begin.wait();
                for _ in 0..CALLS {
                    // One that starves runs into the deadline.
                    assert!(client.health_check().unwrap());
                }
            });
        }
    });
    is_shared(&server, CONNECTIONS);
}

#[test]
fn hazard_10_sixty_four_tasks_share_the_connections_and_none_starves() {
    let server = a_little_slow();
    let client = asynchronous(config(&server.url()).max_connections(CONNECTIONS));
    multi_thread().block_on(async {
        let calls = |_| {
            let client = client.clone();
            tokio::spawn(async move {
                for _ in 0..CALLS {
                    assert!(client.health_check().await.unwrap());
                }
            })
        };
        for task in (0..CALLERS).map(calls).collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
    // hyper opens one more where the next call comes before a connection's own task has put it back.
    is_shared(&server, CALLERS);
}

#[test]
fn hazard_10_a_busy_thread_does_not_starve_the_others_of_the_only_connection() {
    let server = a_little_slow();
    let client = blocking(config(&server.url()).max_connections(1));
    let done = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while done.load(Ordering::SeqCst) < 8 {
                assert!(client.health_check().unwrap());
            }
        });
        let others = [(); 8].map(|()| {
            scope.spawn(|| {
                let result = client.health_check();
                done.fetch_add(1, Ordering::SeqCst);
                result
            })
        });
        // One that starves runs into the deadline.
        assert!(others.map(|other| other.join().unwrap().unwrap()) == [true; 8]);
    });
    assert_eq!(server.most_at_once(), 1);
}

/// A server that holds `/hello` back until it is told, and a function that tells it.
fn one_slow() -> (Server, impl Fn()) {
    let (tell, told) = mpsc::channel();
    let told = Mutex::new(told);
    let server = Server::start(move |request| {
        if request.target.ends_with("/hello") {
            let _ = told.lock().map(|told| told.recv_timeout(HANG));
        }
        Reply::json("true")
    });
    (server, move || tell.send(()).expect("the server waits"))
}

fn has_come(server: &Server, target: &str) {
    while !server
        .requests()
        .iter()
        .any(|request| request.target.ends_with(target))
    {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn hazard_11_a_slow_call_does_not_hold_up_a_fast_one() {
    let (server, tell) = one_slow();
    let client = blocking(config(&server.url()));
    thread::scope(|scope| {
        let slow = scope.spawn(|| client.perform_readiness_check().and(client.hello()));
        has_come(&server, "/hello");
        assert!(client.health_check().unwrap());
        assert!(!slow.is_finished());
        tell();
        // `true` is no text; what counts is that it came.
        assert!(slow.join().unwrap().is_err_and(|error| error.is_decode()));
    });
    assert_eq!(server.connections(), 2);
}

#[test]
fn hazard_11_a_slow_future_does_not_hold_up_a_fast_one() {
    let (server, tell) = one_slow();
    let client = asynchronous(config(&server.url()));
    current_thread().block_on(async {
        let own = client.clone();
        let slow = tokio::spawn(async move { own.hello().await });
        assert!(client.health_check().await.unwrap());
        assert!(!slow.is_finished());
        tell();
        assert!(slow.await.unwrap().is_err_and(|error| error.is_decode()));
    });
}

/// The flow that was asked for, after a while.
fn echo(request: &Request, wait: Duration) -> Reply {
    thread::sleep(wait);
    Reply::flow(request.target.rsplit('/').next().unwrap_or_default())
}

#[test]
fn hazard_19_after_calls_that_were_given_up_every_call_gets_its_own_answer() {
    let server = Server::start(|request| echo(request, Duration::from_millis(3)));
    // One connection at a time: a permit that a given up call keeps would be missed at once.
    let client = asynchronous(config(&server.url()).max_connections(1));
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            for round in 0..40 {
                let given_up = client.read_flow(Uuid::new_v4());
                // At another point of the exchange in each round.
                let patience = Duration::from_micros(round * 150);
                let _ = tokio::time::timeout(patience, given_up).await;
                let id = Uuid::new_v4();
                assert_eq!(client.read_flow(id).await.unwrap().id, id);
            }
        });
    }
    assert!(server.open() <= 2, "{}", server.open());
}

#[test]
fn hazard_20_other_tasks_timers_fire_while_a_retry_waits() {
    let tries = AtomicUsize::new(0);
    let server = Server::start(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::new(503, "text/plain", "").header("retry-after", "1"),
        _ => Reply::json("true"),
    });
    let config = config(&server.url()).retry_policy(prefect_client::retry_policy());
    let client = asynchronous(config);
    let ticks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ticks);
    current_thread().block_on(async {
        let ticking = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        assert!(client.health_check().await.unwrap());
        ticking.abort();
    });
    assert_eq!(server.requests().len(), 2);
    // Fifty in a second; a thread that sleeps would have let none.
    assert!(ticks.load(Ordering::SeqCst) >= 5);
}
