//! `bench-idle calls|blocking|async URL`: what runs beside a caller of the blocking face, or what the idle connections of a
//! face hold.
//!
//! It prints what it found as JSON, and then does nothing until its standard input ends, so that others can look at it.

use std::alloc::System;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, anyhow, bail, ensure};
use nix::time::{ClockId, clock_gettime};
use prefect_client::{AsyncPrefectClient, PrefectClient};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use uuid::Uuid;

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CALLS: u32 = 1000;
const CALLERS: u32 = 64;
/// The flow run that the server takes its time for, so that all calls are under way at once.
const SLOW_RUN: Uuid = Uuid::nil();

/// How much there is of what a connection takes.
struct Held {
    connections: u64,
    heap: u64,
    resident: u64,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().with_context(|| format!("no {what}"));
    let (what, url) = (next("calls|blocking|async")?, next("URL")?);
    match what.as_str() {
        "calls" => {
            let client = PrefectClient::new(&url)?;
            tell(&calls(&client)?)?;
            drop(client);
        }
        "blocking" => tell(&blocking(&url)?)?,
        "async" => tell(&asynchronous(&url)?)?,
        other => bail!("nothing is called `{other}`"),
    }
    Ok(())
}

/// Prints what was found, and waits.
fn tell(found: &Value) -> Result<()> {
    println!("{found}");
    io::stdout().flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

/// Calls on the main thread. What other threads took is the time of the process less that of this thread, and counts
/// those that have ended too: none can have lived without taking some.
fn calls(client: &PrefectClient) -> Result<Value> {
    let before = threads()?;
    for _ in 0..CALLS {
        client.read_flow_run(Uuid::max())?;
    }
    // In this order, the difference is below zero where nothing else has run.
    let process = cpu_time(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
    let own = cpu_time(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    let others_us = process.saturating_sub(own).as_micros();
    Ok(
        json!({ "threads_before": before, "threads_after": threads()?, "others_us": u64::try_from(others_us)? }),
    )
}

fn blocking(url: &str) -> Result<Value> {
    let client = PrefectClient::new(url)?;
    let server = address(url)?;
    client.read_flow_run(Uuid::max())?;
    let one = Held::now(server)?;
    let together = Barrier::new(CALLERS as usize);
    thread::scope(|scope| {
        let call = || {
            together.wait();
            client.read_flow_run(SLOW_RUN).map(drop)
        };
        let threads: Vec<_> = (0..CALLERS).map(|_| scope.spawn(call)).collect();
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a caller panicked"))??;
        }
        anyhow::Ok(())
    })?;
    Held::now(server)?.since(&one)
}

fn asynchronous(url: &str) -> Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let server = address(url)?;
    runtime.block_on(async {
        let client = AsyncPrefectClient::new(url)?;
        client.read_flow_run(Uuid::max()).await?;
        let one = Held::now(server)?;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..CALLERS {
            let client = client.clone();
            tasks.spawn(async move { client.read_flow_run(SLOW_RUN).await.map(drop) });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.context("a caller panicked")??;
        }
        // A task of each connection puts it back, or closes it.
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(tasks);
        Held::now(server)?.since(&one)
    })
}

impl Held {
    /// Looks once the server has seen the end of what this process closed.
    fn now(server: &str) -> Result<Self> {
        thread::sleep(Duration::from_millis(100));
        let connections = connections(server)?;
        let stats = HEAP.stats();
        Ok(Self {
            connections,
            heap: u64::try_from(
                stats
                    .bytes_allocated
                    .saturating_sub(stats.bytes_deallocated),
            )?,
            resident: status("VmRSS:")? * 1024,
        })
    }

    fn since(&self, before: &Self) -> Result<Value> {
        ensure!(
            self.connections > before.connections,
            "64 callers left no more connections than one"
        );
        let more = self.connections - before.connections;
        let each = |now: u64, then: u64| now.saturating_sub(then) / more;
        Ok(json!({
            "connections": self.connections,
            "heap_bytes": each(self.heap, before.heap),
            "resident_bytes": each(self.resident, before.resident),
        }))
    }
}

fn cpu_time(clock: ClockId) -> Result<Duration> {
    let time = clock_gettime(clock).context("the system does not tell the processor time")?;
    Ok(time.into())
}

fn threads() -> Result<u64> {
    status("Threads:")
}

/// A number of `/proc/self/status`.
fn status(name: &str) -> Result<u64> {
    let text = fs::read_to_string("/proc/self/status").context("this needs Linux's /proc")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number
        .with_context(|| format!("no {name} in /proc/self/status"))?
        .parse()?)
}

fn address(url: &str) -> Result<&str> {
    let rest = url.strip_prefix("http://").context("no http URL")?;
    Ok(rest.split('/').next().unwrap_or(rest))
}

/// How many connections the server has, without the one that asks.
fn connections(server: &str) -> Result<u64> {
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(b"GET /connections HTTP/1.1\r\n\r\n")?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let count = answer.rsplit("\r\n\r\n").next().unwrap_or_default();
    Ok(count.parse::<u64>()?.saturating_sub(1))
}
