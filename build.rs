//! Keeps `generated/` in line with `spec/`.
//!
//! With the feature `regenerate` it writes the client before the crate compiles. Without it, it only compares the
//! stamp in `generated/` and warns when that is stale. The published package has neither this script nor the
//! description.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[cfg(not(feature = "regenerate"))]
#[path = "codegen/src/stamp.rs"]
#[expect(unreachable_pub, reason = "it is public in diptych")]
mod stamp;

const CHOICES: &str = "spec/diptych.toml";
const OUT: &str = "generated";

fn main() -> ExitCode {
    for path in ["build.rs", "spec", OUT] {
        println!("cargo::rerun-if-changed={path}");
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What `main` gives back would be shown with `Debug`.
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let path = description(Path::new("spec"))?;
    let description = fs::read_to_string(&path)?;
    let choices = fs::read_to_string(CHOICES)?;
    regenerate(&path, &description, &choices)
}

#[cfg(feature = "regenerate")]
fn regenerate(path: &Path, description: &str, choices: &str) -> Result<(), Box<dyn Error>> {
    let place = |problem: &diptych::error::Problem| format!("{}#{problem}", path.display());
    let generated = match diptych::generate_and_tell(description, choices) {
        Err(diptych::GenerateError::Description(error)) => {
            let problems: Vec<String> = error.problems().iter().map(place).collect();
            return Err(problems.join("\n").into());
        }
        other => other?,
    };
    for problem in &generated.skipped {
        println!("cargo::warning=left out: {}", place(problem));
    }
    for problem in &generated.stale {
        let why = "passed over, as it was made for another version";
        println!("cargo::warning={why}: {}", place(problem));
    }
    let difference = diptych::disk::update(Path::new(OUT), &generated.files)?;
    let changes = [
        ("added", difference.added),
        ("changed", difference.changed),
        ("removed", difference.removed),
    ];
    for (what, names) in changes {
        for name in names {
            println!("cargo::warning={what} {OUT}/{name}");
        }
    }
    Ok(())
}

#[cfg(not(feature = "regenerate"))]
#[expect(clippy::unnecessary_wraps, reason = "its twin can fail")]
fn regenerate(_: &Path, description: &str, choices: &str) -> Result<(), Box<dyn Error>> {
    let found = fs::read_to_string(Path::new(OUT).join("STAMP")).unwrap_or_default();
    if found != stamp::stamp(description, choices, env!("CARGO_PKG_VERSION")) {
        println!(
            "cargo::warning=generated/ is older than spec/; run `cargo build -p prefect-client --features regenerate`"
        );
    }
    Ok(())
}

/// The only description in the folder.
fn description(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(path), true) => Ok(path),
        _ => Err(format!(
            "{} must hold exactly one .json description",
            folder.display()
        )
        .into()),
    }
}
