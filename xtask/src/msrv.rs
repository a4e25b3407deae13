//! The published packages with the oldest Rust that they promise.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{capture, run};
use crate::workspace::{Workspace, without_prefect_settings};

/// Checks libraries and programs, each with all that can be asked of it but what is for this repository only.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let published: Vec<_> = workspace
        .packages
        .iter()
        .filter(|one| one.published)
        .collect();
    let rust = published
        .iter()
        .find_map(|package| package.rust.as_deref())
        .context("no package has a `rust-version`")?;
    let toolchain = installed(rust)?;
    let mut command = Command::new("rustup");
    without_prefect_settings(&mut command);
    command
        .current_dir(&workspace.root)
        .args([
            "run",
            &toolchain,
            "cargo",
            "check",
            "--all-features",
            "--target-dir",
        ])
        .arg(workspace.target.join("msrv"))
        // That of the toolchain which built this program, in place of the one that is asked for.
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN");
    for package in published {
        command.args(["--package", &package.name]);
    }
    run(&mut command)
}

/// The toolchain of a version such as 1.89, by the name that rustup has for it.
fn installed(rust: &str) -> Result<String> {
    let told = capture(Command::new("rustup").args(["toolchain", "list"]))
        .context("the oldest Rust is looked for with rustup")?;
    match find(rust, &String::from_utf8_lossy(&told.stdout)) {
        Some(name) => Ok(name),
        None => bail!(
            "Rust {rust} is not installed: `rustup toolchain install {rust} --profile minimal`"
        ),
    }
}

fn find(rust: &str, list: &str) -> Option<String> {
    let names = list
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let is_it = |name: &&str| {
        let behind = name.strip_prefix(rust);
        behind.is_some_and(|behind| behind.starts_with(['-', '.']))
    };
    names.clone().find(is_it).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toolchain_is_found_by_its_version() {
        let list =
            "stable-x86_64-unknown-linux-gnu (active, default)\n1.89.0-x86_64-unknown-linux-gnu\n";
        assert_eq!(
            find("1.89", list).as_deref(),
            Some("1.89.0-x86_64-unknown-linux-gnu")
        );
        assert_eq!(find("1.8", list), None);
        assert_eq!(find("1.95", list), None);
    }
}
