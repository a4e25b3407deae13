//! What this process has taken.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_gettime};

/// A moment on both clocks.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    cpu: Duration,
    wall: Instant,
}

impl Moment {
    /// That at which this process began, as far as its processors are concerned; on the clock it is now.
    pub(crate) fn of_process() -> Self {
        Self {
            cpu: Duration::ZERO,
            wall: Instant::now(),
        }
    }

    pub(crate) fn now() -> Result<Self> {
        let cpu = cpu_time()?;
        let wall = Instant::now();
        Ok(Self { cpu, wall })
    }

    /// Microseconds of processors, and on the clock.
    pub(crate) fn elapsed(&self) -> Result<(f64, f64)> {
        let cpu = cpu_time()?.saturating_sub(self.cpu);
        let microseconds = |time: Duration| time.as_secs_f64() * 1e6;
        Ok((microseconds(cpu), microseconds(self.wall.elapsed())))
    }
}

fn cpu_time() -> Result<Duration> {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    let time = time.context("the system does not tell the processor time")?;
    Ok(time.into())
}

/// The most memory that this process held; nothing where the system does not tell.
pub(crate) fn peak_kb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
