//! From an empty machine to a program that talks to a server: install, start, generate, run.

use std::io::{self, IsTerminal as _};

use anyhow::Result;

use crate::bindings::Bindings;
use crate::measure::Stopwatch;
use crate::process::run as run_command;
use crate::python;
use crate::server::Server;
use crate::workspace::Workspace;

/// One build for the bindings and the program: two would not agree on the features of what they stand on, and compile
/// most of it twice.
const QUICKSTART: [&str; 6] = [
    "--package",
    "prefect-client",
    "--features",
    "regenerate",
    "--example",
    "quickstart",
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let watch = Stopwatch::start();
    let python = python::pinned(workspace)?;
    // The server comes up while the bindings are built.
    let mut server = Server::spawn(workspace, &python)?;
    build(workspace)?;
    server.wait_ready()?;
    println!("the server's pages: {}", server.page_url());
    let home = workspace.scratch()?;
    let mut quickstart = workspace.cargo();
    quickstart.args(["run", "--quiet"]).args(QUICKSTART);
    // An empty home, so that no profile of the user's has a say.
    run_command(
        quickstart
            .env("PREFECT_API_URL", server.api_url())
            .env("PREFECT_HOME", home.path()),
    )?;
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

/// Builds the quickstart, and with it writes the bindings that it is compiled against.
fn build(workspace: &Workspace) -> Result<()> {
    let before = Bindings::read(workspace)?;
    run_command(workspace.cargo().arg("build").args(QUICKSTART))?;
    let changes = before.changes(&Bindings::read(workspace)?);
    if changes.is_empty() {
        println!("generated/: no change");
    }
    for change in changes {
        println!("{change}");
    }
    Ok(())
}
