//! Where executions are counted: each leaves a file of its own.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use uuid::Uuid;

/// Says where that is.
pub(crate) const ROOM: &str = "SOAK_ROOM";
const EXECUTIONS: &str = "executions";

/// A directory, gone when this is dropped.
pub(crate) struct Room(PathBuf);

impl Room {
    pub(crate) fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("soak-{}", Uuid::new_v4()));
        fs::create_dir_all(path.join(EXECUTIONS)).context("a directory")?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The number of what was executed, once for each time.
    pub(crate) fn executions(&self) -> Result<Vec<String>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(self.0.join(EXECUTIONS))? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            numbers.extend(name.split('-').next().map(str::to_owned));
        }
        Ok(numbers)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Says in the room that the environment names that this is executed.
pub(crate) fn executed(number: u64) -> io::Result<()> {
    let room = std::env::var_os(ROOM)
        .map(PathBuf::from)
        .unwrap_or_default();
    let name = format!("{number}-{}", Uuid::new_v4());
    File::create(room.join(EXECUTIONS).join(name)).map(drop)
}
