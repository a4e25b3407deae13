//! All snapshots that differ, in one run, with what breaks users first.
//!
//! insta stops a test at the first snapshot that differs. A reviewer of a new version wants all of them, and to know
//! first how many lines are gone: a removed or changed line breaks users, an added one does not.

mod change;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::change::Change;

/// Compares texts with the snapshots `<name>.snap` in a folder, and gives each that differs to `assert`, which is to call
/// insta's macro: it knows what to write for `cargo insta review`.
///
/// # Panics
///
/// With what differs, unless `assert` accepted it; and when a snapshot whose name begins with `prefix` has no text.
pub fn review(
    folder: &Path,
    prefix: &str,
    texts: &BTreeMap<String, String>,
    assert: impl Fn(&str, &str),
) {
    let changes: Vec<Change> = texts
        .iter()
        .filter_map(|(name, text)| Change::between(name, &snapshot(folder, name), text))
        .collect();
    let stale = stale(folder, prefix, texts);
    if changes.is_empty() && stale.is_empty() {
        return;
    }
    let changes = breaking_first(&changes);
    println!("{}", describe(prefix, &changes, &stale));
    let mut is_accepted = stale.is_empty();
    for change in &changes {
        let text = &texts[&change.name];
        is_accepted &= catch_unwind(AssertUnwindSafe(|| assert(&change.name, text))).is_ok();
    }
    assert!(
        is_accepted,
        "{}; the lines are above",
        summary(prefix, &changes, &stale)
    );
}

/// What was reviewed; nothing where there is no snapshot yet.
fn snapshot(folder: &Path, name: &str) -> String {
    let text = fs::read_to_string(folder.join(format!("{name}.snap"))).unwrap_or_default();
    // The head stands between two lines of dashes.
    text.splitn(3, "---\n")
        .last()
        .unwrap_or_default()
        .to_owned()
}

/// Snapshots of things that are no more.
fn stale(folder: &Path, prefix: &str, texts: &BTreeMap<String, String>) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.strip_suffix(".snap").map(str::to_owned)
    });
    let mut stale: Vec<_> = names
        .filter(|name| name.starts_with(prefix) && !texts.contains_key(name))
        .collect();
    stale.sort();
    stale
}

fn summary(prefix: &str, changes: &[&Change], stale: &[String]) -> String {
    let removed: usize = changes.iter().map(|change| change.removed).sum();
    let added: usize = changes.iter().map(|change| change.added).sum();
    let mut text = format!(
        "{prefix}*: {removed} lines removed or changed, which breaks users, and {added} added, in {} snapshots",
        changes.len()
    );
    if !stale.is_empty() {
        let _ = write!(
            text,
            "; delete what nothing makes any more: {}",
            stale.join(", ")
        );
    }
    text
}

fn breaking_first(changes: &[Change]) -> Vec<&Change> {
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|change| Reverse(change.removed));
    changes
}

fn describe(prefix: &str, changes: &[&Change], stale: &[String]) -> String {
    let mut text = summary(prefix, changes, stale);
    for change in changes {
        let Change {
            name,
            removed,
            added,
            lines,
        } = change;
        let _ = write!(
            text,
            "\n\n{name}: {removed} removed, {added} added\n{}",
            lines.join("\n")
        );
    }
    text
}

#[cfg(test)]
mod tests;
