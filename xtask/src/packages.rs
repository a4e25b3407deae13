//! The packages as they would be published.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::capture;
use crate::workspace::Workspace;

/// Packs the packages and compiles what was packed.
pub(crate) fn verify(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command.args(["package", "--workspace", "--target-dir"]);
    command.arg(target(workspace));
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

/// Removes what Cargo unpacked and compiled when it verified earlier packages of the same version.
///
/// `cargo package --workspace` lets the packages find each other through a registry below `target/`, whose name is
/// empty, and unpacks them under Cargo's home. It takes what is there for current, as the version is the same, and
/// would compile this package against the last one.
pub(crate) fn forget_earlier(workspace: &Workspace) -> Result<()> {
    let compiled = target(workspace);
    match fs::remove_dir_all(&compiled) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", compiled.display()));
        }
        _ => {}
    }
    let Some(home) = cargo_home() else {
        return Ok(());
    };
    for registry in nameless(&home.join("registry/src"))? {
        for package in workspace
            .packages
            .iter()
            .filter(|package| package.published)
        {
            for unpacked in versions(&registry, &package.name)? {
                fs::remove_dir_all(&unpacked)
                    .with_context(|| format!("cannot remove {}", unpacked.display()))?;
            }
        }
    }
    Ok(())
}

fn target(workspace: &Workspace) -> PathBuf {
    workspace.target.join("packages")
}

fn cargo_home() -> Option<PathBuf> {
    let default = || env::home_dir().map(|home| home.join(".cargo"));
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(default)
}

/// The registries below `target/` of any workspace: those of the network begin with a host's name.
fn nameless(sources: &Path) -> Result<Vec<PathBuf>> {
    let mut found = entries(sources)?;
    found.retain(|path| file_name(path).starts_with('-'));
    Ok(found)
}

fn versions(registry: &Path, package: &str) -> Result<Vec<PathBuf>> {
    let mut found = entries(registry)?;
    found.retain(|path| {
        let version = file_name(path)
            .strip_prefix(package)
            .and_then(|rest| rest.strip_prefix('-'));
        version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    });
    Ok(found)
}

fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read {}", directory.display()))?,
    };
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    paths.with_context(|| format!("cannot read {}", directory.display()))
}

fn is_dirty(workspace: &Workspace) -> bool {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root)
        .args(["status", "--porcelain"]);
    capture(&mut git).map_or(true, |output| !output.stdout.is_empty())
}
