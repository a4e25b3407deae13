//! From an empty machine to a program that talks to a server: install, start, generate, run.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::run as run_command;
use crate::python::{self, Progress, Wanted};
use crate::server::Server;
use crate::workspace::Workspace;

type Files = BTreeMap<PathBuf, Vec<u8>>;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let python = python::install(workspace, Wanted::Pinned, Progress::Shown)?;
    // The server comes up while the bindings are built.
    let mut server = Server::spawn(workspace, &python)?;
    regenerate(workspace)?;
    server.wait_ready()?;
    println!("the server's pages: {}", server.page_url());
    let home = workspace.scratch()?;
    let mut quickstart = workspace.cargo();
    quickstart.args(["run", "-p", "prefect-client", "--example", "quickstart"]);
    // An empty home, so that no profile of the user's has a say.
    run_command(
        quickstart
            .env("PREFECT_API_URL", server.api_url())
            .env("PREFECT_HOME", home.path()),
    )?;
    let_look_at_pages()
}

/// The pages go with the server, so a person gets the time to look at them.
fn let_look_at_pages() -> Result<()> {
    if io::stdin().is_terminal() {
        println!("\nThe server stops when you press Enter.");
        io::stdin().read_line(&mut String::new())?;
    }
    Ok(())
}

fn regenerate(workspace: &Workspace) -> Result<()> {
    let generated = workspace.root.join("generated");
    let before = files(&generated)?;
    run_command(workspace.cargo().args([
        "build",
        "-p",
        "prefect-client",
        "--features",
        "regenerate",
    ]))?;
    let changes = changes(&before, &files(&generated)?);
    if changes.is_empty() {
        println!("generated/: no change");
    }
    for (path, change) in changes {
        println!(
            "{change:<8} {}",
            path.strip_prefix(&workspace.root)
                .unwrap_or(&path)
                .display()
        );
    }
    Ok(())
}

fn files(directory: &Path) -> Result<Files> {
    let mut found = Files::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        let entries = match fs::read_dir(&directory) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.with_context(|| format!("cannot read {}", directory.display()))?,
        };
        for entry in entries {
            let path = entry
                .with_context(|| format!("cannot read {}", directory.display()))?
                .path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes =
                    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                found.insert(path, bytes);
            }
        }
    }
    Ok(found)
}

fn changes(before: &Files, after: &Files) -> BTreeMap<PathBuf, &'static str> {
    let removed = before
        .keys()
        .filter(|path| !after.contains_key(*path))
        .map(|path| (path.clone(), "removed"));
    let written = after
        .iter()
        .filter_map(|(path, bytes)| match before.get(path) {
            None => Some((path.clone(), "added")),
            Some(old) if old != bytes => Some((path.clone(), "changed")),
            Some(_) => None,
        });
    removed.chain(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_by_content() {
        let files = |list: &[(&str, &str)]| {
            list.iter()
                .map(|(path, text)| (path.into(), text.as_bytes().to_vec()))
                .collect::<Files>()
        };
        let before = files(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let after = files(&[("a", "1"), ("b", "2"), ("d", "1")]);
        let told: Vec<_> = changes(&before, &after).into_iter().collect();
        assert_eq!(
            told,
            [
                ("b".into(), "changed"),
                ("c".into(), "removed"),
                ("d".into(), "added")
            ]
        );
        assert!(changes(&before, &before).is_empty());
    }
}
