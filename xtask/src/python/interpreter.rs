//! The Python that a person has.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::capture;

/// The oldest that the newest releases of Prefect run on.
pub(super) const OLDEST: &str = "3.11";

pub(super) struct Interpreter {
    path: PathBuf,
    /// Which one it is, in its own words.
    about: String,
}

impl Interpreter {
    /// The one that `PYTHON` names, or python3.
    pub(super) fn find() -> Result<Self> {
        let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let told = capture(Command::new(&python).args([
            "-c",
            "import sys; print(sys.executable); print(sys.version)",
        ]))
        .with_context(|| {
            format!("the server needs Python {OLDEST} or newer; PYTHON names the interpreter")
        })?;
        let about = String::from_utf8(told.stdout).context("Python does not tell where it is")?;
        let path = about.lines().next().unwrap_or_default().into();
        Ok(Self { path, about })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn about(&self) -> &str {
        &self.about
    }
}
