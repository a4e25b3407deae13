//! Processes that take part.

use std::process::{Child, Command};

use anyhow::{Context as _, Result};

/// A process, killed when this is dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn begin(command: &mut Command) -> Result<Self> {
        Ok(Self(command.spawn().context("a process")?))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
