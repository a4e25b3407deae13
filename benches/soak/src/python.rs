//! Python's Prefect, as `cargo xtask soak` has installed it.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use test_prefect::Server;
use uuid::Uuid;

/// Says where its interpreter is.
const PYTHON: &str = "SOAK_PYTHON";

/// A server of one's own, to be killed and started again.
pub(crate) fn server() -> Result<Server> {
    let home = std::env::temp_dir().join(format!("soak-server-{}", Uuid::new_v4()));
    Ok(Server::start(interpreter()?, home, &[])?)
}

fn interpreter() -> Result<OsString> {
    std::env::var_os(PYTHON).context("SOAK_PYTHON says where Python is")
}

/// The interpreter, with what it keeps in that directory.
pub(crate) fn command(home: &Path) -> Result<Command> {
    let mut command = Command::new(interpreter()?);
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
