//! Everything that a change must pass, in the order in which a failure is cheapest to learn of.

use std::thread::{self, ScopedJoinHandle};

use anyhow::{Result, anyhow, ensure};

use crate::bindings::Bindings;
use crate::packages;
use crate::process;
use crate::report::Report;
use crate::server::{self, Server};
use crate::spec;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut report = Report::start();
    let result = thread::scope(|scope| {
        // Installing and starting the server is mostly waiting, so it goes on beside the first steps.
        let server = scope.spawn(|| server::start(workspace));
        let result = steps(workspace, server, &mut report);
        if result.is_err() {
            // The thread may still be at it, and the scope waits for it.
            process::stop_all();
        }
        result
    });
    report.print();
    result
}

/// Whatever can share what another step has compiled comes after it and asks for the same features.
fn steps(
    workspace: &Workspace,
    server: ScopedJoinHandle<Result<Server>>,
    report: &mut Report,
) -> Result<()> {
    let cargo = |line: &str| {
        let mut command = workspace.cargo();
        command.args(line.split_whitespace());
        command
    };
    report.command("format", &mut cargo("fmt --all --check"))?;
    report.step("spec/ is as it was given", || spec::verify(workspace))?;
    // With all features, `regenerate` among them, generated/ is written anew.
    let bindings = Bindings::read(workspace)?;
    report.command(
        "clippy",
        &mut cargo("clippy --workspace --all-targets --all-features -- -D warnings"),
    )?;
    report.step("bindings are current", || are_current(workspace, &bindings))?;
    let server = report.step("wait for the server", || {
        server
            .join()
            .map_err(|_| anyhow!("the thread that starts it panicked"))?
    })?;
    report.command(
        "tests",
        cargo("test --workspace --all-features --no-fail-fast")
            .env("PREFECT_TEST_API_URL", server.api_url())
            .env("PREFECT_TEST_PYTHON", server.python()),
    )?;
    // What the server took is known when it has ended.
    report.step("stop the server", || {
        drop(server);
        Ok(())
    })?;
    // What a debug build checks, such as reqwest's look for an async context, isn't there in a release. What the compiler
    // says, and a minute of nothing, are the same.
    let line = "test --profile optimized -p prefect-hazards --test hazards --no-fail-fast -- --skip compile:: --skip at_rest::";
    report.command("hazards in release", &mut cargo(line))?;
    report.command("documentation", &mut packages::document(workspace))?;
    for face in ["blocking", "async"] {
        let line = "clippy -p prefect-client -p diptych-runtime -p prefect-sdk -p dual-example --no-default-features \
                    --features";
        report.command(
            &format!("{face} alone"),
            cargo(line).args([face, "--", "-D", "warnings"]),
        )?;
    }
    report.step("packages", || packages::verify(workspace))
}

fn are_current(workspace: &Workspace, before: &Bindings) -> Result<()> {
    let changes = before.changes(&Bindings::read(workspace)?);
    ensure!(
        changes.is_empty(),
        "generated/ was not what spec/ and the generator say; it has just been written anew:\n{}",
        changes.join("\n")
    );
    Ok(())
}
