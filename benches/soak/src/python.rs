//! Python's Prefect, as `cargo xtask soak` has installed it.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

/// Says where its interpreter is.
const PYTHON: &str = "SOAK_PYTHON";

/// The interpreter, with what it keeps in that directory.
pub(crate) fn command(home: &Path) -> Result<Command> {
    let python = std::env::var_os(PYTHON).context("SOAK_PYTHON says where Python is")?;
    let mut command = Command::new(python);
    command
        .current_dir(home)
        .env("PREFECT_HOME", home.join("prefect"))
        .env("PREFECT_LOCAL_STORAGE_PATH", home.join("storage"))
        .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        .env("DO_NOT_TRACK", "1");
    Ok(command)
}

/// What it says goes into a file.
pub(crate) fn quiet(command: &mut Command, log: &Path) -> Result<()> {
    let log = File::options().create(true).append(true).open(log)?;
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok(())
}
