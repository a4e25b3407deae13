//! What a call takes, beside a raw socket, the libraries for HTTP, and Prefect's own clients.
//!
//! One process serves, one calls. Only the caller's processor time counts. Everyone has a turn in each round, since the
//! machine may be busier in one minute than in the next, and ratios are those of one round.

mod figures;
mod goals;
mod idle;
mod programs;

use anyhow::{Result, ensure};
use serde_json::json;

use crate::bench;
use crate::calls::figures::{Figures, Setting};
use crate::calls::programs::Programs;
use crate::process::{interrupted, run};
use crate::table;
use crate::workspace::Workspace;

const ROUNDS: usize = 7;
/// Enough for a hundred calls of each of 64 callers.
const RUST_CALLS: u32 = 6400;
/// They take longer, so fewer say as much.
const PYTHON_CALLS: u32 = 192;

/// One way to make the call.
struct Contender {
    name: &'static str,
    /// How many calls are counted in one turn.
    calls: u32,
    settings: &'static [Setting],
}

const CONTENDERS: [Contender; 11] = [
    Contender::rust("raw"),
    Contender::rust("blocking"),
    Contender::rust("async"),
    Contender::rust("ureq"),
    Contender::rust("reqwest"),
    Contender::rust("reqwest_blocking"),
    Contender::rust("block_on"),
    Contender::python("python_blocking"),
    Contender::python("python_async"),
    Contender::separate("blocking_separate"),
    Contender::separate("async_separate"),
];

/// Measures calls, and says which goals are met.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    run(workspace
        .cargo()
        .args(["build", "--release", "-p", "prefect-benches"]))?;
    let mut programs = Programs::start(workspace)?;
    let mut figures = Figures::default();
    for round in 0..ROUNDS {
        eprintln!("round {} of {ROUNDS}", round + 1);
        measure_round(round, &mut programs, &mut figures)?;
    }
    if programs.counts_instructions() {
        for contender in CONTENDERS.iter().filter(|one| !one.is_python()) {
            let count = programs.instructions(contender)?;
            figures.add_instructions(contender.name, count);
        }
    }
    let idle = idle::Idle::measure(&programs)?;
    let compared = CONTENDERS.iter().filter(|one| one.settings == Setting::ALL);
    let names: Vec<_> = compared.map(|one| one.name).collect();
    println!("\n{}", figures.table(&names));
    if !programs.counts_instructions() {
        println!("instructions: `perf stat -e instructions true` counts none on this machine");
    }
    let rows = goals::rows(&figures, idle.as_ref());
    println!("\n{}", table::render(&["goal", "figure", "met"], &rows));
    bench::write(workspace, "calls.json", &json!(figures.list(&names)))
}

fn measure_round(round: usize, programs: &mut Programs, figures: &mut Figures) -> Result<()> {
    for setting in Setting::ALL {
        let mut turns: Vec<_> = CONTENDERS
            .iter()
            .filter(|one| one.settings.contains(&setting))
            .collect();
        // Nobody always comes after the same one.
        let first = round % turns.len();
        turns.rotate_left(first);
        for contender in turns {
            ensure!(interrupted().is_none(), "interrupted");
            let sample = programs.measure(contender, setting)?;
            figures.add((contender.name, setting), sample);
        }
    }
    Ok(())
}

impl Contender {
    const fn rust(name: &'static str) -> Self {
        Self {
            name,
            calls: RUST_CALLS,
            settings: &Setting::ALL,
        }
    }

    const fn python(name: &'static str) -> Self {
        Self {
            name,
            calls: PYTHON_CALLS,
            settings: &Setting::ALL,
        }
    }

    /// A client for each caller, beside the one that all share.
    const fn separate(name: &'static str) -> Self {
        Self {
            name,
            calls: RUST_CALLS,
            settings: &[Setting::MANY],
        }
    }

    fn is_python(&self) -> bool {
        self.name.starts_with("python_")
    }
}
