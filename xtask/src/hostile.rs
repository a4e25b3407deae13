//! What the generator does with descriptions that mean it harm: each of ten megabytes ends, in files or in an error, within
//! bounds of time and memory.

use std::fs;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use self::descriptions::DESCRIPTIONS;
use crate::bench;
use crate::measure::{Usage, measured};
use crate::process::run;
use crate::table;
use crate::workspace::Workspace;

mod descriptions;
mod written;

/// What may be taken for it, of a processor and of memory.
const MOST_S: f64 = 10.0;
const MOST_KB: u64 = 2 << 20;

/// Fails where a description takes more.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    // As `bench generate` builds it.
    let features = ["--features", "reference"];
    run(workspace
        .cargo()
        .args(["build", "--release", "-p", "diptych"])
        .args(features))?;
    let diptych = workspace.target.join("release/diptych");
    let scratch = workspace.scratch()?;
    let (mut rows, mut list, mut exceeded) = (Vec::new(), Vec::new(), Vec::new());
    for (name, end, make) in DESCRIPTIONS {
        let path = scratch.path().join(format!("{name}.{end}"));
        fs::write(&path, make())?;
        let out = scratch.path().join("out");
        // An error is an answer too; only one that says nothing is none.
        let mut command = Command::new("sh");
        command
            .args(["-c", r#""$@" > /dev/null 2>&1; test $? -le 2"#, "sh"])
            .arg(&diptych)
            .args(["generate", "--out"])
            .args([&out, &path]);
        let (Usage { cpu_s, peak_kb }, _) = measured(workspace, &command)?;
        if cpu_s > MOST_S || peak_kb > MOST_KB {
            exceeded.push(*name);
        }
        let became = if out.is_dir() { "files" } else { "an error" };
        rows.push([
            (*name).to_owned(),
            became.to_owned(),
            format!("{cpu_s:.2}"),
            (peak_kb >> 10).to_string(),
        ]);
        list.push(json!({ "name": name, "cpu_s": cpu_s, "peak_kb": peak_kb }));
        let _ = fs::remove_dir_all(&out);
        fs::remove_file(&path)?;
    }
    let titles = ["10 MB of", "end in", "cpu s", "peak MB"];
    println!("\n{}", table::render(&titles, &rows));
    bench::write(workspace, "hostile.json", &Value::Array(list))?;
    if !exceeded.is_empty() {
        bail!("more than {MOST_S} s or 2 GiB: {}", exceeded.join(", "));
    }
    Ok(())
}
