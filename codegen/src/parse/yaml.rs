//! YAML to JSON, with the habits of those who write it.

use std::cell::Cell;

use serde::de::{Deserialize as _, DeserializeSeed, Deserializer, Error};
use serde_saphyr::Spanned;

use crate::json::{Key, Reading, Value};

/// The bytes of the stack on which a description is read that is as deep as it may be.
const STACK: usize = 64 << 20;

/// `OpenAPI` asks for YAML 1.2, where `no` is a word and Norway a country. Reading what is deep takes more stack than a thread
/// may have, so it has one of its own.
pub(super) fn read(text: &str) -> Result<Value, serde_saphyr::Error> {
    on_large_stack(|| read_here(text)).unwrap_or_else(|error| Err(Error::custom(error)))
}

/// Does something on a thread with much stack.
pub(crate) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(scope, work)?.join() {
            Ok(done) => Ok(done),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn read_here(text: &str) -> Result<Value, serde_saphyr::Error> {
    let first = serde_saphyr::from_str_with_options(text, options());
    let Err(error) = first else { return first };
    if matches!(error.without_snippet(), serde_saphyr::Error::Budget { .. }) {
        return Err(error);
    }
    // A key that looks like null, such as a component of that name, is refused where keys are texts.
    let met = Cell::new(false);
    let name = Name { text, met: &met };
    let again = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |de| {
        Reading(name).deserialize(de)
    });
    if met.get() { again } else { Err(error) }
}

/// Large descriptions have millions of nodes. What aliases repeat is bounded by what they come to, and not by how many there
/// are of one anchor: descriptions repeat their parameters on each operation.
pub(super) fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 127,
            max_events: 40_000_000,
            max_nodes: 10_000_000,
            max_total_scalar_bytes: 256 << 20,
            max_merge_keys: 100_000,
            // Merging takes the square of what is merged: of Fibonacci's maps, a million took ten seconds.
            max_recorded_anchor_events: 300_000,
            enforce_alias_anchor_ratio: false,
        },
        strict_booleans: true,
        // What comes twice is said with both lines.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        // JSON has no infinity; what a description says of one is nothing.
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
    }
}

/// Reads a key, which may look like null; `met` says whether one did.
#[derive(Clone, Copy)]
struct Name<'t> {
    text: &'t str,
    met: &'t Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        let key = Spanned::<Option<String>>::deserialize(deserializer)?;
        let span = key.referenced.span();
        let name = key.value.unwrap_or_else(|| {
            self.met.set(true);
            let start = span.byte_offset().unwrap_or_default();
            let start = usize::try_from(start).unwrap_or_default();
            let rest = self.text.get(start..).unwrap_or_default();
            let word = rest.split(|c: char| !c.is_alphabetic() && c != '~').next();
            word.unwrap_or_default().to_owned()
        });
        Ok(name.into())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::read;

    #[test]
    fn one_anchor_may_have_any_number_of_aliases() {
        let mut text = "a: &a { x: 1 }\nb:\n".to_owned();
        for _ in 0..5_000 {
            text.push_str("  - *a\n");
        }
        assert_eq!(
            read(&text).unwrap()["b"].as_array().map(Vec::len),
            Some(5_000)
        );
    }

    #[test]
    fn aliases_of_aliases_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(text, "a{level}: &a{level} [{items}]").unwrap();
        }
        assert!(read(&text).is_err());
    }

    #[test]
    fn a_large_description_is_read() {
        let mut text = String::new();
        for index in 0..130_000 {
            writeln!(text, "k{index}: 1").unwrap();
        }
        assert_eq!(
            read(&text).unwrap().as_object().map(crate::json::Map::len),
            Some(130_000)
        );
    }

    #[test]
    fn it_may_be_as_deep_as_json() {
        let mut text = String::new();
        for level in 0..120 {
            writeln!(text, "{}k:", " ".repeat(level)).unwrap();
        }
        assert!(read(&text).is_ok());
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(&deep).is_err());
    }
}
