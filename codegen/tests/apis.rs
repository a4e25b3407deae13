//! Whole small APIs: what is generated is as its snapshot says, and compiles without a warning.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use diptych::write::Files;

#[test]
fn what_is_generated_is_as_its_snapshot_says() {
    for (name, files) in generated() {
        let mut text = String::new();
        for (path, contents) in files
            .iter()
            .filter(|(path, _)| *path != diptych::write::STAMP)
        {
            write!(text, "=== {path}\n{contents}").unwrap();
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("api_{name}"), text);
        });
    }
}

#[test]
fn what_is_generated_twice_is_equal() {
    assert_eq!(generated(), generated());
}

/// One crate with a module for each API, whose warnings and those of its documentation are errors.
#[test]
fn what_is_generated_compiles_without_a_warning() {
    let krate = Path::new(env!("CARGO_TARGET_TMPDIR")).join("apis");
    let source = krate.join("src");
    let mut modules = String::from("//! What diptych makes of the fixtures.\n\n");
    for (name, files) in generated() {
        let rust = files
            .into_iter()
            .filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "rs"))
            .collect();
        diptych::disk::update(&source.join(&name), &rust).unwrap();
        writeln!(modules, "pub mod {name};").unwrap();
    }
    write(&source.join("lib.rs"), &modules);
    write(&krate.join("Cargo.toml"), &manifest());
    let lock = here().join("../Cargo.lock");
    write(
        &krate.join("Cargo.lock"),
        &fs::read_to_string(lock).unwrap(),
    );
    cargo(&krate, &["clippy"]);
    cargo(&krate, &["doc", "--no-deps"]);
}

fn manifest() -> String {
    let runtime = here().join("../runtime").display().to_string();
    format!(
        r#"[package]
name = "apis"
edition = "2024"

[workspace]

[features]
default = ["blocking", "async", "testing"]
blocking = ["diptych-runtime/blocking"]
async = ["diptych-runtime/async"]
testing = []

[dependencies]
chrono = {{ version = "0.4", default-features = false, features = ["serde", "std"] }}
diptych-runtime = {{ path = {runtime:?}, default-features = false }}
serde = {{ version = "1", features = ["derive"] }}
serde_json = "1"
uuid = {{ version = "1", features = ["serde"] }}

[lints.rust]
warnings = "deny"
missing_docs = "deny"

[lints.clippy]
all = "deny"

[lints.rustdoc]
all = "deny"
"#
    )
}

fn cargo(krate: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(krate)
        .env("CARGO_TARGET_DIR", krate.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}:\n{words}");
}

/// What cargo has seen keeps its time, so that only what changed is compiled again.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn generated() -> Vec<(String, Files)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(here().join("tests/fixtures/apis"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end != "toml"))
        .collect();
    paths.sort();
    let each = paths.iter().map(|path| {
        let choices = fs::read_to_string(path.with_extension("toml")).unwrap_or_default();
        let files = diptych::generate(&fs::read_to_string(path).unwrap(), &choices)
            .unwrap_or_else(|error| panic!("{}:\n{error}", path.display()));
        (
            path.file_stem().unwrap().to_str().unwrap().to_owned(),
            files,
        )
    });
    each.collect()
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
