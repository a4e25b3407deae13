//! The Python environments of Prefect's server, made by uv under `target/python/`, each once.

mod interpreter;
mod lock;
mod place;
mod uv;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::digest::sha256;
use crate::workspace::{Scratch, Workspace};

use self::interpreter::Interpreter;
pub(crate) use self::lock::Lock;
pub(crate) use self::place::once;
use self::uv::Uv;

/// The environment of the server in `spec/`, whose interpreter is given.
pub(crate) fn pinned(workspace: &Workspace) -> Result<PathBuf> {
    let interpreter = Interpreter::find()?;
    install(workspace, &interpreter, &Lock::pinned(workspace)?)
}

/// The pinned environment with what the tests of storages need beside it.
pub(crate) fn storages(workspace: &Workspace) -> Result<PathBuf> {
    let interpreter = Interpreter::find()?;
    install(workspace, &interpreter, &Lock::storages(workspace)?)
}

/// The pinned environment with emulators of clouds.
pub(crate) fn emulators(workspace: &Workspace) -> Result<PathBuf> {
    let interpreter = Interpreter::find()?;
    install(workspace, &interpreter, &Lock::emulators(workspace)?)
}

/// The environment of any release, and the lock that it was made from.
pub(crate) fn release(workspace: &Workspace, version: &str) -> Result<(PathBuf, Lock)> {
    let interpreter = Interpreter::find()?;
    let uv = Uv::install(workspace, &interpreter)?;
    let lock = Lock::release(workspace, &uv, version)
        .with_context(|| format!("cannot find the packages of prefect {version}"))?;
    Ok((install(workspace, &interpreter, &lock)?, lock))
}

/// The interpreter with nothing of the user's around it: some of Prefect's defaults, and with them its `OpenAPI` document,
/// depend on variables as far away as `SSL_CERT_FILE`. It starts in the scratch directory, since settings files count too.
pub(crate) fn isolated(python: &Path, scratch: &Scratch) -> Command {
    let mut command = Command::new(python);
    command.env_clear().current_dir(scratch.path());
    if let Some(path) = env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
        .env("HOME", scratch.path())
        .env("PREFECT_HOME", scratch.path())
        .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        .env("PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED", "true")
        .env("PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED", "true")
        .env("DO_NOT_TRACK", "1")
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONUTF8", "1")
        .env("TZ", "UTC");
    command
}

/// Makes the environment unless it is there already, and gives its interpreter.
fn install(workspace: &Workspace, interpreter: &Interpreter, lock: &Lock) -> Result<PathBuf> {
    let name = &sha256([lock.text(), interpreter.about()].concat())[..16];
    let home = once(workspace, name, |home| {
        let count = lock.pins().count();
        eprintln!("installing the {count} Python packages of the server, once");
        let file = home.with_extension("txt");
        fs::write(&file, lock.text())
            .with_context(|| format!("cannot write {}", file.display()))?;
        Uv::install(workspace, interpreter)?.make_environment(interpreter, home, &file)
    })
    .context("cannot make the Python environment of the server")?;
    Ok(home.join("bin/python"))
}
