//! What this process takes of the machine, and tables.

use std::collections::BTreeMap;
use std::fs;

/// In kB; 0 where the system does not say so.
pub(crate) fn memory_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn entries(path: &str) -> usize {
    fs::read_dir(path).map_or(0, Iterator::count)
}

pub(crate) fn threads() -> usize {
    entries("/proc/self/task")
}

pub(crate) fn files() -> usize {
    entries("/proc/self/fd")
}

/// A line of a table: the cells to the right, but for the first.
pub(crate) fn row(cells: &[&dyn std::fmt::Display]) {
    let line: Vec<String> = cells.iter().map(|cell| format!("{cell:>12}")).collect();
    println!("{}", line.join(" "));
}

/// How often there is each.
pub(crate) fn counted(names: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}
