//! The files of `generated/`, and what a build that writes them changed.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Their bytes at one time.
pub(crate) struct Bindings {
    root: PathBuf,
    files: Files,
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

impl Bindings {
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        Ok(Self {
            root: workspace.root.clone(),
            files: files(workspace.root.join("generated"))?,
        })
    }

    /// A line for each file that is another one in `later`, or is not there in one of them.
    pub(crate) fn changes(&self, later: &Self) -> Vec<String> {
        let changes = changes(&self.files, &later.files).into_iter();
        changes
            .map(|(path, change)| {
                let path = path.strip_prefix(&self.root).unwrap_or(&path);
                format!("{change:<8} {}", path.display())
            })
            .collect()
    }
}

fn files(directory: PathBuf) -> Result<Files> {
    let mut found = Files::new();
    let mut open = vec![directory];
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
