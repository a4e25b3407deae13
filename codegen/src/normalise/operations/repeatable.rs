//! Which operations may be sent twice although their method promises nothing: a person's choice, by pattern.

use std::collections::BTreeMap;

use super::OperationNote;
use crate::config::Config;
use crate::error::Problems;
use crate::pattern::matches;
use crate::pointer::Pointer;

/// The methods that promise it by themselves.
const PROMISING: &[&str] = &["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "QUERY"];

/// Marks what the patterns match. A pattern that marks nothing is stale.
pub(super) fn mark(
    config: &Config,
    notes: &mut BTreeMap<String, OperationNote>,
    stale: &mut Problems,
) {
    for pattern in &config.repeatable.operations {
        let mut marks = false;
        for note in notes.values_mut() {
            let promises = PROMISING.contains(&note.method.as_str());
            if !promises && matches(pattern, &format!("{} {}", note.method, note.path)) {
                note.repeatable = true;
                marks = true;
            }
        }
        if !marks {
            let rule = format!(
                "diptych.toml calls `{pattern}` repeatable, but it matches no operation whose method does not \
                 promise that already"
            );
            stale.add(Pointer::root().child("paths"), rule);
        }
    }
}
