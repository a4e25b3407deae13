//! Any text as a path below a base path, and as an ignore file: nothing outside of the base path is read or written.
//!
//! `cargo +nightly fuzz run path sdk/fuzz/corpus/path sdk/fuzz/seeds/path --fuzz-dir sdk/fuzz`, with cargo-fuzz installed.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use prefect_sdk::filesystems::{GetDirectoryOptions, LocalFileSystem, PutDirectoryOptions};

const SECRET: &[u8] = b"what nobody may read";
const WRITTEN: &[u8] = b"written";

/// `base` is the base path; beside it there is a file that must stay what it is, and links lead to it.
static ROOM: LazyLock<PathBuf> = LazyLock::new(|| {
    let room = std::env::temp_dir().join(format!("prefect-fuzz-path-{}", std::process::id()));
    fs::create_dir_all(room.join("base/a")).expect("the room is made");
    fs::write(room.join("secret"), SECRET).expect("the secret is written");
    for (to, link) in [
        ("../secret", "base/l"),
        ("..", "base/u"),
        ("../../secret", "base/a/l"),
    ] {
        let link = room.join(link);
        if !link.is_symlink() {
            std::os::unix::fs::symlink(to, link).expect("the link is made");
        }
    }
    room
});

fuzz_target!(|text: &str| {
    let base = ROOM.join("base");
    let files = LocalFileSystem::new(base.to_string_lossy());
    if let Ok(bytes) = files.read_path(text) {
        assert_ne!(bytes, SECRET, "{text:?} leads out");
    }
    // What is written stays small and few: the same place is used again and again.
    if files.write_path(text, WRITTEN).is_ok() {
        assert_eq!(
            files.read_path(text).expect("it was written"),
            WRITTEN,
            "{text:?}"
        );
    }
    let ignoring = ROOM.join("ignoring");
    fs::write(&ignoring, text).expect("the ignore file is written");
    let put = PutDirectoryOptions::new()
        .to_path("put")
        .ignore_file(&ignoring);
    let _ = files.put_directory_with(base.join("a"), &put);
    let _ = files.get_directory_with(
        ROOM.join("got"),
        &GetDirectoryOptions::new().from_path(text),
    );
    assert_eq!(
        fs::read(ROOM.join("secret")).expect("it is there"),
        SECRET,
        "{text:?} leads out"
    );
    let mut beside: Vec<_> = fs::read_dir(&*ROOM)
        .expect("the room is there")
        .map(|entry| entry.expect("it can be read").file_name())
        .filter(|name| name != "got")
        .collect();
    beside.sort();
    assert_eq!(beside, ["base", "ignoring", "secret"], "{text:?} leads out");
    for link in ["base/l", "base/u", "base/a/l"] {
        assert!(
            ROOM.join(link).is_symlink(),
            "{text:?} replaces a link that leads out"
        );
    }
    clear(&base);
});

/// What was written is taken away, so that an input behaves the same each time.
fn clear(base: &std::path::Path) {
    let _ = fs::remove_dir_all(ROOM.join("got"));
    for entry in fs::read_dir(base).expect("the base path is there") {
        let entry = entry.expect("it can be read");
        let name = entry.file_name();
        if name == "l" || name == "u" {
            continue;
        }
        if name == "a" {
            for inner in fs::read_dir(entry.path()).into_iter().flatten().flatten() {
                if inner.file_name() != "l" {
                    remove(&inner);
                }
            }
        } else {
            remove(&entry);
        }
    }
}

fn remove(entry: &fs::DirEntry) {
    if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
        let _ = fs::remove_dir_all(entry.path());
    } else {
        let _ = fs::remove_file(entry.path());
    }
}
