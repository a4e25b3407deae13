//! What goes on beside a caller, and what idle connections hold.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::programs::Programs;
use crate::partner::number;

/// How long a client that has nothing to do is watched: longer than it keeps an idle connection.
const WATCHED: Duration = Duration::from_secs(5);

/// Of the blocking face after a thousand calls, and of both faces after as many calls at once as there are callers.
pub(super) struct Idle {
    pub(super) threads: f64,
    /// Processor time of threads other than the caller's.
    pub(super) others_us: f64,
    pub(super) wake_ups: u64,
    pub(super) blocking: Held,
    pub(super) asynchronous: Held,
}

/// What one idle connection holds.
pub(super) struct Held {
    pub(super) connections: f64,
    pub(super) heap_kib: f64,
    pub(super) resident_kib: f64,
}

impl Idle {
    /// Only Linux tells all of this; elsewhere there is nothing.
    pub(super) fn measure(programs: &Programs) -> Result<Option<Self>> {
        if cfg!(not(target_os = "linux")) {
            return Ok(None);
        }
        let mut caller = programs.idle("calls")?;
        let told = caller.hear_json()?;
        // It has told, but may not be at rest yet.
        thread::sleep(Duration::from_millis(300));
        let before = switches(caller.pid())?;
        thread::sleep(WATCHED);
        // A thread that ended would take its count with it; that is a change too.
        let wake_ups = switches(caller.pid())?.abs_diff(before);
        // Its connection would be counted as one of the others.
        drop(caller);
        Ok(Some(Self {
            threads: number(&told, "threads_after")? - number(&told, "threads_before")?,
            others_us: number(&told, "others_us")?,
            wake_ups,
            blocking: Held::measure(programs, "blocking")?,
            asynchronous: Held::measure(programs, "async")?,
        }))
    }
}

impl Held {
    fn measure(programs: &Programs, face: &str) -> Result<Self> {
        let told = programs.idle(face)?.hear_json()?;
        Ok(Self {
            connections: number(&told, "connections")?,
            heap_kib: number(&told, "heap_bytes")? / 1024.0,
            resident_kib: number(&told, "resident_bytes")? / 1024.0,
        })
    }
}

/// How often a thread of the process has been taken off a processor, which is once for each time that it was put on one.
fn switches(pid: u32) -> Result<u64> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).context("cannot look at the client")?;
    let mut sum = 0;
    for task in tasks {
        let status = fs::read_to_string(task?.path().join("status"))?;
        let counts = status
            .lines()
            .filter_map(|line| line.split_once("ctxt_switches:"));
        for (_, count) in counts {
            sum += count.trim().parse::<u64>()?;
        }
    }
    Ok(sum)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use super::*;

    #[test]
    fn waking_up_is_seen() {
        let mut command = Command::new("cat");
        let mut cat = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = cat.stdin.take().unwrap();
        let mut output = BufReader::new(cat.stdout.take().unwrap());
        let before = switches(cat.id()).unwrap();
        let start = Instant::now();
        while switches(cat.id()).unwrap() == before {
            assert!(start.elapsed() < Duration::from_secs(10));
            writeln!(input, "wake up").unwrap();
            output.read_line(&mut String::new()).unwrap();
        }
        drop(input);
        assert!(cat.wait().unwrap().success());
    }
}
