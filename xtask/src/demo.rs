//! From an empty machine to a program that talks to a server: install, start, generate, run.

use std::env::consts::EXE_EXTENSION;
use std::io::{self, IsTerminal as _};
use std::process::Command;

use anyhow::Result;

use crate::bindings::Bindings;
use crate::measure::Stopwatch;
use crate::process::run as run_command;
use crate::python;
use crate::server::Server;
use crate::workspace::Workspace;

/// One build for the bindings and the programs: two would not agree on the features of what they stand on, and compile
/// most of it twice.
const PROGRAMS: [&str; 10] = [
    "--package",
    "prefect-client",
    "--package",
    FLOW,
    "--features",
    "prefect-client/regenerate",
    "--example",
    "quickstart",
    "--bin",
    FLOW,
];

/// A flow with tasks, in `examples/flow`.
const FLOW: &str = "prefect-example-flow";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let watch = Stopwatch::start();
    let python = python::pinned(workspace)?;
    // The server comes up while the bindings are built.
    let mut server = Server::spawn(workspace, &python)?;
    build(workspace)?;
    server.wait_ready()?;
    println!("the server's pages: {}", server.page_url());
    let home = workspace.scratch()?;
    for program in ["examples/quickstart", FLOW] {
        let path = workspace.target.join("debug").join(program);
        let mut program = Command::new(path.with_extension(EXE_EXTENSION));
        // An empty home, so that no profile of the user's has a say.
        run_command(
            program
                .env("PREFECT_API_URL", server.api_url())
                .env("PREFECT_HOME", home.path()),
        )?;
    }
    let wall_s = watch.elapsed().wall_s;
    let_look_at_pages()?;
    // Only now, as the processor time of a child is known when it has ended.
    drop(server);
    let cpu_s = watch.elapsed().cpu_s;
    println!("the demo took {wall_s:.0} s, and {cpu_s:.0} s of processor time with the server's");
    Ok(())
}

/// The pages go with the server, so a person gets the time to look at them.
fn let_look_at_pages() -> Result<()> {
    if io::stdin().is_terminal() {
        println!("\nThe server stops when you press Enter.");
        io::stdin().read_line(&mut String::new())?;
    }
    Ok(())
}

/// Builds the programs, and with them writes the bindings that they are compiled against.
fn build(workspace: &Workspace) -> Result<()> {
    let before = Bindings::read(workspace)?;
    run_command(workspace.cargo().arg("build").args(PROGRAMS))?;
    let changes = before.changes(&Bindings::read(workspace)?);
    if changes.is_empty() {
        println!("generated/: no change");
    }
    for change in changes {
        println!("{change}");
    }
    Ok(())
}
