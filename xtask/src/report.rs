//! What the steps of a task did, and what each of them took.

use std::process::Command;

use anyhow::{Context, Result};

use crate::measure::{Elapsed, Stopwatch};
use crate::process;
use crate::table;

/// The steps so far.
pub(crate) struct Report {
    watch: Stopwatch,
    rows: Vec<Row>,
}

/// A line of the table.
pub(crate) struct Row([String; 4]);

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
        self.rows.push(Row::new(name, outcome, watch.elapsed()));
        result.with_context(|| format!("step `{name}` failed"))
    }

    /// What parts of the last step took.
    pub(crate) fn parts(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// The table of all steps, with their sum.
    pub(crate) fn print(mut self) {
        self.rows.push(Row::new("all", "", self.watch.elapsed()));
        let head = ["step", "result", "seconds", "cpu s"];
        let rows: Vec<_> = self.rows.into_iter().map(|row| row.0).collect();
        println!("\n{}", table::render(&head, &rows));
    }
}

impl Row {
    fn new(name: &str, result: &str, took: Elapsed) -> Self {
        let Elapsed { wall_s, cpu_s } = took;
        let cells = [
            name,
            result,
            &format!("{wall_s:.1}"),
            &format!("{cpu_s:.1}"),
        ];
        Self(cells.map(str::to_owned))
    }

    /// A part of a step. Beside others, its processor time is not known.
    pub(crate) fn within(name: &str, result: &str, wall_s: f64) -> Self {
        let cells = [&format!("  {name}"), result, &format!("{wall_s:.1}"), ""];
        Self(cells.map(str::to_owned))
    }
}
