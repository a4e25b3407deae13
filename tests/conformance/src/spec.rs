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

/// The same as JSON, but what the way in takes in more forms than the way out has, where both share one type, has those of
/// the way out.
///
/// # Errors
///
/// When it can't be read.
pub fn document() -> Fallible<Value> {
    let description = description()?;
    let mut document: Value = serde_json::from_str(&description)?;
    for loss in diptych::inventory(&description, &choices()?)?.losses {
        if loss.what == "more forms on the way in than on the way out" {
            let taken = loss.pointer.to_string();
            let given = document.pointer(&taken.replacen("-Input/", "-Output/", 1));
            let given = given.ok_or(format!("{taken} has no other half"))?.clone();
            *document.pointer_mut(&taken).ok_or(taken)? = given;
        }
    }
    Ok(document)
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
