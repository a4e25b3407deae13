//! What the server did not take, until somebody is told.

use std::collections::VecDeque;

use crate::{Error, Rejected};

/// What the server did not take, until somebody is told.
#[derive(Debug, Default)]
pub(super) struct Rejections {
    /// The newest ones.
    kept: VecDeque<Rejected>,
    /// How many there were ever.
    count: u64,
    /// How many of them somebody was told of.
    told: u64,
}

/// What somebody is told.
pub(super) struct Told {
    count: u64,
    rejected: Vec<Rejected>,
}

/// Of how many more is known than their number.
const MOST_KEPT: usize = 1000;

/// How many an error's text names.
const SHOWN: usize = 5;

impl Rejections {
    pub(super) fn add(&mut self, rejected: Rejected) {
        if self.kept.len() >= MOST_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(rejected);
        self.count += 1;
    }

    /// How many somebody was told of.
    pub(super) fn told(&self) -> u64 {
        self.told
    }

    /// Those after the first so many, for somebody who began to wait then. Others who wait since then are told as well.
    pub(super) fn tell(&mut self, after: u64) -> Option<Told> {
        let count = self.count.saturating_sub(after);
        if count == 0 {
            return None;
        }
        self.told = self.count;
        let new = usize::try_from(count).unwrap_or(usize::MAX);
        let others = self.kept.len().saturating_sub(new);
        Some(Told {
            count,
            rejected: self.kept.iter().skip(others).cloned().collect(),
        })
    }
}

impl Told {
    pub(super) fn error(self, what: &str, address: &str) -> Error {
        let named: Vec<String> = self.rejected.iter().take(SHOWN).map(shown).collect();
        let shown = named.len() as u64;
        let more = match self.count - shown {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let text = format!(
            "{} {what} were not taken by {address}: {}{more}",
            self.count,
            named.join("; ")
        );
        Error::rejecting(text, self.rejected)
    }
}

fn shown(rejected: &Rejected) -> String {
    let Rejected { id, name, reason } = rejected;
    match id {
        Some(id) => format!("`{name}` ({id}): {reason}"),
        None => format!("{name}: {reason}"),
    }
}
