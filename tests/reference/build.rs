//! Keeps progenitor's client of the canonical document: all of it, as progenitor takes every operation and type.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec");
    println!("cargo::rerun-if-changed={}", spec.display());
    let description = fs::read_to_string(diptych::disk::only_description(&spec)?)?;
    let choices = fs::read_to_string(spec.join("diptych.toml"))?;
    let reference = diptych::reference::reference(&description, &choices)?;
    if let Some(problem) = reference.left_out.first() {
        return Err(problem.to_string().into());
    }
    let client = PathBuf::from(env::var("OUT_DIR")?).join("client.rs");
    fs::write(&client, reference.client)?;
    println!("cargo::metadata=client={}", client.display());
    Ok(())
}
