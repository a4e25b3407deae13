//! What the steps of a task did, and what each of them took.

use std::process::Command;

use anyhow::{Context, Result};

use crate::measure::{Elapsed, Stopwatch};
use crate::process;
use crate::table;

/// The steps so far.
pub(crate) struct Report {
    watch: Stopwatch,
    rows: Vec<[String; 4]>,
}

impl Report {
    pub(crate) fn start() -> Self {
        Self {
            watch: Stopwatch::start(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn command(&mut self, name: &str, command: &mut Command) -> Result<()> {
        self.step(name, || process::run(command))
    }

    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n== {name}");
        let watch = Stopwatch::start();
        let result = work();
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        self.rows.push(row(name, outcome, watch.elapsed()));
        result.with_context(|| format!("step `{name}` failed"))
    }

    /// The table of all steps, with their sum.
    pub(crate) fn print(mut self) {
        self.rows.push(row("all", "", self.watch.elapsed()));
        let head = ["step", "result", "seconds", "cpu s"];
        println!("\n{}", table::render(&head, &self.rows));
    }
}

fn row(name: &str, result: &str, took: Elapsed) -> [String; 4] {
    let Elapsed { wall_s, cpu_s } = took;
    [
        name.to_owned(),
        result.to_owned(),
        format!("{wall_s:.1}"),
        format!("{cpu_s:.1}"),
    ]
}
