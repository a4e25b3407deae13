//! The flow whose runs things happen to, and what it writes down.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::thread;
use std::time::Duration;

use prefect_sdk::client::models::StateType;
use prefect_sdk::flows::{FlowRun, RunFailed};
use prefect_sdk::tasks::{TaskRun, unmapped};
use prefect_sdk::{flow, task};

/// Where a run writes down what it has reported, a line for each task run.
pub(super) const JOURNAL: &str = "SOAK_JOURNAL";

/// One of many. Some fail, and some of those only once.
#[task(retries = 1)]
fn piece(run: &TaskRun, number: u64, milliseconds: u64, bytes: usize) -> Result<String, String> {
    thread::sleep(Duration::from_millis(milliseconds));
    match (number % 11, run.run_count()) {
        (3, 1) | (5, _) => Err(format!("{number} fails")),
        _ => Ok("x".repeat(bytes)),
    }
}

/// So many tasks, of which some run at once.
#[flow(max_workers = 8)]
pub(crate) fn pieces(
    run: &FlowRun,
    count: u64,
    milliseconds: u64,
    bytes: usize,
) -> Result<(), RunFailed<std::io::Error>> {
    let mut journal = journal().map_err(RunFailed::Raised)?;
    let futures = piece::map(run, 0..count, unmapped(milliseconds), unmapped(bytes))?;
    for future in futures {
        future.wait();
        let state = future.state();
        // Those that did not begin, as the run was stopped, were not told of.
        if !matches!(state.type_, StateType::Completed | StateType::Failed) {
            continue;
        }
        writeln!(journal, "{} {}", future.id(), state.type_.as_str()).map_err(RunFailed::Raised)?;
    }
    Ok(())
}

fn journal() -> std::io::Result<File> {
    let path = std::env::var_os(JOURNAL).unwrap_or_default();
    OpenOptions::new().create(true).append(true).open(path)
}
