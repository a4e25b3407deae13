//! A runner, cancellations, workers and task workers under load, or killed, and flow runs that things happen to, against servers of their
//! own. `benches/soak` is the program.

use std::env::consts::EXE_EXTENSION;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process::run;
use crate::workspace::{Workspace, without_prefect_settings};
use crate::{python, server};

/// These have a server of their own, which they kill.
const KILL: &str = "kill";
const ENGINE: &str = "engine";

/// What is done for a while, and how much of it.
pub(crate) struct Soak {
    name: &'static str,
    pub(crate) count: usize,
}

impl Soak {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [
            ("runner", 1_000),
            ("cancel", 50),
            ("task-worker", 10_000),
            ("workers", 200),
            (KILL, 0),
            (ENGINE, 100),
        ];
        let (name, count) = all.into_iter().find(|(known, _)| *known == name)?;
        Some(Self { name, count })
    }

    pub(crate) fn run(&self, workspace: &Workspace) -> Result<()> {
        let build = ["build", "--release", "--package", "prefect-soak"];
        run(workspace.cargo().args(build))?;
        let home = workspace.scratch()?;
        let path = workspace.target.join("release/soak");
        let mut program = Command::new(path.with_extension(EXE_EXTENSION));
        without_prefect_settings(&mut program)
            .arg(self.name)
            .env("PREFECT_HOME", home.path());
        if self.name == KILL {
            return soak(&mut program, &python::pinned(workspace)?);
        }
        program.arg(self.count.to_string());
        if self.name == ENGINE {
            return soak(&mut program, &python::pinned(workspace)?);
        }
        let server = server::start(workspace)?;
        program.env("PREFECT_API_URL", server.api_url());
        soak(&mut program, server.python())
    }
}

fn soak(program: &mut Command, python: &Path) -> Result<()> {
    run(program.env("SOAK_PYTHON", python))
}
