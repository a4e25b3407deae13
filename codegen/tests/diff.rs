//! What `diptych diff` says of each kind of change, and with which exit code.

mod common;
mod diff_cases;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{folder, run};
use diff_cases::description;
use serde_json::{Value, json};

fn change(document: &mut Value, place: &str, value: Value) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match document.pointer_mut(parent).unwrap() {
        Value::Object(map) if value.is_null() => drop(map.remove(&key).unwrap()),
        Value::Object(map) => drop(map.insert(key, value)),
        Value::Array(items) => items.push(value),
        other => panic!("{place}: {other}"),
    }
}

#[test]
fn each_kind_of_change_has_its_line_and_its_code() {
    let folder = folder("diff");
    // `cargo xtask semver` asks another program about the same changes.
    let kept = std::env::var_os("DIPTYCH_DIFF_CASES").map(PathBuf::from);
    fs::write(folder.join("old.json"), description().to_string()).unwrap();
    let mut all = String::new();
    if let Some(kept) = &kept {
        fs::write(kept.join("old.json"), description().to_string()).unwrap();
    }
    for (name, changes, code) in diff_cases::all() {
        let mut new = description();
        new["info"]["version"] = json!("1.1");
        for (place, value) in changes {
            change(&mut new, place, value);
        }
        fs::write(folder.join("new.json"), new.to_string()).unwrap();
        if let Some(kept) = &kept {
            let case = json!({"name": name, "exit_code": code, "new": new});
            let file = format!("changes/{}.json", name.replace(' ', "_"));
            let file = kept.join(file);
            fs::write(file, case.to_string()).unwrap();
        }
        let run = run(&folder, &["diff", "old.json", "new.json"]);
        assert_eq!(
            run.code,
            Some(code),
            "{name}: {} {}",
            run.output,
            run.errors
        );
        writeln!(all, "# {name}\n{}", run.output).unwrap();
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("diff", all);
    });
}

#[test]
fn a_diff_is_markdown_or_json_on_demand() {
    let folder = folder("diff-forms");
    fs::write(folder.join("old.json"), description().to_string()).unwrap();
    let mut new = description();
    change(
        &mut new,
        "/components/schemas/Pet/properties/age",
        Value::Null,
    );
    fs::write(folder.join("new.json"), new.to_string()).unwrap();
    let markdown = run(
        &folder,
        &["diff", "old.json", "new.json", "--format", "markdown"],
    );
    assert!(
        markdown
            .output
            .contains("## What breaks callers (1)\n\n- type `Pet` `age: "),
        "{}",
        markdown.output
    );
    let told = run(
        &folder,
        &["diff", "old.json", "new.json", "--format", "json"],
    );
    let told: Value = serde_json::from_str(&told.output).unwrap();
    assert_eq!(told["bump"], "major");
    assert_eq!(told["changes"][0]["effect"], "breaking");
    assert_eq!(told["changes"][0]["pointer"], "/components/schemas/Pet");
}

#[test]
fn the_older_one_may_be_in_a_git_revision() {
    let folder = folder("diff-git");
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(&folder)
            .args(["-c", "user.name=a", "-c", "user.email=a@b"]);
        let done = git.args(arguments).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet"]);
    fs::create_dir(folder.join("spec")).unwrap();
    write(&folder, "api.json", &description().to_string());
    let choices = "[client]\nblocking = \"A\"\nasynchronous = \"B\"\n\n[names.types]\n\"/components/schemas/Kind\" = \"Sort\"\n";
    write(&folder, "diptych.toml", choices);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "first"]);
    write(
        &folder,
        "diptych.toml",
        "[client]\nblocking = \"A\"\nasynchronous = \"B\"\n",
    );
    let run_diff = |old: &str| run(&folder, &["diff", old, "spec/api.json"]);
    let renamed = run_diff("HEAD:spec/api.json");
    assert_eq!(renamed.code, Some(30), "{}", renamed.errors);
    assert!(
        renamed.output.contains("type `Sort` is called `Kind` now"),
        "{}",
        renamed.output
    );
    for (old, words) in [
        ("HEAD:spec/gone.json", "git says"),
        ("gone.json", "gone.json"),
    ] {
        let missing = run_diff(old);
        assert_eq!(missing.code, Some(2));
        assert!(missing.errors.contains(words), "{}", missing.errors);
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join("spec").join(name), text).unwrap();
}

/// Until it is taken out, a former name breaks nobody.
#[test]
fn a_former_name_bridges_a_rename() {
    use diptych::diff::{Bump, diff};

    let description = include_str!("fixtures/apis/former.yaml");
    let before = [
        ("Pet", "Animal"),
        ("list_pets", "read_pets"),
        ("remove_pets", "drop_pets"),
        ("watch_pets", "see_pets"),
    ];
    let before = before
        .into_iter()
        .fold(description.to_owned(), |text, (new, old)| {
            text.replace(new, old)
        })
        + "    Owner: {type: object, properties: {animal: {$ref: '#/components/schemas/Animal'}}}\n";
    let now = description.to_owned()
        + "    Owner: {type: object, properties: {animal: {$ref: '#/components/schemas/Pet'}}}\n";
    let inventory = |text: &str, choices: &str| diptych::inventory(text, choices).unwrap();
    let choices = include_str!("fixtures/apis/former.toml");
    let bridged = inventory(&now, choices);
    let (without, _) = choices.split_once("[names.former]").unwrap();
    let found = diff(&inventory(&before, without), &bridged);
    assert_eq!(found.bump, Bump::Minor, "{:#?}", found.changes);
    assert_eq!(diff(&bridged, &inventory(&now, without)).bump, Bump::Major);
}

#[test]
fn a_former_name_of_nothing_is_said() {
    let description = include_str!("fixtures/apis/former.yaml");
    for (former, name, rule) in [
        ("Animal", "Dog", "no type and no method is called `Dog`"),
        ("Pet", "list_pets", "something is called so"),
        ("read pets", "list_pets", "no method can be called so"),
        ("animal", "Pet", "no type can be called so"),
    ] {
        let client = "[client]\nblocking = \"C\"\nasynchronous = \"A\"";
        let choices = format!("{client}\n[names.former]\n\"{former}\" = \"{name}\"");
        let error = diptych::generate(description, &choices).unwrap_err();
        assert!(error.to_string().contains(rule), "{error}");
    }
}
