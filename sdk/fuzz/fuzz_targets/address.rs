//! Any texts as the base path and as a path of a remote storage: what is accepted is below the base path, however a server
//! or a library on the way reads it.
//!
//! `cargo +nightly fuzz run address sdk/fuzz/corpus/address sdk/fuzz/seeds/address --fuzz-dir sdk/fuzz`, with cargo-fuzz
//! installed. The base path is the first line of an input.
#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use prefect_sdk::filesystems::{RemoteFileSystem, Storage};

fuzz_target!(|text: &str| {
    let (base, path) = text.split_once('\n').unwrap_or(("memory://bucket/pre", text));
    let files = RemoteFileSystem::new(base);
    let Ok(address) = files.full_path(path) else {
        return;
    };
    let (scheme, rest) = address.split_once("://").expect("it has a scheme");
    assert!(
        base.trim_start().to_lowercase().starts_with(&scheme.to_lowercase()),
        "{base:?} {path:?} {address:?}"
    );
    let below = rest.split_once('/').expect("it has a path").1;
    for part in below.split('/') {
        let decoded = percent_decode_str(part).decode_utf8_lossy();
        let leads_up = decoded.split(['/', '\\']).any(|part| part == "..");
        assert!(
            !part.is_empty() && part != "." && !leads_up,
            "{base:?} {path:?} {address:?}"
        );
    }
    assert!(!address.contains(['?', '#']), "{base:?} {path:?} {address:?}");
    // What it is called is what it is.
    let again = files.full_path(&address).expect("its own address");
    assert_eq!(again, address, "{base:?} {path:?}");
});
