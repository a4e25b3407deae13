//! The packages as they would be published: packed, unpacked, and checked beside dependents that ask for different things.

mod dependents;
mod growth;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{capture, run};
use crate::workspace::Workspace;

/// Packs the packages, and checks what was packed in one workspace with its dependents; then all of it again with the
/// client of a later release of the server.
pub(crate) fn verify(workspace: &Workspace) -> Result<()> {
    run(&mut pack(workspace))?;
    let folder = workspace.target.join("packages");
    let unpacked = unpack(workspace, &folder)?;
    dependents::write(workspace, &folder, &unpacked)?;
    growth::write(workspace, &folder)?;
    // Alone, since together each gets the features of all.
    let alone = dependents::names().map(|name| vec!["--package", name]);
    for packages in alone.into_iter().chain([vec!["--workspace"]]) {
        let mut check = workspace.cargo();
        // The same target: most of what they stand on has been checked for the faces alone.
        check
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", &workspace.target);
        run(check.arg("check").args(packages))?;
    }
    let client = unpacked.iter().find(|(name, _)| name == "prefect-client");
    let (_, client) = client.context("the client is not among the packages")?;
    growth::verify(workspace, &folder, client)
}

fn put(path: &Path, text: &str) -> Result<()> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The documentation as docs.rs shows it, with the same features as the other checks.
pub(crate) fn document(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command
        .args(["doc", "--workspace", "--all-features", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings");
    command
}

fn pack(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command.args(["package", "--workspace", "--no-verify", "--target-dir"]);
    command.arg(&workspace.target);
    for private in workspace
        .packages
        .iter()
        .filter(|package| !package.published)
    {
        command.args(["--exclude", &private.name]);
    }
    // A clean clone, as in CI, is held to the strict rule.
    if is_dirty(workspace) {
        command.arg("--allow-dirty");
    }
    command
}

/// A folder for each package, below a folder that is empty before: the name of the package, and of the folder.
fn unpack(workspace: &Workspace, folder: &Path) -> Result<Vec<(String, String)>> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", folder.display()));
        }
        _ => {}
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let published = workspace.packages.iter().filter(|one| one.published);
    published
        .map(|package| {
            let name = format!("{}-{}", package.name, package.version);
            let archive = archive(workspace, &name);
            // With the time of now: archives have one for ever, by which cargo would take what it checked before for the same.
            capture(
                Command::new("tar")
                    .arg("-xzmf")
                    .arg(&archive)
                    .arg("-C")
                    .arg(folder),
            )
            .with_context(|| format!("cannot unpack {}", archive.display()))?;
            Ok((package.name.clone(), name))
        })
        .collect()
}

fn archive(workspace: &Workspace, name: &str) -> PathBuf {
    workspace
        .target
        .join("package")
        .join(format!("{name}.crate"))
}

fn is_dirty(workspace: &Workspace) -> bool {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root)
        .args(["status", "--porcelain"]);
    capture(&mut git).map_or(true, |output| !output.stdout.is_empty())
}
