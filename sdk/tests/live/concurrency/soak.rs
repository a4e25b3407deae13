//! 32 holders in Rust and Python, in both faces, on a limit of 4: never more at once, and no slot is lost.
//!
//! Runs for 8 s, or for the seconds in `PREFECT_TEST_SOAK_SECONDS`.

use std::process::Child;
use std::thread::{self, sleep};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::transport::TransportErrorKind;
use prefect_sdk::client::{AsyncPrefectClient, Error as ClientError, PrefectClient};
use prefect_sdk::concurrency::{ConcurrencyOptions, aconcurrency_with, concurrency_with};
use serde_json::json;
use tokio::time::sleep as asleep;

use super::limits::{limit, wait_taken};
use crate::{python, server};

const LIMIT: i64 = 4;
/// In each of: Rust blocking, Rust async, Python in threads, Python with asyncio.
const HOLDERS: usize = 8;
const HOLD: Duration = Duration::from_millis(40);
/// Longer than a lease, and than the server takes to see that it is over.
const LEASE_IS_OVER: Duration = Duration::from_mins(4);

/// When a holder had its slot, in nanoseconds since 1970. It begins after the server said so, and ends before the slot is
/// given back, so two that overlap were held at once.
type Span = (u64, u64);

#[dual(crate::faces)]
async fn ahold_until(
    client: AsyncPrefectClient,
    name: String,
    end: u64,
) -> Result<Vec<Span>, Error> {
    let mut spans = Vec::new();
    while now() < end {
        // The last try is made when the time is up.
        let left = Duration::from_nanos(end.saturating_sub(now()));
        let slots = match aconcurrency_with(&client, [&name], &options().timeout(left)).await {
            Err(error) if error.is_timeout() => break,
            Err(error) if broke_off(&error) => continue,
            other => other?,
        };
        let begin = now();
        asleep(HOLD).await;
        spans.push((begin, now()));
        match slots.release().await {
            Err(error) if broke_off(&error) => {}
            released => released?,
        }
    }
    Ok(spans)
}

/// A slot whose release was lost on its way is free when its lease ends, which is the shortest that the server has.
fn options() -> ConcurrencyOptions {
    ConcurrencyOptions::new().lease_duration(Duration::from_mins(1))
}

/// Prefect's server closes a connection behind an answer of 503, and what was just sent there is lost. Nobody sends again what
/// takes slots but who knows that another slot is as good; a slot that was given nevertheless ends with its lease.
fn broke_off(error: &Error) -> bool {
    let kind = error.api().and_then(ClientError::transport_kind);
    kind == Some(TransportErrorKind::Interrupted)
}

#[test]
fn a_limit_is_never_exceeded_and_no_slot_is_lost() {
    let seconds =
        std::env::var("PREFECT_TEST_SOAK_SECONDS").map_or(8, |text| text.parse().unwrap());
    let name = limit(LIMIT);
    let end = now() + seconds * 1_000_000_000;
    let python = [PYTHON_THREADS, PYTHON_ASYNCIO].map(|program| start(program, &name, end));
    let blocking = thread::spawn({
        let name = name.clone();
        move || hold_in_threads(&name, end)
    });
    let mut holders = server::run(hold_in_tasks(&name, end));
    holders.extend(blocking.join().unwrap());
    for child in python {
        let spans: Vec<Vec<Span>> =
            serde_json::from_value(python::answer(child, "the soak")).unwrap();
        holders.extend(spans);
    }
    report(&holders);
    assert_eq!(holders.len(), 4 * HOLDERS);
    let spans: Vec<Span> = holders.into_iter().flatten().collect();
    assert!(!spans.is_empty());
    let most = most_at_once(&spans);
    assert!(most <= LIMIT, "{most} at once");
    wait_taken(&name, 0, LEASE_IS_OVER);
    let all = ConcurrencyOptions::new().slots(4).max_retries(0);
    let all = concurrency_with(&server::client(), [&name], &all).unwrap();
    all.release().unwrap();
}

fn hold_in_threads(name: &str, end: u64) -> Vec<Vec<Span>> {
    let start = |_| {
        let (client, name) = (server::client(), name.to_owned());
        thread::spawn(move || hold_until(client, name, end).unwrap())
    };
    let threads: Vec<_> = (0..HOLDERS).map(start).collect();
    let join = |thread: thread::JoinHandle<_>| thread.join().unwrap();
    threads.into_iter().map(join).collect()
}

async fn hold_in_tasks(name: &str, end: u64) -> Vec<Vec<Span>> {
    let client = server::async_client();
    let start = |_| tokio::spawn(ahold_until(client.clone(), name.to_owned(), end));
    let tasks: Vec<_> = (0..HOLDERS).map(start).collect();
    let mut holders = Vec::new();
    for task in tasks {
        holders.push(task.await.unwrap().unwrap());
    }
    holders
}

fn report(holders: &[Vec<Span>]) {
    let spans: Vec<Span> = holders.iter().flatten().copied().collect();
    let counts: Vec<Vec<usize>> = holders
        .chunks(HOLDERS)
        .map(|face| face.iter().map(Vec::len).collect())
        .collect();
    println!(
        "{} holds, {} at once at most; by holder (Rust async, Rust blocking, Python threads, Python asyncio): {counts:?}",
        spans.len(),
        most_at_once(&spans)
    );
}

fn most_at_once(spans: &[Span]) -> i64 {
    let mut changes: Vec<(u64, i64)> = spans
        .iter()
        .flat_map(|span| [(span.0, 1), (span.1, -1)])
        .collect();
    changes.sort_unstable();
    let mut held = 0;
    let after = |change: &(u64, i64)| {
        held += change.1;
        held
    };
    changes.iter().map(after).max().unwrap_or(0)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_nanos()).unwrap()
}

fn start(program: &str, name: &str, end: u64) -> Child {
    let arguments =
        json!({"name": name, "end": end, "holders": HOLDERS, "hold": HOLD.as_secs_f64()});
    python::start(program, &arguments)
}

const PYTHON_THREADS: &str = r"
import threading, time
from prefect.concurrency.sync import concurrency
def hold(spans):
    while time.time_ns() < arguments['end']:
        with concurrency(arguments['name'], occupy=1):
            begin = time.time_ns()
            time.sleep(arguments['hold'])
            spans.append((begin, time.time_ns()))
every = [[] for _ in range(arguments['holders'])]
threads = [threading.Thread(target=hold, args=(spans,)) for spans in every]
for thread in threads: thread.start()
for thread in threads: thread.join()
answer(every)
";

const PYTHON_ASYNCIO: &str = r"
import asyncio, time
from prefect.concurrency.asyncio import concurrency
async def hold(spans):
    while time.time_ns() < arguments['end']:
        async with concurrency(arguments['name'], occupy=1):
            begin = time.time_ns()
            await asyncio.sleep(arguments['hold'])
            spans.append((begin, time.time_ns()))
async def main():
    every = [[] for _ in range(arguments['holders'])]
    await asyncio.gather(*(hold(spans) for spans in every))
    return every
answer(asyncio.run(main()))
";
