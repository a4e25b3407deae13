//! What decoding costs: a page of 200 flow runs, read by the client and by the same types with serde's derive.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bench;
use crate::measure::median;
use crate::process::{capture, run};
use crate::table;
use crate::workspace::Workspace;

const NAMES: [&str; 2] = ["ours", "derived"];
const ROUNDS: usize = 11;
/// How many pages a round decodes.
const PAGES: u32 = 100;
/// How many more pages the second of two counts of instructions has: their difference is free of what comes before.
const COUNTED: u32 = 10;

/// Measures both in turn, and writes the medians.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    run(workspace
        .cargo()
        .args(["build", "--release", "-p", "prefect-bench-decode"]))?;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (name, times) in NAMES.into_iter().zip(&mut times) {
            times.push(cpu_s(workspace, name)?);
        }
    }
    let [ours, derived] = times.map(median);
    let counted = NAMES.map(|name| instructions(workspace, name).ok());
    let list: Vec<Value> = NAMES
        .iter()
        .zip([ours, derived].into_iter().zip(counted))
        .map(|(name, (cpu_s, instructions))| match instructions {
            Some(instructions) => {
                json!({ "name": name, "cpu_s": cpu_s, "instructions": instructions })
            }
            None => json!({ "name": name, "cpu_s": cpu_s }),
        })
        .collect();
    let row = |name: &str, cpu_s: f64, instructions: Option<u64>| {
        [
            name.to_owned(),
            format!("{:.3}", cpu_s * 1e3),
            format!("{:.2}", cpu_s / derived),
            instructions.map_or_else(String::new, |count| count.to_string()),
        ]
    };
    let rows = [
        row(NAMES[0], ours, counted[0]),
        row(NAMES[1], derived, counted[1]),
    ];
    let head = ["200 flow runs", "cpu ms", "ratio", "instructions"];
    println!("\n{}", table::render(&head, &rows));
    bench::write(workspace, "decode.json", &Value::Array(list))
}

/// The processor time of a page.
fn cpu_s(workspace: &Workspace, name: &str) -> Result<f64> {
    let mut command = program(workspace);
    let output = capture(command.args([name, &PAGES.to_string()]))?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().context("the benchmark gave no number")
}

/// The instructions of a page, where valgrind is there to count them.
fn instructions(workspace: &Workspace, name: &str) -> Result<u64> {
    let (few, more) = (
        count(workspace, name, 1)?,
        count(workspace, name, 1 + COUNTED)?,
    );
    Ok(more.saturating_sub(few) / u64::from(COUNTED))
}

fn count(workspace: &Workspace, name: &str, pages: u32) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program(workspace).get_program())
        .args([name, &pages.to_string()]);
    let output = capture(&mut command)?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, after) = text
        .split_once("Collected : ")
        .context("valgrind counted nothing")?;
    let digits = after.split_whitespace().next().unwrap_or_default();
    digits.parse().context("valgrind counted no number")
}

fn program(workspace: &Workspace) -> Command {
    Command::new(workspace.target.join("release/bench-decode"))
}
