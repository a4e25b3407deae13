//! One snapshot that differs.

use similar::{ChangeTag, TextDiff};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) name: String,
    pub(crate) removed: usize,
    pub(crate) added: usize,
    /// Lines with `-` or `+` before them.
    pub(crate) lines: Vec<String>,
}

impl Change {
    /// Nothing where the texts have the same lines; blank ones at the ends don't count, as for insta.
    pub(crate) fn between(name: &str, old: &str, new: &str) -> Option<Self> {
        let mut change = Self {
            name: name.to_owned(),
            removed: 0,
            added: 0,
            lines: Vec::new(),
        };
        let (old, new) = (lines(old), lines(new));
        for line in TextDiff::from_slices(&old, &new).iter_all_changes() {
            let sign = match line.tag() {
                ChangeTag::Equal => continue,
                ChangeTag::Delete => {
                    change.removed += 1;
                    '-'
                }
                ChangeTag::Insert => {
                    change.added += 1;
                    '+'
                }
            };
            change.lines.push(format!("{sign} {}", line.value()));
        }
        (!change.lines.is_empty()).then_some(change)
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.trim().lines().collect()
}
