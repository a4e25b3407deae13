//! `emulators SCHEME SETTINGS PYTHON`: files of both faces and of Python's block in a storage that an emulator is.

mod faces;
mod kept;

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use prefect_sdk::filesystems::RemoteFileSystem;
use serde_json::Value;

use crate::kept::{akept, akept_large, kept, kept_large};

const PYTHON: &str = include_str!("../python/block.py");

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scheme, settings, python] = &arguments[..] else {
        anyhow::bail!("usage: emulators SCHEME SETTINGS PYTHON");
    };
    let settings: Value = serde_json::from_str(settings).context("the settings are no JSON")?;
    let (blocking, asynchronous) = (
        files(scheme, "blocking", &settings)?,
        files(scheme, "async", &settings)?,
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    kept(&blocking)?;
    println!("{scheme}: files of the blocking face are kept");
    runtime.block_on(akept(&asynchronous))?;
    println!("{scheme}: files of the async face are kept");
    let_python_share(&blocking, python)?;
    println!("{scheme}: Python's block reads ours, and ours reads Python's");
    if scheme == "gs" {
        println!("gs: its emulator takes no file in several parts");
        return Ok(());
    }
    kept_large(&blocking)?;
    runtime.block_on(akept_large(&asynchronous))?;
    println!("{scheme}: files of several parts are kept");
    Ok(())
}

fn files(scheme: &str, folder: &str, settings: &Value) -> Result<RemoteFileSystem> {
    let settings = settings.as_object().context("the settings have names")?;
    let files = RemoteFileSystem::new(format!("{scheme}://container/{folder}"));
    Ok(settings.iter().fold(files, |files, (name, value)| {
        files.setting(name, value.clone())
    }))
}

/// Python's block has the same settings.
fn let_python_share(files: &RemoteFileSystem, python: &str) -> Result<()> {
    files.write_path("deep/er/ours", "from Rust")?;
    let output = Command::new(python)
        .args(["-c", PYTHON, files.basepath()])
        .arg(serde_json::to_string(files.settings())?)
        .output()
        .context("python does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "python failed: {said}");
    ensure!(String::from_utf8_lossy(&output.stdout).trim() == "from Rust");
    ensure!(files.read_path("deep/theirs")? == b"from Python");
    Ok(())
}
