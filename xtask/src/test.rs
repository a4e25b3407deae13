//! Everything that a change must pass, in the order in which a failure is cheapest to learn of.

use std::process::Command;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::packages;
use crate::process;
use crate::python::Progress;
use crate::server::{self, Server};
use crate::spec;
use crate::table;
use crate::workspace::Workspace;

/// What has run so far, for the table at the end.
#[derive(Default)]
struct Report(Vec<[String; 3]>);

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut report = Report::default();
    let result = thread::scope(|scope| {
        // Installing and starting the server is mostly waiting, so it goes on beside the first steps.
        let server = scope.spawn(|| server::start(workspace, Progress::Quiet));
        let result = steps(workspace, server, &mut report);
        if result.is_err() {
            // The thread may still be at it, and the scope waits for it.
            process::stop_all();
        }
        result
    });
    println!(
        "\n{}",
        table::render(&["step", "result", "seconds"], &report.0)
    );
    result
}

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
    // Before anything is built with all features: `regenerate` would mend what this is to find.
    report
        .command(
            "bindings are current",
            &mut cargo("run -p diptych -- check"),
        )
        .context(
            "`cargo build -p prefect-client --features regenerate` brings generated/ up to date",
        )?;
    report.command(
        "clippy",
        &mut cargo("clippy --workspace --all-targets --all-features -- -D warnings"),
    )?;
    let server = report.step("start the server", || {
        server
            .join()
            .map_err(|_| anyhow!("the thread that starts it panicked"))?
    })?;
    report.command(
        "tests",
        cargo("test --workspace --all-features --no-fail-fast")
            .env("INSTA_UPDATE", "no")
            .env("PREFECT_TEST_API_URL", server.api_url())
            .env("PREFECT_TEST_PYTHON", server.python()),
    )?;
    drop(server);
    // What a debug build checks, such as reqwest's look for an async context, isn't there in a release.
    report.command(
        "hazards in release",
        &mut cargo("test --profile optimized -p prefect-hazards --no-fail-fast"),
    )?;
    report.command(
        "documentation",
        cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    for face in ["blocking", "async"] {
        let line = "clippy -p prefect-client -p diptych-runtime -p prefect-sdk -p dual-example --no-default-features \
                    --features";
        report.command(
            &format!("{face} alone"),
            cargo(line).args([face, "--", "-D", "warnings"]),
        )?;
    }
    report.step("packages", || {
        packages::forget_earlier(workspace)?;
        process::run(&mut packages::verify(workspace))
    })
}

impl Report {
    fn command(&mut self, name: &str, command: &mut Command) -> Result<()> {
        self.step(name, || process::run(command))
    }

    fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        self.0.push([
            name.to_owned(),
            outcome.to_owned(),
            seconds(start.elapsed()),
        ]);
        result.with_context(|| format!("step `{name}` failed"))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}
