//! `target/python/`: what is installed there is complete, or not there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// The directory `target/python/NAME`, which `make` fills unless that was done before.
pub(crate) fn once(
    workspace: &Workspace,
    name: &str,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let parent = directory(workspace);
    fs::create_dir_all(&parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let home = parent.join(name);
    // Two tasks may want it at once. The lock is given back when the file is closed.
    let lock = parent.join(format!("{name}.lock"));
    let lock = File::create(&lock)
        .and_then(|file| file.lock().map(|()| file))
        .with_context(|| format!("cannot lock {}", lock.display()))?;
    let complete = home.join("complete");
    if !complete.exists() {
        if home.exists() {
            fs::remove_dir_all(&home)
                .with_context(|| format!("cannot remove the unfinished {}", home.display()))?;
        }
        make(&home)?;
        File::create(&complete)
            .with_context(|| format!("cannot mark {} as complete", home.display()))?;
    }
    drop(lock);
    Ok(home)
}

pub(super) fn directory(workspace: &Workspace) -> PathBuf {
    workspace.target.join("python")
}
