//! Processor time of this process, and wall time.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_gettime};

/// What was taken between two moments, in microseconds.
pub(crate) struct Cost {
    pub(crate) cpu_us: f64,
    pub(crate) wall_us: f64,
}

/// A moment on both clocks.
pub(crate) struct Moment {
    cpu: Duration,
    wall: Instant,
}

impl Moment {
    pub(crate) fn now() -> Result<Self> {
        let cpu = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
            .context("the system does not tell the processor time")?;
        Ok(Self {
            cpu: cpu.into(),
            wall: Instant::now(),
        })
    }

    pub(crate) fn until(&self, end: &Self) -> Cost {
        let microseconds = |time: Duration| time.as_secs_f64() * 1e6;
        Cost {
            cpu_us: microseconds(end.cpu.saturating_sub(self.cpu)),
            wall_us: microseconds(end.wall - self.wall),
        }
    }
}
