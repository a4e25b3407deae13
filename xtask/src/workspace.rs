//! Where things are, as Cargo itself says.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde_json::Value;

use crate::process::capture;

/// The workspace that the task was started in.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// One package of the workspace.
#[derive(Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest: PathBuf,
    pub(crate) published: bool,
    /// The oldest Rust that it promises.
    pub(crate) rust: Option<String>,
    /// What a registry would show of it and it does not say.
    pub(crate) lacks: Vec<&'static str>,
    /// The root of its library, if it has one.
    pub(crate) library: Option<PathBuf>,
}

/// A directory under `target/` that goes when this is dropped.
pub(crate) struct Scratch(PathBuf);

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        let metadata = metadata(&mut cargo(Path::new(".")))?;
        Ok(Self {
            root: path(&metadata, "workspace_root")?,
            target: path(&metadata, "target_directory")?,
            packages: packages(&metadata)?,
        })
    }

    /// Cargo in the root of the workspace, free of what `cargo run` and the user's Prefect settings put into the environment.
    pub(crate) fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    pub(crate) fn spec(&self) -> PathBuf {
        self.root.join("spec")
    }

    /// The package called `name`, which may also be one that is kept out of the workspace in `directory`.
    pub(crate) fn package(&self, name: &str, directory: &str) -> Result<Package> {
        if let Some(found) = self.packages.iter().find(|package| package.name == name) {
            return Ok(found.clone());
        }
        let manifest = self.root.join(directory).join("Cargo.toml");
        let apart = packages(&metadata(
            self.cargo().arg("--manifest-path").arg(&manifest),
        )?)?;
        apart
            .into_iter()
            .find(|package| package.name == name)
            .with_context(|| {
                format!(
                    "no package `{name}` in the workspace or in {}",
                    manifest.display()
                )
            })
    }

    /// A fresh, empty directory. Those of tasks that were killed are removed on the way.
    pub(crate) fn scratch(&self) -> Result<Scratch> {
        scratch(&self.target.join("scratch"))
    }

    /// One in memory, where the system has a place for that: what is measured there is not the disk, nor what others do to it.
    pub(crate) fn scratch_in_memory(&self) -> Result<Scratch> {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            scratch(&memory.join("prefect-xtask"))
        } else {
            self.scratch()
        }
    }
}

fn scratch(parent: &Path) -> Result<Scratch> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    prune(parent);
    let path = parent.join(format!(
        "{}-{}",
        process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    ));
    fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
    Ok(Scratch(path))
}

impl Scratch {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("warning: cannot remove {}: {error}", self.0.display());
        }
    }
}

/// Takes the names that Prefect reads out of the command's environment, so that no setting of the user's has a say.
pub(crate) fn without_prefect_settings(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        if name
            .to_string_lossy()
            .to_ascii_uppercase()
            .starts_with("PREFECT_")
        {
            command.env_remove(name);
        }
    }
    command
}

/// Takes out what `cargo run` has said of this program, and the user's Prefect settings.
pub(crate) fn without_surroundings(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    without_prefect_settings(command);
}

fn cargo(directory: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(directory);
    without_surroundings(&mut command);
    command
}

fn metadata(cargo: &mut Command) -> Result<Value> {
    let output = capture(cargo.args(["metadata", "--no-deps", "--format-version", "1"]))?;
    serde_json::from_slice(&output.stdout).context("`cargo metadata` gave no JSON")
}

fn path(metadata: &Value, key: &str) -> Result<PathBuf> {
    match metadata[key].as_str() {
        Some(path) => Ok(path.into()),
        None => bail!("`cargo metadata` names no {key}"),
    }
}

fn packages(metadata: &Value) -> Result<Vec<Package>> {
    let list = metadata["packages"]
        .as_array()
        .context("`cargo metadata` lists no packages")?;
    list.iter()
        .map(|package| {
            Ok(Package {
                name: text(package, "name")?,
                version: text(package, "version")?,
                manifest: path(package, "manifest_path")?,
                // An empty list of registries is how Cargo writes `publish = false`.
                published: package["publish"]
                    .as_array()
                    .is_none_or(|registries| !registries.is_empty()),
                rust: package["rust_version"].as_str().map(str::to_owned),
                lacks: lacks(package),
                library: library(package),
            })
        })
        .collect()
}

fn text(package: &Value, key: &str) -> Result<String> {
    let text = package[key].as_str().map(str::to_owned);
    text.with_context(|| format!("a package has no {key}"))
}

fn lacks(package: &Value) -> Vec<&'static str> {
    let keys = [
        "description",
        "license",
        "repository",
        "readme",
        "keywords",
        "categories",
        "rust_version",
    ];
    let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    keys.into_iter()
        .filter(|key| is_empty(&package[*key]))
        .collect()
}

fn library(package: &Value) -> Option<PathBuf> {
    let is_library = |target: &&Value| {
        target["kind"]
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "lib"))
    };
    package["targets"].as_array()?.iter().find(is_library)?["src_path"]
        .as_str()
        .map(Into::into)
}

fn prune(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.split_once('-')?.0.parse().ok());
        if owner.is_some_and(|pid| kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_says_what_is_published_and_where_the_library_is() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "open", "version": "0.1.0", "manifest_path": "/w/Cargo.toml", "publish": null, "rust_version": "1.89", "readme": "README.md",
              "targets": [{ "kind": ["test"], "src_path": "/w/t.rs" }, { "kind": ["lib"], "src_path": "/w/lib.rs" }] },
            { "name": "closed", "version": "0.0.0", "manifest_path": "/c/Cargo.toml", "publish": [], "targets": [], "keywords": [] },
        ]});
        let packages = packages(&metadata).unwrap();
        assert!(packages[0].published && !packages[1].published);
        assert_eq!(packages[0].library.as_deref(), Some(Path::new("/w/lib.rs")));
        assert_eq!(packages[1].library, None);
        assert_eq!(packages[0].rust.as_deref(), Some("1.89"));
        assert!(packages[1].lacks.contains(&"keywords"));
        assert!(!packages[0].lacks.contains(&"readme"));
    }
}
