//! Each pass alone: `fixtures/passes/<pass>.json`, or `<pass>-<case>.json`, and the document that it becomes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use diptych::config::Config;
use diptych::normalise::{Document, PASSES};

#[test]
fn each_pass_does_what_its_snapshot_says() {
    let mut tested = BTreeSet::new();
    for path in fixtures() {
        let case = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let name = case.split('-').next().unwrap();
        let (name, pass) = PASSES
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{} names no pass", path.display()));
        tested.insert(*name);
        let root = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut document = Document::new(root);
        let result = pass(&mut document, &choices(&path));
        let mut text = serde_json::to_string_pretty(&document.root).unwrap();
        for loss in &document.losses {
            write!(text, "\nloss {}: {}: {}", loss.pointer, loss.what, loss.why).unwrap();
        }
        for (name, note) in &document.operations {
            write!(text, "\noperation {name}: {note:#?}").unwrap();
        }
        for problem in &document.stale {
            write!(text, "\nfits no place: {problem}").unwrap();
        }
        if let Err(error) = result {
            write!(text, "\n{error}").unwrap();
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("pass_{case}"), text);
        });
    }
    let untested: Vec<_> = PASSES
        .iter()
        .filter(|(name, _)| !tested.contains(name))
        .collect();
    assert!(untested.is_empty(), "no fixture for {untested:?}");
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/passes");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    paths.sort();
    paths
}

/// The choices stand beside the fixture, where there are any.
fn choices(path: &Path) -> Config {
    let beside = path.with_extension("toml");
    if !beside.exists() {
        return Config::default();
    }
    Config::from_toml(&fs::read_to_string(beside).unwrap()).unwrap()
}
