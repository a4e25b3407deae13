//! Any text as a description: it ends in Rust that parses or in problems that name their places, and never in a panic.
//!
//! `cargo +nightly fuzz run description codegen/fuzz/corpus/description codegen/fuzz/seeds/description --fuzz-dir
//! codegen/fuzz`, with cargo-fuzz installed. The seeds are small; the fixtures of the tests are good ones too.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(files) = diptych::generate(text, "") else {
        return;
    };
    for (path, content) in files {
        if path.ends_with(".rs") {
            assert!(syn::parse_file(&content).is_ok(), "{path} is no Rust");
        }
    }
});
