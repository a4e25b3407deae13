//! Moves limits on values into words: the client says them in its docs, the server checks them.
//!
//! 3.1's numeric `exclusiveMinimum` has no place in 3.0 as it is, and other readers would turn limits into types of their
//! own (`NonZeroU64`, a newtype for each pattern) that no user asked for.

use std::collections::BTreeSet;

use super::Document;
use super::kinds::kind;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::notes::{self, note};
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

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut lost = Vec::new();
    each_schema(&mut document.root, &mut |_, schema| {
        let limits = take_limits(schema);
        if limits.is_empty() {
            return;
        }
        lost.push((notes::source(schema), limits.join(", ")));
        note(schema, |note| note.limits.extend(limits));
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

/// Whether the key says a limit.
pub(super) fn is_limit(key: &str) -> bool {
    WORDS.iter().any(|(known, _)| *known == key)
}

/// Whether the key says a limit of the values of a kind, which is a text, a number or neither.
pub(super) fn is_limit_of(key: &str, kind: &str) -> bool {
    let of_texts = ["minLength", "maxLength", "pattern"].contains(&key);
    let of_others = key.ends_with("Items") || key.ends_with("Properties");
    match kind {
        "string" => of_texts,
        "integer" | "number" => is_limit(key) && !of_texts && !of_others,
        _ => false,
    }
}

fn take_limits(schema: &mut Map) -> Vec<String> {
    exclusive_flags(schema);
    widen(schema);
    let mut limits = Vec::new();
    for (key, words) in WORDS {
        match schema.remove(key) {
            Some(Value::String(text)) => limits.push(format!("{words} `{text}`")),
            Some(Value::Number(number)) => limits.push(format!("{words} {}", plain(&number))),
            _ => {}
        }
    }
    limits.extend(take_enum(schema));
    if schema.remove("not").is_some() {
        limits.push("not what the description excludes (`not`)".to_owned());
    }
    if schema.remove("uniqueItems") == Some(Value::Bool(true)) {
        limits.push("no item twice".to_owned());
    }
    limits
}

/// A whole number gets the bits that its limits ask for, where the format has too few.
pub(super) fn widen(schema: &mut Map) {
    if schema.get("type") != Some(&json!("integer")) {
        return;
    }
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let from = number("minimum").or_else(|| number("exclusiveMinimum").map(|least| least + 1.0));
    let to = number("maximum").or_else(|| number("exclusiveMaximum"));
    // Where only the least value is said, there are as large ones.
    let to = to.or(from.filter(|from| *from >= TWO_TO_63));
    let known = || known(schema).filter_map(Value::as_f64);
    let from = known().fold(from.unwrap_or_default(), f64::min);
    let to = known().fold(to.unwrap_or_default(), f64::max);
    let format = schema.get("format").and_then(Value::as_str);
    // The largest number with a sign is one less than 2^63, which is the same float.
    let is_signed = from < 0.0;
    let is_exclusive = schema.contains_key("exclusiveMaximum") && !schema.contains_key("maximum");
    let is_beyond = (to > TWO_TO_63 || to >= TWO_TO_63 && !is_exclusive) && !is_exact(schema);
    let wider = match format {
        Some("uint128") if !is_signed => None,
        Some("int128") => None,
        _ if from < -TWO_TO_63 || is_signed && to > TWO_TO_63 => Some("int128"),
        _ if is_signed && to >= TWO_TO_63 => None,
        _ if to > 2.0 * TWO_TO_63 => Some("uint128"),
        Some("uint64") if !is_signed => None,
        _ if is_beyond => Some("uint64"),
        Some("int32") if from < f64::from(i32::MIN) || to > f64::from(i32::MAX) => Some("int64"),
        _ => None,
    };
    if let Some(wider) = wider {
        schema.insert("format".to_owned(), json!(wider));
    }
}

/// The only values that there are, where the schema says them.
fn known(schema: &Map) -> impl Iterator<Item = &Value> {
    let known = schema.get("enum").and_then(Value::as_array);
    known.into_iter().flatten().chain(notes::constant(schema))
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// Whether the largest value is one that 64 bits with a sign can say after all.
fn is_exact(schema: &Map) -> bool {
    let mut all = known(schema).chain(schema.get("maximum")).peekable();
    all.peek().is_some() && all.all(Value::is_i64)
}

/// Texts become an enum in Rust. Other values keep the type that they share, and are said in words.
fn take_enum(schema: &mut Map) -> Option<String> {
    let Some(Value::Array(mut values)) = schema.remove("enum") else {
        return None;
    };
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.to_string()));
    let kinds: BTreeSet<_> = values.iter().map(kind).collect();
    if let ([kind], false) = (
        Vec::from_iter(&kinds).as_slice(),
        schema.contains_key("type"),
    ) {
        schema.insert("type".to_owned(), json!(**kind));
    }
    if kinds.iter().eq(["string"].iter()) && schema.get("type") == Some(&json!("string")) {
        schema.insert("enum".to_owned(), Value::Array(values));
        return None;
    }
    let words: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    let words = format!("one of {}", words.join(", "));
    note(schema, |note| note.known = values);
    Some(words)
}

/// 3.0 says `exclusiveMinimum: true` beside `minimum`; both versions end in the same words.
fn exclusive_flags(schema: &mut Map) {
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
fn plain(number: &crate::json::Number) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
