//! What must hold before the packages are published. Publishing itself is left to a person.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::msrv;
use crate::packages;
use crate::process::{capture, run};
use crate::report::Report;
use crate::workspace::{Package, Workspace};

type Check = fn(&Workspace) -> Result<()>;

const CHECKS: [(&str, Check); 8] = [
    ("manifests", describe_themselves),
    ("packages", packages::verify),
    ("documentation", document),
    ("hazards without debug checks", meet_hazards),
    ("licences, duplicates, sources", deny),
    ("advisories", look_for_advisories),
    ("changes since the last release", compare),
    ("oldest Rust", msrv::check),
];

/// Runs every check, whatever the others say, and fails if one did.
pub(crate) fn rehearse(workspace: &Workspace) -> Result<()> {
    let mut report = Report::start();
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        if let Err(error) = report.step(name, || check(workspace)) {
            eprintln!("error: {error:#}");
            failed.push(name);
        }
    }
    report.print();
    ensure!(
        failed.is_empty(),
        "not ready for a release: {}",
        failed.join("; ")
    );
    println!("\nready: `cargo publish --workspace` publishes what was checked");
    Ok(())
}

/// What the registry shows of a package is there.
fn describe_themselves(workspace: &Workspace) -> Result<()> {
    let published = workspace.packages.iter().filter(|one| one.published);
    let published: Vec<&Package> = published.collect();
    let missing = missing(&published);
    ensure!(missing.is_empty(), "{}", missing.join("\n"));
    Ok(())
}

/// A sentence for each thing that packages lack.
fn missing(packages: &[&Package]) -> Vec<String> {
    let mut lacking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        for key in &package.lacks {
            lacking.entry(key).or_default().push(&package.name);
        }
    }
    let sentence = |(key, names): (&str, Vec<&str>)| {
        if names.len() == packages.len() {
            format!("no package says its `{key}`: add it to each Cargo.toml before the release")
        } else {
            format!("`{key}` is missing from {}", names.join(", "))
        }
    };
    lacking.into_iter().map(sentence).collect()
}

fn document(workspace: &Workspace) -> Result<()> {
    run(&mut packages::document(workspace))
}

/// What a debug build checks, such as reqwest's look for an async context, isn't there in a release. What the compiler says,
/// and a minute of nothing, are the same.
fn meet_hazards(workspace: &Workspace) -> Result<()> {
    let line = "test --profile unchecked -p prefect-hazards --test hazards --no-fail-fast -- --skip compile:: --skip at_rest::";
    run(workspace.cargo().args(line.split_whitespace()))
}

fn deny(workspace: &Workspace) -> Result<()> {
    need("deny")?;
    run(workspace
        .cargo()
        .args(["deny", "--workspace", "check"])
        .args(["licenses", "bans", "sources"]))
}

fn look_for_advisories(workspace: &Workspace) -> Result<()> {
    need("deny")?;
    let mut command = workspace.cargo();
    command.args(["deny", "--workspace", "check", "advisories"]);
    run(&mut command).context(
        "where no advisory is named above, the database of advisories could not be fetched",
    )
}

/// Says what broke since the last tag before this commit, of the packages with a library that people call.
fn compare(workspace: &Workspace) -> Result<()> {
    let Some(tag) = last_tag(workspace) else {
        println!("there is no tag `v…` yet, so nothing to compare with: this is the first release");
        return Ok(());
    };
    need("semver-checks")?;
    let mut command = workspace.cargo();
    command.args(["semver-checks", "--baseline-rev", &tag]);
    let callable = |one: &&Package| one.published && one.library.is_some();
    for package in workspace.packages.iter().filter(callable) {
        command.args(["--package", &package.name]);
    }
    run(&mut command)
}

fn last_tag(workspace: &Workspace) -> Option<String> {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root).args([
        "describe",
        "--tags",
        "--abbrev=0",
        "--match",
        "v*",
        "HEAD^",
    ]);
    let told = capture(&mut git).ok()?.stdout;
    Some(String::from_utf8_lossy(&told).trim().to_owned())
}

/// Fails with what to install where Cargo has no such subcommand.
fn need(subcommand: &str) -> Result<()> {
    let mut version = Command::new(format!("cargo-{subcommand}"));
    if capture(version.args([subcommand, "--version"])).is_err() {
        bail!("cargo-{subcommand} is not installed: `cargo install --locked cargo-{subcommand}`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn what_all_lack_is_said_once() {
        let package = |name: &str, lacks: &[&'static str]| Package {
            name: name.to_owned(),
            version: String::new(),
            manifest: PathBuf::new(),
            published: true,
            rust: None,
            lacks: lacks.to_vec(),
            library: None,
        };
        let one = package("one", &["repository", "readme"]);
        let other = package("other", &["repository"]);
        assert_eq!(
            missing(&[&one, &other]),
            [
                "`readme` is missing from one",
                "no package says its `repository`: add it to each Cargo.toml before the release"
            ]
        );
    }

    #[test]
    fn a_tool_that_is_not_there_is_named_with_the_command_that_installs_it() {
        let error = need("is-surely-nowhere").unwrap_err().to_string();
        assert!(
            error.ends_with("`cargo install --locked cargo-is-surely-nowhere`"),
            "{error}"
        );
    }
}
