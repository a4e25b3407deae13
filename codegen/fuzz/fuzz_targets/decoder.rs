//! Any JSON as what generated code reads: it ends in a value or in an error that says where, never in a panic, and what was
//! read is written as JSON that can be read, and is written as before then.
//!
//! `cargo +nightly fuzz run decoder codegen/fuzz/corpus/decoder codegen/fuzz/seeds/decoder --fuzz-dir codegen/fuzz`, with
//! cargo-fuzz installed. The types are those of `tests/cases`, which have every kind of schema.
#![no_main]

use diptych_cases::{
    as_published, beside_unions, body_kinds, every_schema, families, floats, odd_names, odd_texts,
    odd_words, old_nulls, overlapping, resources, scalar_tags, together, whole_constants,
    whole_numbers,
};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|text: &str| {
    both_ways::<every_schema::models::All>(text);
    both_ways::<old_nulls::models::All>(text);
    both_ways::<odd_words::models::Everything>(text);
    both_ways::<odd_names::models::All>(text);
    both_ways::<odd_texts::models::A>(text);
    both_ways::<together::models::Holder>(text);
    both_ways::<together::models::Op>(text);
    both_ways::<families::models::Zoo>(text);
    both_ways::<beside_unions::models::All>(text);
    both_ways::<body_kinds::models::Order>(text);
    both_ways::<as_published::models::Reading>(text);
    both_ways::<resources::models::Node>(text);
    both_ways::<whole_constants::models::Shape>(text);
    read::<scalar_tags::models::All>(text);
    read::<overlapping::models::All>(text);
    read::<floats::models::Counts>(text);
    read::<whole_numbers::models::Blob>(text);
});

/// What only comes is read.
fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    match serde_json::from_str(text) {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

/// What only comes is not written, so it is what was written that must stay.
fn both_ways<T: DeserializeOwned + Serialize>(text: &str) {
    let Some(value) = read::<T>(text) else {
        return;
    };
    let written = serde_json::to_string(&value).expect("what was read can be written");
    let again: T =
        serde_json::from_str(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    let again = serde_json::to_string(&again).expect("what was read can be written");
    assert_eq!(written, again, "{text}");
}
