//! Everything that a change must pass, in the order in which a failure is cheapest to learn of.

mod programs;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread::{self, Scope, ScopedJoinHandle};

use anyhow::{Result, anyhow, ensure};

use crate::bindings::Bindings;
use crate::packages;
use crate::process;
use crate::python;
use crate::report::{Report, Row};
use crate::server::{self, Server};
use crate::spec;
use crate::test::programs::{Lane, Program};
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut report = Report::start();
    let result = thread::scope(|scope| {
        // Installing and starting the server is mostly waiting, so it goes on beside the first steps.
        let server = scope.spawn(|| OtherSide::start(workspace));
        let result = before_tests(workspace, &mut report)
            .and_then(|programs| tests(workspace, scope, server, programs, &mut report));
        if result.is_err() {
            // The threads may still be at it, and the scope waits for them.
            process::stop_all();
        }
        result
    });
    report.print();
    result
}

/// What the tests have on the other side.
struct OtherSide {
    server: Server,
    /// A Python that can use storages, and be one.
    storages: PathBuf,
}

impl OtherSide {
    fn start(workspace: &Workspace) -> Result<Self> {
        let server = server::start(workspace)?;
        let storages = python::storages(workspace)?;
        Ok(Self { server, storages })
    }
}

/// What is learned without running anything of ours; then the programs that are run.
fn before_tests(workspace: &Workspace, report: &mut Report) -> Result<Vec<Program>> {
    let cargo = |line: &str| command(workspace.cargo(), line);
    report.command("format", &mut cargo("fmt --all --check"))?;
    report.step("spec/ is as it was given", || spec::verify(workspace))?;
    // With all features, `regenerate` among them, generated/ is written anew.
    let bindings = Bindings::read(workspace)?;
    report.command(
        "clippy",
        &mut cargo("clippy --workspace --all-targets --all-features -- -D warnings"),
    )?;
    report.step("bindings are current", || are_current(workspace, &bindings))?;
    report.step("build the tests", || programs::build(workspace))
}

/// Half of the tests wait most of the time, so they run beside everything else. None of them is made to wait for the others
/// by priority: a server that gets no processor does not answer in time. What is only compiled comes last.
fn tests<'scope>(
    workspace: &'scope Workspace,
    scope: &'scope Scope<'scope, '_>,
    server: ScopedJoinHandle<'scope, Result<OtherSide>>,
    programs: Vec<Program>,
    report: &mut Report,
) -> Result<()> {
    let server = report.step("wait for the server", || joined(server))?;
    let programs: Arc<[Program]> = programs.into();
    let waiting = scope.spawn({
        let programs = Arc::clone(&programs);
        move || run_waiting(workspace, &programs, &server)
    });
    let work = work(workspace, &programs, report);
    // Whatever failed, the others are heard to their end.
    let rows = report.step("tests that wait, until they end", || joined(waiting));
    let rows = work.and(rows)?;
    report.parts(rows);
    Ok(())
}

fn work(workspace: &Workspace, programs: &[Program], report: &mut Report) -> Result<()> {
    let rows = report.step("tests that work", || {
        programs::run(workspace, programs, Lane::Working, |_| ())
    })?;
    report.parts(rows);
    after_tests(workspace, report)
}

fn run_waiting(workspace: &Workspace, programs: &[Program], side: &OtherSide) -> Result<Vec<Row>> {
    let lane = |lane| {
        programs::run(workspace, programs, lane, |command| {
            command
                .env("PREFECT_TEST_API_URL", side.server.api_url())
                .env("PREFECT_TEST_PYTHON", side.server.python())
                .env("PREFECT_TEST_STORAGE_PYTHON", &side.storages);
        })
    };
    thread::scope(|scope| {
        let others = scope.spawn(|| lane(Lane::Waiting));
        let rows = lane(Lane::Server);
        let others = joined(others);
        let (rows, others) = (rows?, others?);
        Ok(rows.into_iter().chain(others).collect())
    })
}

/// Whatever can share what another step has compiled comes after it and asks for the same features.
fn after_tests(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let cargo = |line: &str| process::patient(&command(workspace.cargo(), line));
    report.command(
        "examples in the documentation",
        &mut cargo("test --workspace --all-features --doc --no-fail-fast"),
    )?;
    report.command(
        "documentation",
        &mut process::patient(&packages::document(workspace)),
    )?;
    for face in ["blocking", "async"] {
        let line = "clippy -p prefect-client -p diptych-runtime -p prefect-sdk -p dual-example --no-default-features \
                    --features";
        // Each module of the SDK has both faces, and must do with one.
        let features = format!(
            "{face},prefect-sdk/flows,prefect-sdk/notifications,prefect-sdk/pickle,prefect-sdk/redis,prefect-sdk/remote,prefect-sdk/smb"
        );
        report.command(
            &format!("{face} alone"),
            cargo(line).args([&features, "--", "-D", "warnings"]),
        )?;
    }
    report.step("packages", || packages::verify(workspace))
}

fn command(mut cargo: Command, line: &str) -> Command {
    cargo.args(line.split_whitespace());
    cargo
}

fn joined<T>(thread: ScopedJoinHandle<Result<T>>) -> Result<T> {
    thread.join().map_err(|_| anyhow!("a thread panicked"))?
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
