//! What `diptych diff` says of a change, beside what cargo-semver-checks finds in the two clients.
//!
//! That program doesn't look at the types of arguments, fields and answers, so it finds less. What it finds, `diff` must say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::process::{capture, run};
use crate::table;
use crate::workspace::{Workspace, without_prefect_settings};

/// A change of a description, as the tests of `diff` have it.
struct Case {
    name: String,
    /// What `diptych diff` asks.
    ours: Bump,
    new: Value,
}

impl Case {
    fn read(path: &Path) -> Result<Self> {
        let told: Value = serde_json::from_slice(&fs::read(path)?)?;
        let name = told["name"].as_str().context("a case without a name")?;
        Ok(Self {
            name: name.to_owned(),
            ours: match told["exit_code"].as_u64() {
                Some(30) => Bump::Major,
                Some(_) => Bump::Less,
                None => bail!("`{name}` has no exit code"),
            },
            new: told["new"].clone(),
        })
    }
}

/// What a change asks of the version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bump {
    Less,
    Major,
}

/// The crate of each description.
const CRATE: &str = "pets";

/// Compares both for every change that the tests of `diff` know.
pub(crate) fn compare(workspace: &Workspace) -> Result<()> {
    let scratch = workspace.scratch()?;
    let kept = scratch.path().join("cases");
    let cases = cases(workspace, &kept)?;
    let bench = Bench {
        workspace,
        folder: scratch.path(),
        diptych: workspace.target.join("debug/diptych"),
    };
    let old = serde_json::from_slice(&fs::read(kept.join("old.json"))?)?;
    let old = bench.documented("old", &old)?;
    let (mut rows, mut unsaid) = (Vec::new(), Vec::new());
    for case in &cases {
        let theirs = bench.semver_checks(&old, case)?;
        if theirs > case.ours {
            unsaid.push(case.name.as_str());
        }
        rows.push([case.name.clone(), shown(case.ours), shown(theirs)]);
    }
    println!(
        "\n{}",
        table::render(&["change", "diptych diff", "semver-checks"], &rows)
    );
    ensure!(
        unsaid.is_empty(),
        "cargo-semver-checks finds what breaks callers, and `diptych diff` does not: {}",
        unsaid.join("; ")
    );
    println!(
        "\n{} changes: nothing is found that is not said",
        rows.len()
    );
    Ok(())
}

fn shown(bump: Bump) -> String {
    match bump {
        Bump::Less => "less".to_owned(),
        Bump::Major => "major".to_owned(),
    }
}

/// The changes of the tests, which leave them where they are asked to.
fn cases(workspace: &Workspace, folder: &Path) -> Result<Vec<Case>> {
    let changes = folder.join("changes");
    fs::create_dir_all(&changes)?;
    let mut test = workspace.cargo();
    test.args(["test", "--package", "diptych", "--test", "diff"])
        .arg("each_kind_of_change")
        .env("DIPTYCH_DIFF_CASES", folder);
    run(&mut test)?;
    let mut paths: Vec<PathBuf> = fs::read_dir(&changes)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    ensure!(!paths.is_empty(), "the tests of `diff` left no cases");
    paths.iter().map(|path| Case::read(path)).collect()
}

struct Bench<'a> {
    workspace: &'a Workspace,
    folder: &'a Path,
    diptych: PathBuf,
}

impl Bench<'_> {
    fn semver_checks(&self, old: &Path, case: &Case) -> Result<Bump> {
        let new = self.documented("new", &case.new)?;
        let mut checks = Command::new("cargo-semver-checks");
        checks
            .args(["semver-checks", "--release-type", "minor"])
            .arg("--baseline-rustdoc")
            .arg(old)
            .arg("--current-rustdoc")
            .arg(new);
        let output = checks.output().context(
            "cargo-semver-checks is not installed: `cargo install --locked cargo-semver-checks`",
        )?;
        let told = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Ok(Bump::Less),
            Some(100) if told.contains("semver requires new major version") => Ok(Bump::Major),
            _ => bail!("cargo-semver-checks says of `{}`:\n{told}", case.name),
        }
    }

    /// The crate of a description, as rustdoc tells programs of it.
    fn documented(&self, name: &str, description: &Value) -> Result<PathBuf> {
        let (spec, krate) = (self.folder.join("api.json"), self.folder.join(name));
        fs::write(&spec, description.to_string())?;
        let mut generate = Command::new(&self.diptych);
        generate.arg("generate").arg(&spec);
        generate.args(["--crate", CRATE, "--out"]).arg(&krate);
        capture(&mut generate)?;
        stand_alone(&krate.join("Cargo.toml"))?;
        fs::copy(
            self.workspace.root.join("Cargo.lock"),
            krate.join("Cargo.lock"),
        )?;
        let target = self.folder.join("target");
        let mut rustdoc = Command::new("cargo");
        without_prefect_settings(&mut rustdoc)
            .current_dir(&krate)
            .args(["rustdoc", "--quiet", "--lib", "--target-dir"])
            .arg(&target)
            .args(["--", "-Zunstable-options", "--output-format", "json"])
            // Programs are told by stable compilers only where they are asked so.
            .env("RUSTC_BOOTSTRAP", "1");
        capture(&mut rustdoc)?;
        let told = self.folder.join(format!("{name}.json"));
        fs::rename(target.join(format!("doc/{CRATE}.json")), &told)?;
        Ok(told)
    }
}

/// It is no member of the workspace that it lies in.
fn stand_alone(manifest: &Path) -> Result<()> {
    const ALONE: &str = "\n[workspace]\n";
    let text = fs::read_to_string(manifest)?;
    if !text.ends_with(ALONE) {
        fs::write(manifest, text + ALONE)?;
    }
    Ok(())
}
