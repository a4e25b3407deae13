//! Decodes a page of 200 flow runs again and again: `bench-decode ours|derived ROUNDS`. Prints the processor time of a
//! page in seconds.

#[allow(dead_code, reason = "the fields are there to be read into")]
mod derived;

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::time::{ClockId, clock_gettime};
use prefect_client::models::FlowRunResponse;

const RUNS: usize = 200;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [who, rounds] = arguments.as_slice() else {
        bail!("usage: bench-decode ours|derived ROUNDS");
    };
    let rounds: u32 = rounds.parse().context("ROUNDS is a number")?;
    let run = include_str!("../../flow_run.json").trim();
    let page = format!("[{}]", vec![run; RUNS].join(","));
    let cpu = match who.as_str() {
        "ours" => ours(&page, rounds)?,
        "derived" => derived(&page, rounds)?,
        other => bail!("there is no `{other}`"),
    };
    println!("{}", cpu.as_secs_f64() / f64::from(rounds.max(1)));
    Ok(())
}

/// As the client reads the body of an answer.
fn ours(page: &str, rounds: u32) -> Result<Duration> {
    measured(rounds, || {
        let text = std::str::from_utf8(page.as_bytes())?;
        let runs: Vec<FlowRunResponse> = serde_json::from_str(text)?;
        Ok(black_box(&runs).len())
    })
}

/// As one reads an answer with serde's derive.
fn derived(page: &str, rounds: u32) -> Result<Duration> {
    measured(rounds, || {
        let runs: Vec<derived::FlowRunResponse> = serde_json::from_slice(page.as_bytes())?;
        Ok(black_box(&runs).len())
    })
}

fn measured(rounds: u32, decode: impl Fn() -> Result<usize>) -> Result<Duration> {
    let before = processor_time()?;
    for _ in 0..rounds {
        if decode()? != RUNS {
            bail!("not all of the flow runs were read");
        }
    }
    Ok(processor_time()?.saturating_sub(before))
}

fn processor_time() -> Result<Duration> {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
        .context("the system does not tell the processor time")?;
    Ok(time.into())
}
