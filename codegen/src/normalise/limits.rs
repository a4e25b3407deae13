//! Moves limits on values into words: the client says them in its docs, the server checks them.
//!
//! 3.1's numeric `exclusiveMinimum` has no place in 3.0 as it is, and typify would turn limits into types of their own
//! (`NonZeroU64`, a newtype for each pattern) that no user asked for.

use serde_json::{Map, Value};

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::notes::{note, read};
use crate::walk::each_schema;

const WORDS: &[(&str, &str)] = &[
    ("minimum", "at least"),
    ("maximum", "at most"),
    ("exclusiveMinimum", "more than"),
    ("exclusiveMaximum", "less than"),
    ("multipleOf", "a multiple of"),
    ("minLength", "characters: at least"),
    ("maxLength", "characters: at most"),
    ("pattern", "must match"),
    ("minItems", "items: at least"),
    ("maxItems", "items: at most"),
    ("minProperties", "entries: at least"),
    ("maxProperties", "entries: at most"),
];

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut lost = Vec::new();
    each_schema(&mut document.root, &mut |_, schema| {
        let limits = take_limits(schema);
        if limits.is_empty() {
            return;
        }
        lost.push((read(schema).source, limits.join(", ")));
        note(schema, |note| note.limits = limits);
    });
    for (pointer, limits) in lost {
        document.lose(
            pointer,
            format!("limit: {limits}"),
            "documented, and left to the server to check",
        );
    }
    Ok(())
}

fn take_limits(schema: &mut Map<String, Value>) -> Vec<String> {
    exclusive_flags(schema);
    let mut limits = Vec::new();
    for (key, words) in WORDS {
        match schema.remove(*key) {
            Some(Value::String(text)) => limits.push(format!("{words} `{text}`")),
            Some(Value::Number(number)) => limits.push(format!("{words} {}", plain(&number))),
            _ => {}
        }
    }
    if schema.remove("uniqueItems") == Some(Value::Bool(true)) {
        limits.push("no item twice".to_owned());
    }
    limits
}

/// 3.0 says `exclusiveMinimum: true` beside `minimum`; both versions end in the same words.
fn exclusive_flags(schema: &mut Map<String, Value>) {
    for (flag, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if schema.get(flag) == Some(&Value::Bool(true))
            && let Some(value) = schema.remove(bound)
        {
            schema.insert(flag.to_owned(), value);
        }
    }
}

/// `0.0` is said as `0`.
fn plain(number: &serde_json::Number) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
