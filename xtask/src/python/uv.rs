//! uv, which finds and installs Python packages in seconds. It comes from `PyPI` itself, into a directory of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::interpreter::{Interpreter, OLDEST};
use super::place::once;
use crate::process::capture;
use crate::workspace::{Workspace, without_prefect_settings};

const VERSION: &str = "0.13.8";

pub(super) struct Uv {
    program: PathBuf,
    /// What it must be told in its environment.
    settings: BTreeMap<&'static str, String>,
}

impl Uv {
    pub(super) fn install(workspace: &Workspace, interpreter: &Interpreter) -> Result<Self> {
        let home = once(workspace, &format!("uv-{VERSION}"), |home| {
            capture(
                Command::new(interpreter.path())
                    .args(["-m", "venv"])
                    .arg(home),
            )?;
            let mut pip = Command::new(home.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--no-input"]);
            capture(pip.arg(format!("uv=={VERSION}")))?;
            Ok(())
        })
        .context("cannot install uv")?;
        let mut pip = Command::new(home.join("bin/python"));
        let told = capture(pip.args(["-m", "pip", "config", "list"]))?;
        Ok(Self {
            program: home.join("bin/uv"),
            settings: settings(&String::from_utf8_lossy(&told.stdout)),
        })
    }

    /// An environment with exactly the packages of a lock.
    pub(super) fn make_environment(
        &self,
        interpreter: &Interpreter,
        home: &Path,
        lock: &Path,
    ) -> Result<()> {
        capture(
            self.command()
                .arg("venv")
                .arg("--python")
                .arg(interpreter.path())
                .arg(home),
        )?;
        let mut sync = self.command();
        sync.args(["pip", "sync", "--python"])
            .arg(home.join("bin/python"));
        capture(sync.arg(lock))?;
        Ok(())
    }

    /// The command that resolves requirements.
    pub(super) fn compile(&self) -> Command {
        let mut command = self.command();
        command.args(["pip", "compile", "--quiet", "--python-version", OLDEST]);
        command
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        without_prefect_settings(&mut command);
        command
            .envs(&self.settings)
            // A Python of its own would be another one than the tests are told of.
            .env("UV_PYTHON_DOWNLOADS", "never");
        command
    }
}

/// What `pip config list` says, in uv's words: who has a mirror of `PyPI` has told pip of it, and uv does not ask pip.
fn settings(pip: &str) -> BTreeMap<&'static str, String> {
    let names = [
        ("index-url", "UV_DEFAULT_INDEX"),
        ("extra-index-url", "UV_INDEX"),
        ("find-links", "UV_FIND_LINKS"),
        ("cert", "SSL_CERT_FILE"),
    ];
    let value = |line: &str| -> Option<(&'static str, String)> {
        let (key, value) = line.split_once('=')?;
        let (_, key) = key.rsplit_once('.')?;
        let (_, name) = names.iter().find(|(pips, _)| *pips == key)?;
        Some((name, value.trim().trim_matches('\'').to_owned()))
    };
    let told = pip.lines().filter_map(value);
    told.filter(|(name, _)| std::env::var_os(name).is_none())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uv_is_told_what_pip_knows_of_the_index() {
        let told = "global.index-url='https://mirror.example/simple'\nglobal.timeout='60'\n:env:.cert='/ca.pem'\n";
        let settings = settings(told);
        assert_eq!(
            settings.get("UV_DEFAULT_INDEX").map(String::as_str),
            Some("https://mirror.example/simple")
        );
        assert!(!settings.contains_key("UV_INDEX"));
        assert!(settings.len() <= 2);
    }
}
