//! What a command costs: processor time, and the most memory that it held.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::process::{Command, ExitCode, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use serde_json::{Value, json};

use crate::process::capture;
use crate::workspace::Workspace;

/// The hidden task that [`measured`] starts: the system keeps one count for all children of a process, so each measured
/// command gets a parent of its own.
pub(crate) const TASK: &str = "measure";

/// User and system time of a command and all that it started, and its largest resident size.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) cpu_s: f64,
    pub(crate) peak_kb: u64,
}

/// What has gone by since it was started. Processor time is that of the children that have ended meanwhile, and of theirs.
pub(crate) struct Stopwatch {
    start: Instant,
    children_s: f64,
}

/// Seconds on the clock, and of processors.
#[derive(Clone, Copy)]
pub(crate) struct Elapsed {
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: f64,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
            children_s: children_s(),
        }
    }

    pub(crate) fn elapsed(&self) -> Elapsed {
        Elapsed {
            wall_s: self.start.elapsed().as_secs_f64(),
            cpu_s: children_s() - self.children_s,
        }
    }
}

/// Runs `command` in silence.
pub(crate) fn measured(workspace: &Workspace, command: &Command) -> Result<(Usage, Output)> {
    let scratch = workspace.scratch()?;
    let report = scratch.path().join("usage.json");
    let mut outer = Command::new(std::env::current_exe().context("cannot find this program")?);
    outer
        .arg(TASK)
        .arg(&report)
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        outer.current_dir(directory);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    let output = capture(&mut outer)?;
    let text = fs::read(&report).with_context(|| format!("cannot read {}", report.display()))?;
    let usage: Value = serde_json::from_slice(&text).context("the measurement is not JSON")?;
    match (usage["cpu_s"].as_f64(), usage["peak_kb"].as_u64()) {
        (Some(cpu_s), Some(peak_kb)) => Ok((Usage { cpu_s, peak_kb }, output)),
        _ => bail!("the measurement is incomplete: {usage}"),
    }
}

/// Runs the command as the only child of this process, and writes down what it took.
pub(crate) fn report_usage(report: &OsStr, command: &[OsString]) -> Result<ExitCode> {
    let (program, arguments) = command.split_first().context("no command to measure")?;
    let status = Command::new(program)
        .args(arguments)
        .status()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .context("the system does not tell what the command took")?;
    // macOS counts bytes where the others count kilobytes.
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    let peak_kb = u64::try_from(usage.max_rss()).unwrap_or(0) / unit;
    let usage = json!({ "cpu_s": children_s(), "peak_kb": peak_kb });
    fs::write(report, usage.to_string())
        .with_context(|| format!("cannot write {}", report.display()))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The middle value; the mean of the two middle ones if their count is even.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

/// Not a number where the system does not tell.
fn children_s() -> f64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(f64::NAN, |usage| {
        seconds(usage.user_time()) + seconds(usage.system_time())
    })
}

fn seconds(time: TimeVal) -> f64 {
    Duration::from_micros(u64::try_from(time.num_microseconds()).unwrap_or(0)).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_of_a_child_that_has_ended_is_counted() {
        let watch = Stopwatch::start();
        let work = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
        capture(Command::new("sh").args(["-c", work])).unwrap();
        let Elapsed { wall_s, cpu_s } = watch.elapsed();
        assert!(wall_s > 0.0 && cpu_s > 0.0, "{wall_s} {cpu_s}");
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }
}
