//! What checking a generated client costs, in processor time.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::measure::{measured, median};
use crate::process::{capture, run};
use crate::workspace::Workspace;
use crate::{bench, spec, table};

const ROUNDS: usize = 3;

/// The choices for a client of the tag that most programs need.
const ONE_TAG: &str = r#"
[client]
blocking = "FlowsClient"
asynchronous = "AsyncFlowsClient"

[operations]
only_tags = ["Flows"]
"#;

/// A crate whose check is measured, under the name that the report has for it.
struct Subject {
    name: &'static str,
    package: String,
    manifest: PathBuf,
    library: PathBuf,
}

/// Gives a file the present time, and its own time back in the end, so that builds elsewhere see no change.
struct Touched {
    file: File,
    before: SystemTime,
}

/// Checks `prefect-client`, progenitor's client from the same document, and a client of one of its tags, each alone and in
/// turn.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    let scratch = workspace.scratch()?;
    let subjects = [
        Subject::find(workspace, "prefect-client", "prefect-client", ".")?,
        Subject::find(
            workspace,
            "progenitor",
            "progenitor-reference",
            "tests/reference",
        )?,
        Subject::one_tag(workspace, scratch.path())?,
    ];
    for subject in &subjects {
        run(&mut subject.check(workspace))?;
    }
    let touched = subjects
        .iter()
        .map(|subject| Touched::new(&subject.library));
    let touched = touched.collect::<Result<Vec<_>>>()?;
    let mut times = vec![Vec::new(); subjects.len()];
    for round in 1..=ROUNDS {
        for ((subject, touched), times) in subjects.iter().zip(&touched).zip(&mut times) {
            touched.now()?;
            let cpu_s = subject.measure(workspace)?;
            eprintln!("round {round}: {:<14} {cpu_s:.2} s", subject.name);
            times.push(cpu_s);
        }
    }
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    let ours = medians.first().copied().unwrap_or(f64::NAN);
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for (subject, cpu_s) in subjects.iter().zip(medians) {
        rows.push([
            subject.name.to_owned(),
            format!("{cpu_s:.2}"),
            format!("{:.2}", cpu_s / ours),
        ]);
        list.push(json!({ "name": subject.name, "cpu_s": cpu_s }));
    }
    println!(
        "\n{}",
        table::render(&["cargo check", "cpu s", "of ours"], &rows)
    );
    bench::write(workspace, "compile.json", &Value::Array(list))
}

impl Subject {
    fn find(
        workspace: &Workspace,
        name: &'static str,
        package: &str,
        directory: &str,
    ) -> Result<Self> {
        let package = workspace.package(package, directory)?;
        let library = package
            .library
            .with_context(|| format!("package `{}` has no library", package.name))?;
        Ok(Self {
            name,
            package: package.name,
            manifest: package.manifest,
            library,
        })
    }

    /// The client of one tag alone, as a crate that is written for the measurement: what a user has who needs no more.
    fn one_tag(workspace: &Workspace, scratch: &Path) -> Result<Self> {
        run(workspace.cargo().args(["build", "-p", "diptych"]))?;
        let choices = scratch.join("diptych.toml");
        fs::write(&choices, ONE_TAG)?;
        let folder = scratch.join("one-tag");
        let mut generate = Command::new(workspace.target.join("debug/diptych"));
        generate
            .args(["generate", "--crate", "one-tag", "--runtime"])
            .arg(workspace.root.join("runtime"))
            .arg("--config")
            .arg(&choices)
            .arg("--out")
            .args([&folder, &spec::document_path(workspace)?]);
        capture(&mut generate)?;
        let manifest = folder.join("Cargo.toml");
        // A crate of its own, with the versions of this workspace.
        let text = fs::read_to_string(&manifest)?;
        fs::write(&manifest, format!("{text}\n[workspace]\n"))?;
        let lock = workspace.root.join("Cargo.lock");
        fs::copy(lock, folder.join("Cargo.lock"))?;
        Ok(Self {
            name: "one-tag",
            package: "one-tag".to_owned(),
            manifest,
            library: folder.join("src/lib.rs"),
        })
    }

    fn check(&self, workspace: &Workspace) -> Command {
        let mut command = workspace.cargo();
        command
            .args([
                "check",
                "--color",
                "never",
                "-p",
                &self.package,
                "--manifest-path",
            ])
            .arg(&self.manifest);
        command
            .arg("--target-dir")
            .arg(workspace.target.join("bench"))
            .env("CARGO_INCREMENTAL", "0");
        command
    }

    /// Fails if anything but this one crate was checked, or not even that.
    fn measure(&self, workspace: &Workspace) -> Result<f64> {
        let command = self.check(workspace);
        let (usage, output) = measured(workspace, &command)?;
        let text = String::from_utf8_lossy(&output.stderr);
        let built: Vec<_> = text
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("Checking ") || line.starts_with("Compiling "))
            .collect();
        match built.as_slice() {
            [one] if one.starts_with(&format!("Checking {} ", self.package)) => Ok(usage.cpu_s),
            _ => bail!("not only `{}` was built, but {built:?}", self.package),
        }
    }
}

impl Touched {
    fn new(path: &Path) -> Result<Self> {
        let file = File::options()
            .append(true)
            .open(path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        let before = file
            .metadata()
            .and_then(|metadata| metadata.modified())
            .with_context(|| format!("cannot look at {}", path.display()))?;
        Ok(Self { file, before })
    }

    fn now(&self) -> Result<()> {
        self.file
            .set_times(FileTimes::new().set_modified(SystemTime::now()))
            .context("cannot touch a source file")
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        let _ = self
            .file
            .set_times(FileTimes::new().set_modified(self.before));
    }
}
