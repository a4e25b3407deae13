//! Decodes a page of 200 flow runs again and again: `bench-decode ours|derived ROUNDS`. Prints the processor time of a
//! page in seconds.

#[allow(dead_code, reason = "the fields are there to be read into")]
mod derived;

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::time::{ClockId, clock_gettime};
use prefect_client::transport::Bytes;
use prefect_client::transport::http::{HeaderMap, StatusCode};
use prefect_client::{Answer, operations};

const RUNS: usize = 200;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [who, rounds] = arguments.as_slice() else {
        bail!("usage: bench-decode ours|derived ROUNDS");
    };
    let rounds: u32 = rounds.parse().context("ROUNDS is a number")?;
    let run = include_str!("../../flow_run.json").trim();
    let page = Bytes::from(format!("[{}]", vec![run; RUNS].join(",")));
    let cpu = match who.as_str() {
        "ours" => ours(&page, rounds)?,
        "derived" => derived(&page, rounds)?,
        other => bail!("there is no `{other}`"),
    };
    println!("{}", cpu.as_secs_f64() / f64::from(rounds.max(1)));
    Ok(())
}

/// As the client reads an answer.
fn ours(page: &Bytes, rounds: u32) -> Result<Duration> {
    let call = operations::read_flow_runs();
    measured(rounds, || {
        let answer = Answer::new(StatusCode::OK, HeaderMap::new(), page.clone());
        let runs = call.read(answer)?;
        Ok(black_box(&runs).len())
    })
}

/// As one reads an answer with serde's derive.
fn derived(page: &Bytes, rounds: u32) -> Result<Duration> {
    measured(rounds, || {
        let runs: Vec<derived::FlowRunResponse> = serde_json::from_slice(page)?;
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
