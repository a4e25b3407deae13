//! Connections that end at a bad time, and those that go on: hazards 12, 13 and 27.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use prefect_client::models::FlowCreate;
use prefect_client::requests::ReadFlows;
use prefect_client::transport::TransportErrorKind;
use prefect_client::{Config, Error, retry_policy};
use prefect_hazards::{
    Ending, Reply, Server, TestClock, asynchronous, blocking, config, current_thread, multi_thread,
};
use uuid::Uuid;

/// How long Prefect's server keeps an idle connection.
const SERVER_KEEPS: Duration = Duration::from_secs(5);

type Idle = fn(&Config, Duration) -> [Result<(), Error>; 2];

/// A GET or a POST, an idle time, and the same again.
fn blocking_get(config: &Config, idle: Duration) -> [Result<(), Error>; 2] {
    let client = blocking(config.clone());
    let first = client.read_flow(Uuid::nil());
    thread::sleep(idle);
    [first, client.read_flow(Uuid::nil())].map(|result| result.map(drop))
}

fn blocking_post(config: &Config, idle: Duration) -> [Result<(), Error>; 2] {
    let client = blocking(config.clone());
    let first = client.create_flow(&FlowCreate::new("first"));
    thread::sleep(idle);
    [first, client.create_flow(&FlowCreate::new("second"))].map(|result| result.map(drop))
}

fn async_get(config: &Config, idle: Duration) -> [Result<(), Error>; 2] {
    let client = asynchronous(config.clone());
    multi_thread().block_on(async {
        let first = client.read_flow(Uuid::nil()).await;
        tokio::time::sleep(idle).await;
        [first, client.read_flow(Uuid::nil()).await].map(|result| result.map(drop))
    })
}

fn async_post(config: &Config, idle: Duration) -> [Result<(), Error>; 2] {
    let client = asynchronous(config.clone());
    multi_thread().block_on(async {
        let first = client.create_flow(&FlowCreate::new("first")).await;
        tokio::time::sleep(idle).await;
        let second = client.create_flow(&FlowCreate::new("second")).await;
        [first, second].map(|result| result.map(drop))
    })
}

/// A runtime that stands still in between does not notice that the connection has ended.
fn still_get(config: &Config, idle: Duration) -> [Result<(), Error>; 2] {
    let (client, runtime) = (asynchronous(config.clone()), current_thread());
    let first = runtime.block_on(client.read_flow(Uuid::nil()));
    thread::sleep(idle);
    let second = runtime.block_on(client.read_flow(Uuid::nil()));
    [first, second].map(|result| result.map(drop))
}

fn still_post(config: &Config, idle: Duration) -> [Result<(), Error>; 2] {
    let (client, runtime) = (asynchronous(config.clone()), current_thread());
    let first = runtime.block_on(client.create_flow(&FlowCreate::new("first")));
    thread::sleep(idle);
    let second = runtime.block_on(client.create_flow(&FlowCreate::new("second")));
    [first, second].map(|result| result.map(drop))
}

const GETS: [Idle; 3] = [blocking_get, async_get, still_get];
const POSTS: [Idle; 3] = [blocking_post, async_post, still_post];

fn around_the_end() -> [Duration; 3] {
    [4900, 5000, 5100].map(Duration::from_millis)
}

/// Runs all of them beside each other, each against a server of its own, and gives what the second call got and how
/// often it was sent.
fn run(faces: [Idle; 3], client_keeps: Duration) -> Vec<(Result<(), Error>, usize)> {
    thread::scope(|scope| {
        let run = |face: Idle, idle| {
            let server =
                Server::closing_idle(SERVER_KEEPS, |_| Reply::flow(&Uuid::nil().to_string()));
            let config = config(&server.url()).retry_policy(retry_policy());
            let [first, second] = face(&config.idle_timeout(client_keeps), idle);
            first.unwrap();
            (second, server.requests().len() - 1)
        };
        let cases = faces
            .iter()
            .flat_map(|face| around_the_end().map(|idle| (*face, idle)));
        let running: Vec<_> = cases
            .map(|(face, idle)| scope.spawn(move || run(face, idle)))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

#[test]
fn hazard_12_a_get_recovers_when_the_server_closes_an_idle_connection() {
    let keeps_longer = Duration::from_secs(25);
    for (result, _) in run(GETS, keeps_longer) {
        assert!(result.is_ok(), "{result:?}");
    }
}

#[test]
fn hazard_12_a_post_is_never_sent_twice_when_the_server_closes_an_idle_connection() {
    let keeps_longer = Duration::from_secs(25);
    for (result, sent) in run(POSTS, keeps_longer) {
        match result {
            Ok(()) => assert_eq!(sent, 1),
            Err(error) => {
                assert!(error.status().is_none() && !error.is_timeout(), "{error:?}");
                assert!(sent <= 1, "{sent}");
            }
        }
    }
}

#[test]
fn hazard_12_by_default_the_client_lets_go_first_and_every_post_succeeds() {
    let default = Duration::from_secs(4);
    for (result, sent) in run(POSTS, default) {
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(sent, 1);
    }
}

/// Each face's result of a call that the server breaks off so at its first try.
fn broken(ending: Ending) -> [Server; 2] {
    [(); 2].map(|()| {
        let tries = AtomicUsize::new(0);
        Server::start(move |request| {
            let flow = Reply::flow(&Uuid::nil().to_string());
            match tries.fetch_add(1, Ordering::SeqCst) {
                0 => flow.ending(ending),
                _ if request.target.ends_with("filter") => Reply::json("[]"),
                _ => flow,
            }
        })
    })
}

fn patient(server: &Server) -> Config {
    let clock = TestClock::at(SystemTime::UNIX_EPOCH);
    config(&server.url())
        .retry_policy(retry_policy())
        .clock(clock)
}

#[test]
fn hazard_13_a_post_that_broke_off_is_a_typed_error_and_not_sent_again() {
    for ending in [Ending::Reset, Ending::Cut] {
        let servers = broken(ending);
        let flow = FlowCreate::new("etl");
        let client = asynchronous(patient(&servers[1]));
        let results = [
            blocking(patient(&servers[0])).create_flow(&flow),
            current_thread().block_on(client.create_flow(&flow)),
        ];
        for (error, server) in results.map(Result::unwrap_err).iter().zip(&servers) {
            assert!(!error.is_connect() && !error.is_timeout() && !error.is_decode());
            assert!(error.status().is_none() && !error.is_retryable());
            assert!(
                error.transport_kind() == Some(TransportErrorKind::Interrupted),
                "{error}"
            );
            assert_eq!(server.requests().len(), 1, "{ending:?}");
        }
    }
}

#[test]
fn hazard_13_a_post_that_only_reads_is_sent_again() {
    for ending in [Ending::Reset, Ending::Cut] {
        let servers = broken(ending);
        let request = ReadFlows::new();
        let client = asynchronous(patient(&servers[1]));
        let results = [
            blocking(patient(&servers[0])).read_flows_with(&request),
            current_thread().block_on(client.read_flows_with(&request)),
        ];
        for (result, server) in results.into_iter().zip(servers) {
            assert!(result.unwrap().is_empty());
            assert_eq!(server.requests().len(), 2, "{ending:?}");
        }
    }
}

/// The time that the middle one of twenty POSTs on one connection takes, of the faster half of all tries: a machine
/// that is busy makes some slow, Nagle's algorithm and delayed acknowledgements make every one take 40 ms.
fn middle(mut post: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            post();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

#[test]
fn hazard_27_posts_on_one_connection_have_no_step_of_forty_milliseconds() {
    let flow = FlowCreate::new("e".repeat(3000));
    let limit = Duration::from_millis(20);
    let server = Server::start(|_| Reply::flow(&Uuid::nil().to_string()));
    let client = blocking(config(&server.url()));
    let time = middle(|| drop(client.create_flow(&flow).unwrap()));
    assert!(time < limit, "blocking: {time:?}");
    let (client, runtime) = (asynchronous(config(&server.url())), current_thread());
    let time = middle(|| drop(runtime.block_on(client.create_flow(&flow)).unwrap()));
    assert!(time < limit, "async: {time:?}");
    assert_eq!(server.connections(), 2);
}
