//! Keys that an object of the description has twice: the last one is read, and that is said.

use std::cell::RefCell;
use std::collections::HashMap;

use super::walked::{self, Look};
use super::{Position, yaml};
use crate::error::Problem;
use crate::json::{TWICE, Value};
use crate::pointer::Pointer;

/// How many are named.
const NAMED: usize = 100;

/// Takes the marks out again that reading leaves where a key comes twice, and names these keys with their lines.
pub(super) fn take(document: &mut Value, text: &str) -> Vec<Problem> {
    let mut marked = Vec::new();
    unmark(document, &Pointer::root(), &mut marked);
    let look = || {
        let found = RefCell::default();
        walked::walk(text, Twice::below(Pointer::root(), &found));
        found.into_inner()
    };
    // Without a thread, the objects are named.
    let found = yaml::on_large_stack(look).unwrap_or_default();
    if found.is_empty() {
        let rule = "a key of this object comes twice; what it says first is passed over";
        let named = |pointer| Problem {
            pointer,
            rule: rule.to_owned(),
        };
        return marked.into_iter().take(NAMED).map(named).collect();
    }
    found
}

fn unmark(value: &mut Value, place: &Pointer, marked: &mut Vec<Pointer>) {
    match value {
        Value::Object(map) => {
            if map.remove(TWICE).is_some() {
                marked.push(place.clone());
            }
            for (key, child) in map.iter_mut() {
                unmark(child, &place.child(key), marked);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter_mut().enumerate() {
                unmark(child, &place.child(index), marked);
            }
        }
        _ => {}
    }
}

/// Looks for keys that come twice below a place.
struct Twice<'l> {
    place: Pointer,
    /// The line of each key that was met here.
    lines: RefCell<HashMap<String, u64>>,
    found: &'l RefCell<Vec<Problem>>,
}

impl<'l> Twice<'l> {
    fn below(place: Pointer, found: &'l RefCell<Vec<Problem>>) -> Self {
        let lines = RefCell::default();
        Self {
            place,
            lines,
            found,
        }
    }
}

impl Look for Twice<'_> {
    fn item(&self, index: usize) -> Self {
        Self::below(self.place.child(index), self.found)
    }

    fn entry(&self, key: Option<&str>, Position { line, .. }: Position) -> Self {
        let name = key.unwrap_or("null");
        let place = self.place.child(name);
        let first = self.lines.borrow_mut().insert(name.to_owned(), line);
        let mut found = self.found.borrow_mut();
        if let Some(first) = first
            && found.len() < NAMED
        {
            found.push(Problem {
                pointer: place.clone(),
                rule: format!(
                    "the key stands in lines {first} and {line} of one object; what line {first} says is passed over"
                ),
            });
        }
        Self::below(place, self.found)
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::parse_and_tell;

    #[test]
    fn a_key_that_comes_twice_is_named_with_both_lines() {
        let yaml = "openapi: 3.1.0\npaths:\n  /a: {get: {}}\n  /b: &b {x: 1}\n  /a:\n    <<: *b\n    x: 2\n    post: {}\n";
        let json = "{\"openapi\": \"3.1.0\",\n\"paths\": {\"/a\": {\"get\": {}},\n\"/b\": {\"x\": 1},\n\n\"/a\": {\"post\": {}, \"x\": 2}}}";
        for (text, lines) in [(yaml, "3 and 5"), (json, "2 and 5")] {
            let (document, twice) = parse_and_tell(text).unwrap();
            let expected = crate::json::json!({ "post": {}, "x": 2 });
            assert_eq!(document["paths"]["/a"], expected);
            let [only] = twice.as_slice() else {
                panic!("{twice:?}");
            };
            assert_eq!(only.pointer.as_str(), "/paths/~1a");
            assert!(
                only.rule.contains(&format!("lines {lines} ")),
                "{}",
                only.rule
            );
        }
        let (_, twice) = parse_and_tell("openapi: 3.1.0\npaths: {}\n").unwrap();
        assert!(twice.is_empty());
    }
}
