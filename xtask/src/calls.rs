//! What a call takes, beside a raw socket, the libraries for HTTP, and Prefect's own clients.
//!
//! One process serves, one calls. Only the caller's processor time counts. Everyone has a turn in each round, since the
//! machine may be busier in one minute than in the next, and ratios are those of one round.

mod figures;
mod goals;
mod idle;
mod programs;
mod turn;

use anyhow::{Result, ensure};
use serde_json::json;

use crate::bench;
use crate::calls::figures::Figures;
use crate::calls::programs::Programs;
use crate::calls::turn::{CONTENDERS, Setting};
use crate::process::{interrupted, run};
use crate::table;
use crate::workspace::Workspace;

const ROUNDS: usize = 7;
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
