//! What it costs to keep files and results, and to read them, beside Python's blocks.

mod trees;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bench;
use crate::measure::median;
use crate::partner::{Partner, number, parsed};
use crate::process::{capture, run};
use crate::python;
use crate::table;
use crate::workspace::{Scratch, Workspace};

const ROUNDS: usize = 3;
const WHO: [&str; 3] = ["rust_blocking", "rust_async", "python"];
const S3: &str = include_str!("../../tests/server/python/s3.py");
const FOLDERS: usize = 100;
const FILES_OF_A_FOLDER: usize = 100;
const MIB: usize = 1024 * 1024;
const OBJECT_MIB: usize = 1024;

/// What is kept and read.
#[derive(Clone, Copy)]
enum Case {
    /// 10,000 files of a kibibyte through the local file system.
    Files,
    /// A large one through S3.
    Object,
    /// 10,000 results as JSON.
    Results,
}

/// What a turn took.
#[derive(Clone, Copy)]
struct Sample {
    cpu_s: f64,
    peak_kb: f64,
}

/// What all turns share.
struct Bench<'a> {
    workspace: &'a Workspace,
    python: PathBuf,
    home: Scratch,
    sources: Scratch,
}

/// Measures all in turn, and writes the medians.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    let bench = Bench::prepare(workspace)?;
    let mut rows = Vec::new();
    let mut list = Vec::new();
    for case in [Case::Files, Case::Object, Case::Results] {
        let mut samples = [const { Vec::new() }; WHO.len()];
        for round in 1..=ROUNDS {
            for (who, samples) in WHO.into_iter().zip(&mut samples) {
                let sample = bench.turn(case, who)?;
                let Sample { cpu_s, peak_kb } = sample;
                eprintln!(
                    "round {round}: {who} {}: {cpu_s:.2} s, {peak_kb:.0} kB",
                    case.name()
                );
                samples.push(sample);
            }
        }
        let medians = samples.map(|samples| Sample {
            cpu_s: median(samples.iter().map(|sample| sample.cpu_s).collect()),
            peak_kb: median(samples.iter().map(|sample| sample.peak_kb).collect()),
        });
        let python_s = medians[WHO.len() - 1].cpu_s;
        for (who, Sample { cpu_s, peak_kb }) in WHO.into_iter().zip(medians) {
            let name = format!("{who}_{}", case.name());
            list.push(json!({ "name": name, "cpu_s": cpu_s, "peak_kb": peak_kb }));
            let ratio = format!("{:.2}", cpu_s / python_s);
            rows.push([name, format!("{cpu_s:.2}"), ratio, format!("{peak_kb:.0}")]);
        }
    }
    let head = ["kept and read", "cpu s", "of Python's", "peak kB"];
    println!("\n{}", table::render(&head, &rows));
    list.extend(trees::measure(&bench)?);
    bench::write(workspace, "storage.json", &Value::Array(list))
}

impl<'a> Bench<'a> {
    fn prepare(workspace: &'a Workspace) -> Result<Self> {
        run(workspace
            .cargo()
            .args(["build", "--release", "-p", "prefect-bench-storage"]))?;
        let bench = Self {
            workspace,
            python: python::storages(workspace)?,
            home: workspace.scratch()?,
            sources: workspace.scratch()?,
        };
        write_files(&bench.source(Case::Files))?;
        write_object(&bench.source(Case::Object))?;
        Ok(bench)
    }

    /// The directory that is put.
    fn source(&self, case: Case) -> PathBuf {
        self.sources.path().join(case.name())
    }

    fn turn(&self, case: Case, who: &str) -> Result<Sample> {
        let (server, to) = match case {
            // Each has a server of its own, as it keeps all that it was given.
            Case::Object => (Some(self.s3()?), self.workspace.scratch()?),
            Case::Files | Case::Results => (None, self.workspace.scratch_in_memory()?),
        };
        let mut command = self.command(who);
        command
            .arg(case.name())
            .arg(self.source(case))
            .arg(to.path());
        if let Some((_, url)) = &server {
            command.env("BENCH_S3_URL", url);
        }
        Sample::of(&mut command)
    }

    fn command(&self, who: &str) -> Command {
        if let Some(face) = who.strip_prefix("rust_") {
            let mut command = Command::new(self.workspace.target.join("release/bench-storage"));
            command.arg(face);
            return command;
        }
        let mut command = python::isolated(&self.python, &self.home);
        command.arg(self.workspace.root.join("benches/storage/python.py"));
        command
    }

    fn s3(&self) -> Result<(Partner, String)> {
        let mut server =
            Partner::start(python::isolated(&self.python, &self.home).args(["-c", S3]))?;
        let port = server.hear_port()?;
        Ok((server, format!("http://127.0.0.1:{port}")))
    }
}

impl Sample {
    /// What a command tells of itself.
    fn of(command: &mut Command) -> Result<Self> {
        let told = parsed(&capture(command)?.stdout)?;
        Ok(Self {
            cpu_s: number(&told, "cpu_s")?,
            peak_kb: number(&told, "peak_kb")?,
        })
    }
}

impl Case {
    fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Object => "object",
            Self::Results => "results",
        }
    }
}

fn write_files(directory: &Path) -> Result<()> {
    for folder in 0..FOLDERS {
        let folder = directory.join(format!("folder-{folder}"));
        fs::create_dir_all(&folder).context("cannot make a directory")?;
        for file in 0..FILES_OF_A_FOLDER {
            let content = file.to_string().repeat(1024);
            fs::write(folder.join(format!("{file}.txt")), &content[..1024])
                .context("cannot write a file")?;
        }
    }
    Ok(())
}

fn write_object(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory).context("cannot make a directory")?;
    let mut file = File::create(directory.join("object")).context("cannot make a file")?;
    for number in 0..OBJECT_MIB {
        // No two that follow each other are alike.
        let part = vec![u8::try_from(number % 251)?; MIB];
        file.write_all(&part).context("cannot write a file")?;
    }
    Ok(())
}
