//! Files: only what changes is touched, what is no longer generated goes, and what can't be written is named.

mod common;

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use common::{folder, run};
use diptych::disk::{compare, update};

fn description() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/apis/old.yaml");
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_second_update_changes_nothing() {
    let folder = folder("twice");
    let files = diptych::generate(&description(), "").unwrap();
    assert_eq!(files, diptych::generate(&description(), "").unwrap());
    let first = update(&folder, &files).unwrap();
    assert_eq!(first.added.len(), files.len());
    let times = |name: &String| fs::metadata(folder.join(name)).unwrap().modified().unwrap();
    let before: Vec<SystemTime> = files.keys().map(times).collect();
    assert!(update(&folder, &files).unwrap().is_empty());
    assert_eq!(before, files.keys().map(times).collect::<Vec<_>>());
}

#[test]
fn stale_files_go_and_changed_ones_come_back() {
    let folder = folder("stale");
    let files = diptych::generate(&description(), "").unwrap();
    update(&folder, &files).unwrap();
    fs::write(folder.join("models/stale.rs"), diptych::write::MARK).unwrap();
    fs::write(folder.join("mod.rs"), "changed").unwrap();
    fs::remove_file(folder.join("INVENTORY.md")).unwrap();
    let difference = update(&folder, &files).unwrap();
    assert_eq!(difference.removed, ["models/stale.rs"]);
    assert_eq!(difference.changed, ["mod.rs"]);
    assert_eq!(difference.added, ["INVENTORY.md"]);
    assert!(compare(&folder, &files).unwrap().is_empty());
}

#[test]
fn what_somebody_else_wrote_is_not_removed() {
    let folder = folder("foreign");
    fs::write(folder.join("api.yaml"), description()).unwrap();
    let run = run(&folder, &["generate", "api.yaml", "--out", "."]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.errors.contains("api.yaml: diptych did not write it"),
        "{}",
        run.errors
    );
    let left: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["api.yaml"], "nothing is written either");
}

#[test]
fn what_somebody_else_wrote_is_not_replaced() {
    let folder = folder("own");
    fs::write(folder.join("mod.rs"), "// mine").unwrap();
    let files = diptych::generate(&description(), "").unwrap();
    let error = update(&folder, &files).unwrap_err().to_string();
    assert!(
        error.contains("mod.rs: diptych did not write it"),
        "{error}"
    );
    assert_eq!(
        fs::read_to_string(folder.join("mod.rs")).unwrap(),
        "// mine"
    );
}

#[test]
fn check_says_what_differs_and_how_to_mend_it() {
    let folder = folder("check");
    fs::write(folder.join("api.yaml"), description()).unwrap();
    let place = ["api.yaml", "--out", "client"];
    let with = |command| run(&folder, &[&[command], place.as_slice()].concat());
    let missing = with("check");
    assert_eq!(missing.code, Some(1));
    assert!(!folder.join("client").exists(), "a check writes nothing");
    assert_eq!(with("generate").code, Some(0));
    assert_eq!(with("check").code, Some(0));
    assert_eq!(with("generate").output, "no change\n");
    fs::write(folder.join("client/mod.rs"), "changed").unwrap();
    fs::write(folder.join("client/more.rs"), "").unwrap();
    let stale = with("check");
    assert_eq!(stale.code, Some(1));
    assert_eq!(stale.output, "changed mod.rs\nremoved more.rs\n");
    assert!(stale.errors.contains("generate"), "{}", stale.errors);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = folder("unwritable");
    fs::write(folder.join("api.yaml"), description()).unwrap();
    fs::write(folder.join("file"), "a file where a folder should be").unwrap();
    let run = run(&folder, &["generate", "api.yaml", "--out", "file/client"]);
    assert_eq!(run.code, Some(2));
    assert!(run.errors.contains("file/client"), "{}", run.errors);
    assert_eq!(
        fs::read_to_string(folder.join("file")).unwrap(),
        "a file where a folder should be"
    );
}

#[test]
fn the_inventory_is_written_to_the_terminal() {
    let folder = folder("inventory");
    fs::write(folder.join("api.yaml"), description()).unwrap();
    let json = run(&folder, &["inventory", "api.yaml", "--json"]);
    let inventory: serde_json::Value = serde_json::from_str(&json.output).unwrap();
    assert_eq!(inventory["operations"][0]["name"], "create_pet");
    let words = run(&folder, &["inventory", "api.yaml"]);
    assert!(words.output.contains("list_pets"), "{}", words.output);
}

/// A device that never ends, and one that waits, are no files.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read_as_a_part() {
    let folder = folder("devices");
    let up = "../".repeat(30);
    let text = format!(
        r#"{{"paths": {{"/a": {{"$ref": "{up}dev/zero"}}, "/b": {{"$ref": "{up}dev/tty#/x"}}}}}}"#
    );
    let path = folder.join("api.json");
    fs::write(&path, &text).unwrap();
    let read = diptych::disk::read_description(&path).unwrap();
    let value: serde_json::Value = serde_json::from_str(&read).unwrap();
    assert_eq!(
        value,
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    );
}
