//! A real server that is killed and started again under calls of both faces: every acknowledged write is there, none is
//! there twice, and every call ends.
//!
//! `cargo xtask test` says in `PREFECT_TEST_PYTHON` which interpreter has the pinned Prefect. The server is one of the
//! test's own.

mod verdict;
mod work;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use prefect_client::{AsyncPrefectClient, Config, PrefectClient, config};

use test_prefect::Server;
use verdict::Found;
use work::{Caller, Entry};

const THREADS: usize = 8;
const TASKS: usize = 64;
const KILLS: usize = 3;
/// How many creates are acknowledged before each kill, and after the last one.
const WRITES: usize = 120;
const DEADLINE: Duration = Duration::from_secs(30);
/// How many connections each client has. All callers but a few are waiting for one: `SQLite` has one writer at a time.
const CONNECTIONS: usize = 4;
/// Only the API is needed here, and a server without its services is sooner there.
const WITHOUT_SERVICES: [(&str, &str); 1] = [("PREFECT__SERVER_WEBSERVER_ONLY", "1")];
/// How long that many may take on a machine that is busy with everything else.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the callers share with the test.
#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
    retries: AtomicUsize,
}

#[test]
fn acknowledged_writes_survive_kills_and_none_is_there_twice() {
    let python = std::env::var_os("PREFECT_TEST_PYTHON").expect(
        "PREFECT_TEST_PYTHON has to be an interpreter that has the pinned prefect; `cargo xtask test` installs one",
    );
    let home = format!("prefect-restart-{}", std::process::id());
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(home);
    let mut server = Server::start(python, home, &WITHOUT_SERVICES).expect("a server");
    let shared = Arc::new(Shared::default());
    let callers = [
        threads(&server.url(), &shared),
        vec![tasks(&server.url(), &shared)],
    ];
    let mut kills = Vec::new();
    for _ in 0..KILLS {
        shared.wait_for_writes();
        server.kill().expect("a server that can be killed");
        kills.push(Instant::now());
        server.start_again().expect("the server again");
    }
    shared.wait_for_writes();
    shared.is_over.store(true, Ordering::SeqCst);
    let journal: Vec<Entry> = callers
        .into_iter()
        .flatten()
        .flat_map(|caller| caller.join().expect("a caller that ends"))
        .collect();
    assert_meaningful(&journal, &kills, &shared);
    none("calls", &verdict::wrong_calls(&journal, DEADLINE));
    let client = PrefectClient::new(&server.url()).expect("a client");
    let found = Found::read(&client).expect("what the server has");
    none("writes", &verdict::wrong_writes(&journal, &found));
}

impl Shared {
    fn wait_for_writes(&self) {
        let wanted = self.acknowledged.load(Ordering::SeqCst) + WRITES;
        let deadline = Instant::now() + PATIENCE;
        while self.acknowledged.load(Ordering::SeqCst) < wanted {
            assert!(Instant::now() < deadline, "the server gets nowhere");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn note(&self, caller: &mut Caller, entry: Entry) -> Option<Duration> {
        let is_write = entry.work.is_create() && entry.outcome.is_ok();
        self.acknowledged
            .fetch_add(usize::from(is_write), Ordering::SeqCst);
        caller.note(entry)
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }
}

/// The configuration that everybody has, but for the deadline, and counting.
fn counting(url: &str, shared: &Arc<Shared>) -> Config {
    let shared = Arc::clone(shared);
    let config = config(url).expect("a configuration");
    let config = config.timeout(DEADLINE).max_connections(CONNECTIONS);
    config.on_attempt(move |_, retry| {
        shared
            .retries
            .fetch_add(usize::from(retry.is_some()), Ordering::SeqCst);
    })
}

fn threads(url: &str, shared: &Arc<Shared>) -> Vec<JoinHandle<Vec<Entry>>> {
    let client = PrefectClient::from_config(counting(url, shared)).expect("a blocking client");
    let start = |number| {
        let (client, shared) = (client.clone(), Arc::clone(shared));
        thread::spawn(move || {
            let mut caller = Caller::new(format!("blocking-{number}"));
            while !shared.is_over() {
                let (work, began) = (caller.next(), Instant::now());
                let outcome = work::blocking(&client, &work);
                let pause = shared.note(&mut caller, Entry::ended(work, began, outcome));
                if let Some(pause) = pause {
                    thread::sleep(pause);
                }
            }
            caller.journal
        })
    };
    (0..THREADS).map(start).collect()
}

fn tasks(url: &str, shared: &Arc<Shared>) -> JoinHandle<Vec<Entry>> {
    let client = AsyncPrefectClient::from_config(counting(url, shared)).expect("an async client");
    let shared = Arc::clone(shared);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    thread::spawn(move || {
        let start = |number| {
            let (client, shared) = (client.clone(), Arc::clone(&shared));
            runtime.spawn(task(client, shared, number))
        };
        let tasks: Vec<_> = (0..TASKS).map(start).collect();
        let journals = tasks
            .into_iter()
            .flat_map(|task| runtime.block_on(task).expect("a task that ends"));
        journals.collect()
    })
}

async fn task(client: AsyncPrefectClient, shared: Arc<Shared>, number: usize) -> Vec<Entry> {
    let mut caller = Caller::new(format!("async-{number}"));
    while !shared.is_over() {
        let (work, began) = (caller.next(), Instant::now());
        let outcome = work::asynchronous(&client, &work).await;
        let pause = shared.note(&mut caller, Entry::ended(work, began, outcome));
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }
    caller.journal
}

/// Each kill met calls under way, and there was enough to lose.
fn assert_meaningful(journal: &[Entry], kills: &[Instant], shared: &Shared) {
    let creates = shared.acknowledged.load(Ordering::SeqCst);
    let failures = journal.iter().filter(|entry| entry.outcome.is_err());
    let failures = failures.count();
    let retries = shared.retries.load(Ordering::SeqCst);
    let met: Vec<_> = kills
        .iter()
        .map(|kill| journal.iter().filter(|entry| entry.spans(*kill)).count())
        .collect();
    println!(
        "{} calls, {creates} creates acknowledged, {failures} failures, {retries} retries, under way at each kill: {met:?}",
        journal.len()
    );
    assert!(creates >= WRITES * (KILLS + 1), "{creates} creates");
    assert!(met.iter().all(|calls| *calls > 0), "{met:?}");
    assert!(failures + retries > 0, "no call noticed a kill");
}

fn none(what: &str, wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} wrong {what}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
