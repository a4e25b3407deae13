//! A runner, cancellations and task workers under load, against a server of their own. `benches/soak` is the program.

use std::env::consts::EXE_EXTENSION;
use std::process::Command;

use anyhow::Result;

use crate::process::run;
use crate::server;
use crate::workspace::{Workspace, without_prefect_settings};

/// What is done for a while, and how much of it.
pub(crate) struct Soak {
    name: &'static str,
    pub(crate) count: usize,
}

impl Soak {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [("runner", 1_000), ("cancel", 50), ("task-worker", 10_000)];
        let (name, count) = all.into_iter().find(|(known, _)| *known == name)?;
        Some(Self { name, count })
    }

    pub(crate) fn run(&self, workspace: &Workspace) -> Result<()> {
        let build = ["build", "--release", "--package", "prefect-soak"];
        run(workspace.cargo().args(build))?;
        let server = server::start(workspace)?;
        let home = workspace.scratch()?;
        let path = workspace.target.join("release/soak");
        let mut program = Command::new(path.with_extension(EXE_EXTENSION));
        program.args([self.name, &self.count.to_string()]);
        without_prefect_settings(&mut program)
            .env("PREFECT_API_URL", server.api_url())
            .env("PREFECT_HOME", home.path());
        run(&mut program)
    }
}
