//! Keeps `generated/` in line with `spec/`.
//!
//! With the feature `regenerate` it writes the client before the crate compiles. Without it, it only compares the
//! stamp in `generated/` and warns when that is stale. The published package has neither this script nor the
//! description.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

#[cfg(not(feature = "regenerate"))]
#[path = "codegen/src/stamp.rs"]
#[expect(unreachable_pub, reason = "it is public in diptych")]
mod stamp;

const CHOICES: &str = "spec/diptych.toml";
const OUT: &str = "generated";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", "spec", OUT] {
        println!("cargo::rerun-if-changed={path}");
    }
    let description = fs::read_to_string(description(Path::new("spec"))?)?;
    let choices = fs::read_to_string(CHOICES)?;
    regenerate(&description, &choices)
}

#[cfg(feature = "regenerate")]
fn regenerate(description: &str, choices: &str) -> Result<(), Box<dyn Error>> {
    let files = diptych::generate(description, choices)?;
    let difference = diptych::disk::update(Path::new(OUT), &files)?;
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
fn regenerate(description: &str, choices: &str) -> Result<(), Box<dyn Error>> {
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
