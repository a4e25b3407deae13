//! Which operations may be sent twice although their method promises nothing: a person's choice, by pattern.

use std::collections::BTreeMap;

use super::OperationNote;
use crate::config::Config;
use crate::error::Problems;
use crate::pointer::Pointer;

/// The methods that promise it by themselves.
const PROMISING: &[&str] = &["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"];

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

/// Whether the text is the pattern, in which `*` stands for any text. Each part is looked for as far to the front as
/// can be, which finds a match whenever there is one.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((front, pattern)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut rest) = text.strip_prefix(front) else {
        return false;
    };
    let (middle, end) = pattern.rsplit_once('*').unwrap_or(("", pattern));
    for part in middle.split('*') {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let text = "POST /flows/{id}/filter";
        for pattern in [
            text,
            "*",
            "**",
            "POST *",
            "POST */filter",
            "POST /flows/*/filter",
            "P*/*/*ter",
            "*POST /flows/{id}/filter*",
        ] {
            assert!(matches(pattern, text), "{pattern}");
        }
        for pattern in [
            "",
            "POST",
            "*/filters",
            "GET *",
            "POST /flows/{id}/filter*r",
            "*id*id*",
        ] {
            assert!(!matches(pattern, text), "{pattern}");
        }
    }
}
