//! The only part that touches files: reads the description, and brings a folder in line with what was generated.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::error::Problem;
use crate::package::Crate;
use crate::parse::Position;
use crate::pointer::Pointer;
use crate::write::{Files, MARK, STAMP};
use crate::{GenerateError, bundle, characters, parse};

/// What stands between a file's name and the process that writes it beside its place.
const BESIDE: &str = ".new-by-diptych-";

/// A file operation that failed, with the path.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}", path = path.display())]
pub struct DiskError {
    path: PathBuf,
    source: io::Error,
}

/// How a folder differs from what was generated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Files that are missing.
    pub added: Vec<String>,
    /// Files with other contents.
    pub changed: Vec<String>,
    /// Files that are no longer generated.
    pub removed: Vec<String>,
}

impl Difference {
    /// Whether the folder is as generated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// Adds a file of this name, where its text is another one than belongs there.
    fn compare(&mut self, path: &Path, name: &str, text: &str) -> Result<(), DiskError> {
        match fs::read(path) {
            Ok(found) if found == text.as_bytes() => {}
            Ok(_) => self.changed.push(name.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.added.push(name.to_owned());
            }
            Err(error) => return Err(at(path, error)),
        }
        Ok(())
    }

    /// Adds what differs below a crate's client.
    fn extend(&mut self, client: Self) {
        let below = |names: Vec<String>| names.into_iter().map(|name| format!("{CLIENT}/{name}"));
        self.added.extend(below(client.added));
        self.changed.extend(below(client.changed));
        self.removed.extend(below(client.removed));
    }
}

/// Reads a text file.
///
/// # Errors
///
/// When it can't be read, or is neither UTF-8, UTF-16 nor UTF-32.
pub fn read(path: &Path) -> Result<String, DiskError> {
    let text = fs::read(path).and_then(characters::text);
    text.map_err(|source| at(path, source))
}

/// The bytes of one of the files that a description refers to.
const LARGEST: u64 = 64 << 20;

/// Reads a description. What it refers to in other files, by paths relative to the file that has the reference, is put into
/// it; what cannot be found stays as it is.
///
/// # Errors
///
/// When the description can't be read, or what it refers to is neither JSON nor YAML, or too much.
pub fn read_description(path: &Path) -> Result<String, GenerateError> {
    let text = read(path)?;
    let Ok(root) = parse::read_text(&text) else {
        // What is wrong with it is said with its place later.
        return Ok(text);
    };
    if !bundle::is_needed(&root) {
        return Ok(text);
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let own = path.file_name().and_then(|name| name.to_str());
    let mut load = |name: &str| {
        let path = folder.join(name);
        // A device or a pipe may never end.
        let is_file = fs::metadata(&path).is_ok_and(|found| found.is_file());
        let file = is_file.then(|| fs::File::open(&path).ok())??;
        let mut bytes = Vec::new();
        let read = file.take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
        let is_whole = u64::try_from(read).is_ok_and(|read| read <= LARGEST);
        is_whole.then(|| characters::text(bytes).ok())?
    };
    let whole = bundle::bundle(root, own.unwrap_or_default(), &mut load)?;
    Ok(whole.to_string())
}

/// The problems of a description, each with its file and pointer, and below it the line that it is about, where it stands in
/// that file.
#[must_use]
pub fn located(description: &Path, problems: &[Problem]) -> Vec<String> {
    let text = if problems.is_empty() {
        String::new()
    } else {
        read(description).unwrap_or_default()
    };
    let pointers: Vec<&Pointer> = problems.iter().map(|problem| &problem.pointer).collect();
    let positions = parse::positions(&text, &pointers);
    let shown: Vec<&str> = text.lines().collect();
    let name = description.display();
    let lines = problems.iter().zip(positions).map(|(problem, position)| {
        let line = format!("{name}#{problem}");
        match position {
            Some(position) => format!("{line}\n{}", excerpt(&name.to_string(), &shown, position)),
            None => line,
        }
    });
    lines.collect()
}

/// The characters of a line that are shown.
const SHOWN: usize = 100;

/// The line at a position, as compilers show it.
fn excerpt(name: &str, lines: &[&str], position: Position) -> String {
    let Position { line, column } = position;
    let index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let before = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    // Of a line that is all of the file, a part.
    let skipped = before.saturating_sub(SHOWN / 2);
    let shown = lines.get(index).copied().unwrap_or_default();
    let shown: String = shown.chars().skip(skipped).take(SHOWN).collect();
    let margin = " ".repeat(line.to_string().len());
    let marked = " ".repeat(before - skipped);
    format!(
        "{margin}--> {name}:{line}:{column}\n{margin} |\n{line} | {}\n{margin} | {marked}^",
        shown.trim_end()
    )
}

/// The only JSON file directly in a folder: the description, where nobody names it.
///
/// # Errors
///
/// When the folder can't be read, or holds another number of JSON files.
pub fn only_description(folder: &Path) -> Result<PathBuf, DiskError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| at(folder, source))? {
        let path = entry.map_err(|source| at(folder, source))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
    if let (Some(only), true) = (found.pop(), found.is_empty()) {
        return Ok(only);
    }
    let words = "it must hold exactly one .json description";
    Err(at(folder, io::Error::other(words)))
}

/// How the folder differs from the files; a folder that does not exist is empty.
///
/// # Errors
///
/// When the folder can't be read.
pub fn compare(folder: &Path, files: &Files) -> Result<Difference, DiskError> {
    let mut difference = Difference::default();
    for (name, text) in files {
        difference.compare(&folder.join(name), name, text)?;
    }
    let mut found = BTreeSet::new();
    list(folder, "", &mut found)?;
    difference.removed = found
        .into_iter()
        .filter(|name| !files.contains_key(name))
        .collect();
    Ok(difference)
}

/// Brings the folder in line with the files. Files that are equal are not touched; each other one is written beside
/// its place and then renamed, so that no reader sees half a file.
///
/// # Errors
///
/// When the folder holds a file that diptych did not write; then nothing is touched. When a file can't be written or
/// removed; files before it are in place.
pub fn update(folder: &Path, files: &Files) -> Result<Difference, DiskError> {
    let difference = compare(folder, files)?;
    // Where diptych was before, its own files may have been edited; elsewhere nothing is its to replace.
    let is_known = folder.join(STAMP).exists();
    let replaced = difference.changed.iter().filter(|_| !is_known);
    for name in difference.removed.iter().chain(replaced) {
        check_ours(&folder.join(name))?;
    }
    for name in difference.added.iter().chain(&difference.changed) {
        replace(&folder.join(name), &files[name])?;
    }
    for name in &difference.removed {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|source| at(&path, source))?;
    }
    Ok(difference)
}

/// Brings a crate's folder in line: the client and its test always, and everything else where it is not there. Nothing is
/// touched where a file is in the way that diptych did not write.
///
/// # Errors
///
/// As [`update`].
pub fn update_crate(folder: &Path, whole: &Crate) -> Result<Difference, DiskError> {
    for name in whole.tests.keys() {
        let path = folder.join("tests").join(name);
        if path.exists() {
            check_ours(&path)?;
        }
    }
    let client = update(&folder.join(CLIENT), &whole.client)?;
    let mut difference = compare_crate(folder, whole)?;
    for name in difference.added.iter().chain(&difference.changed) {
        let test = || whole.tests.get(name.strip_prefix("tests/")?);
        if let Some(text) = whole.once.get(name).or_else(test) {
            replace(&folder.join(name), text)?;
        }
    }
    difference.extend(client);
    Ok(difference)
}

/// How a crate's folder differs from what was generated. What is a person's only has to be there.
///
/// # Errors
///
/// When the folder can't be read.
pub fn compare_crate(folder: &Path, whole: &Crate) -> Result<Difference, DiskError> {
    let mut difference = Difference::default();
    difference.extend(compare(&folder.join(CLIENT), &whole.client)?);
    for name in whole.once.keys().filter(|name| !folder.join(name).exists()) {
        difference.added.push(name.clone());
    }
    for (name, text) in &whole.tests {
        let name = format!("tests/{name}");
        difference.compare(&folder.join(&name), &name, text)?;
    }
    Ok(difference)
}

/// Where a crate has its client.
const CLIENT: &str = "src/api";

/// Writes a file beside the one that it takes the place of, and renames it; one that is so already is not touched.
///
/// # Errors
///
/// When it cannot be read or written. The one that was there stays then.
pub fn write(path: &Path, text: &str) -> Result<(), DiskError> {
    match fs::read(path) {
        Ok(found) if found == text.as_bytes() => Ok(()),
        _ => replace(path, text),
    }
}

/// What diptych did not write is not its to remove: somebody may have named the wrong folder.
fn check_ours(path: &Path) -> Result<(), DiskError> {
    let start = MARK.as_bytes();
    let text = fs::read(path).map_err(|source| at(path, source))?;
    let is_leftover = path.to_string_lossy().contains(BESIDE);
    if text.starts_with(start) || is_leftover {
        return Ok(());
    }
    let words = "diptych did not write it; move it away, or name another folder to write to";
    Err(at(path, io::Error::other(words)))
}

fn replace(path: &Path, text: &str) -> Result<(), DiskError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|source| at(parent, source))?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!("{BESIDE}{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    written.map_err(|source| {
        // What went wrong is reported; the leftover is only tidied away.
        let _ = fs::remove_file(&beside);
        at(path, source)
    })
}

fn list(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) -> Result<(), DiskError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at(folder, error)),
    };
    for entry in entries {
        let entry = entry.map_err(|source| at(folder, source))?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry
            .file_type()
            .map_err(|source| at(&entry.path(), source))?;
        if kind.is_dir() {
            list(&entry.path(), &format!("{name}/"), found)?;
        } else {
            found.insert(name);
        }
    }
    Ok(())
}

fn at(path: &Path, source: io::Error) -> DiskError {
    DiskError {
        path: path.to_owned(),
        source,
    }
}
