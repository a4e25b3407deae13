//! How much memory trees of files take, small ones and large ones.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{Bench, Sample};
use crate::partner::Partner;
use crate::table;

const SIZES: [u32; 2] = [1_000, 100_000];
const FILES_OF_A_FOLDER: u32 = 100;
/// What a hundred times as many files may take more, which is less than their names alone.
const MOST_MORE_KB: f64 = 4.0 * 1024.0;

/// Puts trees and gets them in both faces, through the local file system and through a bucket. Gives the figures.
pub(super) fn measure(bench: &Bench<'_>) -> Result<Vec<Value>> {
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for (kind, case) in [("tree", "files"), ("bucket", "object")] {
        for face in ["blocking", "async"] {
            let mut peaks = Vec::new();
            for size in SIZES {
                let sample = turn(bench, face, case, size)?;
                let Sample { cpu_s, peak_kb } = sample;
                let name = format!("rust_{face}_{kind}_{size}");
                eprintln!("{name}: {cpu_s:.2} s, {peak_kb:.0} kB");
                list.push(json!({ "name": name, "cpu_s": cpu_s, "peak_kb": peak_kb }));
                rows.push([name, format!("{cpu_s:.2}"), format!("{peak_kb:.0}")]);
                peaks.push(peak_kb);
            }
            let more = peaks[1] - peaks[0];
            ensure!(
                more < MOST_MORE_KB,
                "the memory of a {kind} in the {face} face grows with its files, by {more:.0} kB"
            );
        }
    }
    println!(
        "\n{}",
        table::render(&["put and got", "cpu s", "peak kB"], &rows)
    );
    Ok(list)
}

fn turn(bench: &Bench<'_>, face: &str, case: &str, size: u32) -> Result<Sample> {
    let program = bench.workspace.target.join("release/bench-storage");
    let (from, to) = (
        bench.workspace.scratch_in_memory()?,
        bench.workspace.scratch_in_memory()?,
    );
    grow(from.path(), size)?;
    let mut command = Command::new(&program);
    command.args([face, case]).arg(from.path()).arg(to.path());
    if case == "files" {
        return Sample::of(&mut command);
    }
    let mut server = Partner::start(Command::new(&program).arg("bucket").arg(size.to_string()))?;
    let url = format!("http://127.0.0.1:{}", server.hear_port()?);
    Sample::of(command.env("BENCH_S3_URL", url))
}

/// A tree of so many files of a byte.
fn grow(root: &Path, size: u32) -> Result<()> {
    for number in 0..size {
        let folder = root.join(format!("folder-{}", number / FILES_OF_A_FOLDER));
        if number % FILES_OF_A_FOLDER == 0 {
            fs::create_dir(&folder).context("cannot make a directory")?;
        }
        fs::write(folder.join(format!("{number}.txt")), "a").context("cannot write a file")?;
    }
    Ok(())
}
