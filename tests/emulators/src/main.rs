//! `emulators SCHEME SETTINGS PYTHON`: files of both faces and of Python's block in a storage that an emulator is; `smb` is a
//! share of Samba's.

mod faces;
mod kept;

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use prefect_sdk::filesystems::{AsyncStorage, RemoteFileSystem, Smb, Storage};
use serde_json::Value;

use crate::kept::{akept, akept_large, kept, kept_large};

const BLOCK: &str = include_str!("../python/block.py");
const SHARE: &str = include_str!("../python/share.py");

/// A storage in either face.
trait Both: Storage + AsyncStorage {}

impl<T: Storage + AsyncStorage> Both for T {}

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
    kept(&*blocking)?;
    println!("{scheme}: files of the blocking face are kept");
    runtime.block_on(akept(&*asynchronous))?;
    println!("{scheme}: files of the async face are kept");
    let program = if scheme == "smb" { SHARE } else { BLOCK };
    let base = address(scheme, "blocking");
    let_python_share(
        &*blocking,
        &[python, "-c", program, &base, &settings.to_string()],
    )?;
    println!("{scheme}: Python's block reads ours, and ours reads Python's");
    if scheme == "gs" {
        println!("gs: its emulator takes no file in several parts");
        return Ok(());
    }
    kept_large(&*blocking)?;
    runtime.block_on(akept_large(&*asynchronous))?;
    println!("{scheme}: files of several parts are kept");
    Ok(())
}

/// As each block has it.
fn address(scheme: &str, folder: &str) -> String {
    match scheme {
        "smb" => format!("/SHARE/{folder}"),
        _ => format!("{scheme}://container/{folder}"),
    }
}

fn files(scheme: &str, folder: &str, settings: &Value) -> Result<Box<dyn Both>> {
    let address = address(scheme, folder);
    if scheme == "smb" {
        let text = |name: &str| settings[name].as_str().unwrap_or_default().to_owned();
        let port = settings["port"].as_u64().context("the share has a port")?;
        let files = Smb::new("127.0.0.1", address).port(u16::try_from(port)?);
        return Ok(Box::new(
            files.username(text("username")).password(text("password")),
        ));
    }
    let settings = settings.as_object().context("the settings have names")?;
    let files = RemoteFileSystem::new(address);
    let files = settings.iter().fold(files, |files, (name, value)| {
        files.setting(name, value.clone())
    });
    Ok(Box::new(files))
}

/// Python's block has the same settings.
fn let_python_share(files: &dyn Storage, command: &[&str]) -> Result<()> {
    files.write_path("deep/er/ours", b"from Rust")?;
    let output = Command::new(command[0])
        .args(&command[1..])
        .output()
        .context("python does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "python failed: {said}");
    ensure!(String::from_utf8_lossy(&output.stdout).trim() == "from Rust");
    ensure!(files.read_path("deep/theirs")? == b"from Python");
    Ok(())
}
