//! Samba, from Debian's packages, unpacked and not installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::run;
use crate::python;
use crate::workspace::Workspace;

/// Where it is unpacked, once: with what this machine lacks of what it stands on.
pub(super) fn unpacked(workspace: &Workspace) -> Result<PathBuf> {
    let home = python::once(workspace, "samba", |home| {
        eprintln!("unpacking Samba, once");
        let archives = home.join("archives");
        fs::create_dir_all(archives.join("partial")).context("cannot make a directory")?;
        run(Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--download-only"])
            .args(["--no-install-recommends", "--reinstall", "-o"])
            .arg(format!("Dir::Cache::archives={}", archives.display()))
            .args(["samba", "samba-common-bin"]))?;
        for archive in fs::read_dir(&archives).context("cannot read a directory")? {
            let archive = archive?.path();
            if archive.extension().is_some_and(|kind| kind == "deb") {
                run(Command::new("dpkg-deb")
                    .arg("--extract")
                    .arg(&archive)
                    .arg(home.join("root")))?;
            }
        }
        Ok(())
    });
    let home = home.context("Samba is unpacked from Debian's packages, by apt-get as root")?;
    Ok(home.join("root"))
}
