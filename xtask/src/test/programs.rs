//! The test programs: Cargo builds them all at once, and some run beside others, as many wait more than they work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::measure::Stopwatch;
use crate::process;
use crate::report::Row;
use crate::workspace::{Package, Workspace, without_surroundings};

/// Programs that take shorter than this, in seconds, have no line of their own in the report.
const SHORT: f64 = 2.0;

/// One test program.
pub(super) struct Program {
    /// Its package and its own name, such as `prefect-sdk/live`.
    name: String,
    path: PathBuf,
    folder: PathBuf,
}

/// Which programs run one after the other; lanes run beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Those that ask the same server, which stands still where it is asked too much at once.
    Server,
    /// Others that wait more than they work: for servers of their own, for Python, for a minute of nothing.
    Waiting,
    /// Those that keep the processors busy.
    Working,
}

/// All programs of the workspace, with the features of all.
pub(super) fn build(workspace: &Workspace) -> Result<Vec<Program>> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace", "--all-features", "--no-run"]);
    cargo.arg("--message-format=json-render-diagnostics");
    let messages = process::answer(&mut cargo)?;
    let programs: Vec<_> = String::from_utf8_lossy(&messages)
        .lines()
        .filter_map(|line| Program::built(&serde_json::from_str(line).ok()?, &workspace.packages))
        .collect();
    ensure!(!programs.is_empty(), "Cargo built no test programs");
    Ok(programs)
}

impl Program {
    /// What one of Cargo's messages tells.
    fn built(message: &Value, packages: &[Package]) -> Option<Self> {
        let is_test = message["profile"]["test"].as_bool()?;
        let path = PathBuf::from(message["executable"].as_str()?);
        let manifest = Path::new(message["manifest_path"].as_str()?);
        let package = packages.iter().find(|one| one.manifest == manifest)?;
        let name = format!("{}/{}", package.name, message["target"]["name"].as_str()?);
        let folder = manifest.parent()?.to_owned();
        is_test.then_some(Self { name, path, folder })
    }

    pub(super) fn lane(&self) -> Lane {
        match self.name.rsplit('/').next() {
            Some("live") => Lane::Server,
            Some("restart" | "settings" | "hazards") => Lane::Waiting,
            _ => Lane::Working,
        }
    }

    /// As Cargo would run it; the task's own `cargo run` has set where libraries are.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder);
        without_surroundings(&mut command);
        command.env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }
}

/// Runs the programs of a lane, whether they fail or not. What one writes is shown only where it fails.
pub(super) fn run(
    workspace: &Workspace,
    programs: &[Program],
    lane: Lane,
    prepare: impl Fn(&mut Command),
) -> Result<Vec<Row>> {
    let folder = workspace.target.join("tests");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for program in programs.iter().filter(|one| one.lane() == lane) {
        let log = folder.join(format!("{}.log", program.name.replace('/', "-")));
        let mut command = program.command();
        prepare(&mut command);
        let watch = Stopwatch::start();
        let result = process::logged(&mut command, &log);
        let wall_s = watch.elapsed().wall_s;
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        eprintln!("   {} {outcome} ({wall_s:.1} s)", program.name);
        if let Err(error) = result {
            let text = fs::read(&log).unwrap_or_default();
            eprintln!("{}\n{error:#}", String::from_utf8_lossy(&text));
            failed.push(program.name.as_str());
        }
        if wall_s >= SHORT {
            rows.push(Row::within(&program.name, outcome, wall_s));
        }
    }
    ensure!(failed.is_empty(), "{} failed", failed.join(", "));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_program_is_named_by_package_and_target() {
        let package = Package {
            name: "prefect-sdk".to_owned(),
            version: "0.1.0".to_owned(),
            manifest: PathBuf::from("/w/sdk/Cargo.toml"),
            published: true,
            rust: None,
            lacks: Vec::new(),
            library: None,
        };
        let packages = [package];
        let message = json!({
            "reason": "compiler-artifact", "manifest_path": "/w/sdk/Cargo.toml", "executable": "/w/target/debug/deps/live-1",
            "target": { "name": "live" }, "profile": { "test": true },
        });
        let program = Program::built(&message, &packages).unwrap();
        assert_eq!(program.name, "prefect-sdk/live");
        assert_eq!(program.lane(), Lane::Server);
        assert_eq!(program.folder, PathBuf::from("/w/sdk"));
        for other in [
            json!({ "reason": "build-finished", "success": true }),
            json!({ "manifest_path": "/w/sdk/Cargo.toml", "executable": null, "target": {}, "profile": { "test": false } }),
        ] {
            assert!(Program::built(&other, &packages).is_none(), "{other}");
        }
    }
}
