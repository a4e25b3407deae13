//! Which operations may be sent twice although their method promises nothing: a person's choice, by pattern.

use std::collections::BTreeMap;

use super::OperationNote;
use crate::config::Config;
use crate::error::Problems;
use crate::pattern::matches;
use crate::pointer::Pointer;

/// The methods that promise it by themselves.
const PROMISING: &[&str] = &["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "QUERY"];

/// Whether a person says that the operation may be.
pub(super) fn is_chosen(config: &Config, method: &str, path: &str) -> bool {
    let mut patterns = config.repeatable.operations.iter();
    !PROMISING.contains(&method) && {
        let operation = format!("{method} {path}");
        patterns.any(|pattern| matches(pattern, &operation))
    }
}

/// A pattern that matches nothing else than what promises it already is stale.
pub(super) fn check(
    config: &Config,
    notes: &BTreeMap<String, OperationNote>,
    stale: &mut Problems,
) {
    for pattern in &config.repeatable.operations {
        let mut chosen = notes.values().filter(|note| note.repeatable);
        if !chosen.any(|note| matches(pattern, &format!("{} {}", note.method, note.path))) {
            let rule = format!(
                "diptych.toml calls `{pattern}` repeatable, but it matches no operation whose method does not \
                 promise that already"
            );
            stale.add(Pointer::root().child("paths"), rule);
        }
    }
}
