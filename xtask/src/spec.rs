//! `spec/`: the `OpenAPI` document exactly as the pinned prefect package gives it, and where it came from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::digest::sha256;
use crate::process::capture;
use crate::python::{self, Lock};
use crate::workspace::Workspace;

const SCRIPT: &str = include_str!("../python/openapi.py");

/// Writes the document of the pinned version, or of `version` and the packages of its day, which are the pins then.
pub(crate) fn run(workspace: &Workspace, version: Option<&str>) -> Result<()> {
    let (python, lock) = match version {
        None => (python::pinned(workspace)?, Lock::pinned(workspace)?),
        Some(version) => python::release(workspace, version)?,
    };
    let version = lock.prefect()?;
    let Described { document, api } = describe(workspace, &python, version)?;

    // Nothing in spec/ changes before everything that can fail on the Python side has succeeded.
    let directory = workspace.spec();
    let name = format!("prefect-{version}.json");
    replace(&directory.join(&name), &document)?;
    replace(
        &directory.join("SOURCE.toml"),
        source(version, &api, &name, &document).as_bytes(),
    )?;
    replace(&Lock::file(workspace), lock.text().as_bytes())?;
    for old in documents(workspace)?
        .into_iter()
        .filter(|path| !path.ends_with(&name))
    {
        fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
        eprintln!("removed   {}", old.display());
    }
    if let Err(error) = announces(workspace, &api) {
        eprintln!("warning: {error}");
    }
    Ok(())
}

/// What a release says of its API.
struct Described {
    document: Vec<u8>,
    /// The version that its client announces.
    api: String,
}

/// The one document in `spec/`.
pub(crate) fn document_path(workspace: &Workspace) -> Result<PathBuf> {
    match <[PathBuf; 1]>::try_from(documents(workspace)?) {
        Ok([document]) => Ok(document),
        Err(found) => bail!(
            "spec/ holds {} documents in place of one; `cargo xtask spec` mends that",
            found.len()
        ),
    }
}

/// Fails when the description is not the one that SOURCE.toml speaks of, as somebody has edited it, or when the client
/// announces another version of the API.
pub(crate) fn verify(workspace: &Workspace) -> Result<()> {
    let document = document_path(workspace)?;
    let bytes =
        fs::read(&document).with_context(|| format!("cannot read {}", document.display()))?;
    let source = workspace.spec().join("SOURCE.toml");
    let said =
        fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let line = format!("sha256 = \"{}\"", sha256(&bytes));
    if !said.lines().any(|found| found == line) {
        bail!(
            "{} is not as it was given: its sha256 is not what SOURCE.toml says; `cargo xtask spec` mends that",
            document.display()
        );
    }
    let api = said
        .lines()
        .find_map(|line| line.strip_prefix("api-version = \"")?.strip_suffix('"'))
        .context("SOURCE.toml says no `api-version`; `cargo xtask spec` mends that")?;
    announces(workspace, api)
}

/// Whether the client announces this version of the API.
fn announces(workspace: &Workspace, api: &str) -> Result<()> {
    let path = workspace.root.join("src/connection.rs");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if !text.contains(&format!("API_VERSION: &str = \"{api}\";")) {
        bail!(
            "the release in spec/ has version {api} of the API: write that to API_VERSION in src/connection.rs"
        );
    }
    Ok(())
}

fn describe(workspace: &Workspace, python: &Path, version: &str) -> Result<Described> {
    let scratch = workspace.scratch()?;
    let file = scratch.path().join("openapi.json");
    eprintln!("asking prefect {version} for its OpenAPI document");
    let told = capture(
        python::isolated(python, &scratch)
            .args(["-c", SCRIPT])
            .arg(&file),
    )
    .with_context(|| {
        format!("prefect {version} is installed, but does not give its OpenAPI document")
    })?;
    let told = String::from_utf8_lossy(&told.stdout);
    let api = told.lines().last().unwrap_or_default().trim().to_owned();
    let document = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let parsed: Value =
        serde_json::from_slice(&document).context("the OpenAPI document is not JSON")?;
    match parsed["info"]["version"].as_str() {
        Some(told) if told == version => Ok(Described { document, api }),
        told => bail!("the document of prefect {version} says that its version is {told:?}"),
    }
}

fn source(version: &str, api: &str, document: &str, bytes: &[u8]) -> String {
    format!(
        "\
# Written by `cargo xtask spec`; do not edit.
package = \"prefect\"
version = \"{version}\"
api-version = \"{api}\"
document = \"{document}\"
sha256 = \"{}\"
licence = \"Apache-2.0\"
requirements = \"requirements.txt\"
made-by = \"prefect.server.api.server.create_app().openapi(), unchanged, with two spaces of indentation\"
",
        sha256(bytes)
    )
}

fn documents(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let directory = workspace.spec();
    let entries =
        fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot read {}", directory.display()))?
            .path();
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        if is_json
            && path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"prefect-"))
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Puts the whole file in place at once, and leaves a file that is equal alone.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        eprintln!("unchanged {}", path.display());
        return Ok(());
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("wrote     {}", path.display());
    Ok(())
}
