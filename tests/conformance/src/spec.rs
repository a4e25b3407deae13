//! The files of this repository that the tests read.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::Fallible;

/// The description as the server gave it.
///
/// # Errors
///
/// When it can't be read.
pub fn description() -> Fallible<String> {
    Ok(fs::read_to_string(env!("DESCRIPTION"))?)
}

/// The same as JSON.
///
/// # Errors
///
/// When it can't be read.
pub fn document() -> Fallible<Value> {
    Ok(serde_json::from_str(&description()?)?)
}

/// The choices that go with it.
///
/// # Errors
///
/// When they can't be read.
pub fn choices() -> Fallible<String> {
    Ok(fs::read_to_string(
        PathBuf::from(env!("SPEC_DIRECTORY")).join("diptych.toml"),
    )?)
}

/// The folder of the generated source.
#[must_use]
pub fn generated() -> PathBuf {
    PathBuf::from(env!("GENERATED_DIRECTORY"))
}

/// The folder of the reviewed snapshots.
#[must_use]
pub fn snapshots() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/operations/snapshots")
}
