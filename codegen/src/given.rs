//! Descriptions by what the command line calls them: a file, or a file of a git revision.

use std::io;
use std::path::Path;
use std::process::Command;

use diptych::disk;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// The choices for a description in a file: those that are named, or those beside it, which may be nothing.
pub(crate) fn choices(description: &Path, config: Option<&Path>) -> Fallible<String> {
    let beside = description.with_file_name("diptych.toml");
    match config {
        Some(path) => Ok(disk::read(path)?),
        None if beside.exists() => Ok(disk::read(&beside)?),
        None => Ok(String::new()),
    }
}

/// The description and its choices, which are beside it in the same revision if no file is named.
pub(crate) fn read(name: &str, config: Option<&Path>) -> Fallible<(String, String)> {
    let path = Path::new(name);
    let revision = name.split_once(':').filter(|_| !path.exists());
    let Some((revision, path)) = revision else {
        return Ok((disk::read_description(path)?, choices(path, config)?));
    };
    let beside = match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/diptych.toml"),
        None => "diptych.toml".to_owned(),
    };
    let description = show(revision, path)?;
    let choices = match config {
        Some(path) => disk::read(path)?,
        // A revision without choices has none.
        None => show(revision, &beside).unwrap_or_default(),
    };
    Ok((description, choices))
}

fn show(revision: &str, path: &str) -> Fallible<String> {
    let name = format!("{revision}:{path}");
    let cannot = |why: &dyn std::fmt::Display| format!("{name}: {why}");
    let mut git = Command::new("git");
    // After it, nothing is an option.
    let told = git.args(["show", "--end-of-options", &name]).output();
    let told = told.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            cannot(&"there is no such file, and no git to look for a revision")
        }
        _ => cannot(&error),
    })?;
    if !told.status.success() {
        let why = String::from_utf8_lossy(&told.stderr).trim().to_owned();
        return Err(cannot(&format!("there is no such file, and git says: {why}")).into());
    }
    Ok(String::from_utf8(told.stdout).map_err(|error| cannot(&error))?)
}
