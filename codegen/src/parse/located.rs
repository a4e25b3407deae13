//! Where a place of a description stands in its text.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::walked::{self, Look};
use super::yaml;
use crate::pointer::Pointer;

/// A place in a text: its line and the character in it, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// The position of each pointer, or of the innermost of the keys on its way that are there; nothing where none is.
pub(crate) fn positions(text: &str, pointers: &[&Pointer]) -> Vec<Option<Position>> {
    let found = yaml::on_large_stack(|| look(text, pointers));
    found.unwrap_or_else(|_| vec![None; pointers.len()])
}

fn look(text: &str, pointers: &[&Pointer]) -> Vec<Option<Position>> {
    let keys: Vec<Vec<String>> = pointers.iter().map(|it| it.keys().collect()).collect();
    let wanted = keys.iter().map(Vec::as_slice).enumerate().collect();
    let found = RefCell::new(vec![None; pointers.len()]);
    walked::walk(text, Seek::new(wanted, &found));
    found.into_inner()
}

/// Looks for what is left of some pointers, each with its number.
struct Seek<'s> {
    wanted: Vec<(usize, &'s [String])>,
    /// Made once for all keys of a place: there may be as many pointers as keys.
    below: OnceCell<Below<'s>>,
    found: &'s RefCell<Vec<Option<Position>>>,
}

/// What is to be looked for below each key.
type Below<'s> = HashMap<&'s str, Vec<(usize, &'s [String])>>;

impl<'s> Seek<'s> {
    fn new(wanted: Vec<(usize, &'s [String])>, found: &'s RefCell<Vec<Option<Position>>>) -> Self {
        let below = OnceCell::new();
        Self {
            wanted,
            below,
            found,
        }
    }

    fn at(&self, key: &str) -> Self {
        let below = self.below.get_or_init(|| below(&self.wanted));
        Self::new(below.get(key).cloned().unwrap_or_default(), self.found)
    }
}

fn below<'s>(wanted: &[(usize, &'s [String])]) -> Below<'s> {
    let mut below = Below::new();
    for (number, keys) in wanted {
        if let Some((first, rest)) = keys.split_first() {
            let same = below.entry(first.as_str()).or_default();
            same.push((*number, rest));
        }
    }
    below
}

impl Look for Seek<'_> {
    fn is_over(&self) -> bool {
        self.wanted.iter().all(|(_, keys)| keys.is_empty())
    }

    fn item(&self, index: usize) -> Self {
        self.at(&index.to_string())
    }

    fn entry(&self, key: Option<&str>, position: Position) -> Self {
        let below = self.at(key.unwrap_or_default());
        for (number, _) in &below.wanted {
            self.found.borrow_mut()[*number] = Some(position);
        }
        below
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, positions};
    use crate::pointer::Pointer;

    fn position(text: &str, pointer: &str) -> Option<(u64, u64)> {
        let found = positions(text, &[&Pointer::from(pointer)]);
        found[0].map(|Position { line, column }| (line, column))
    }

    #[test]
    fn a_key_has_a_line_and_a_column() {
        let yaml = "a: 1\npaths:\n  /b~c/d:\n    get:\n      - x: 1\n      - x: [{y: 2}]\n";
        assert_eq!(position(yaml, "/paths/~1b~0c~1d/get"), Some((4, 5)));
        assert_eq!(position(yaml, "/paths/~1b~0c~1d/get/1/x"), Some((6, 9)));
        assert_eq!(
            position(yaml, "/paths/~1b~0c~1d/get/1/x/0/y"),
            Some((6, 14))
        );
        let json = "{\n  \"a\": {\"ä\": [],\n    \"b\": null}\n}";
        assert_eq!(position(json, "/a/b"), Some((3, 5)));
    }

    #[test]
    fn what_is_not_there_is_missing_in_what_is() {
        let yaml = "info:\n  title: t\n";
        assert_eq!(position(yaml, "/info/version"), Some((1, 1)));
        assert_eq!(position(yaml, "/gone"), None);
        assert_eq!(position("{", "/gone"), None);
        assert_eq!(position("", ""), None);
    }
}
