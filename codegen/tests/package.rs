//! A whole crate: `example/crate` is one, which the workspace compiles and tests.

mod common;

use std::fs;
use std::path::Path;

use common::{folder, run};
use diptych::disk::{compare_crate, read, read_description, update_crate};
use diptych::package::{Crate, Package};

fn example() -> Crate {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("example/api");
    let description = read_description(&folder.join("library.yaml")).unwrap();
    let choices = folder.join("diptych.toml");
    let choices = if choices.exists() {
        read(&choices).unwrap()
    } else {
        String::new()
    };
    let package = Package::new("library-client").unwrap();
    let package = package.runtime("../../../runtime");
    let (whole, _) = diptych::generate_crate(&description, &choices, &package).unwrap();
    whole
}

#[test]
fn the_example_is_what_its_description_gives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("example/crate");
    let difference = compare_crate(&folder, &example()).unwrap();
    assert!(
        difference.is_empty(),
        "run `diptych generate codegen/example/api/library.yaml --crate library-client --runtime ../../../runtime --out codegen/example/crate`: {difference:?}"
    );
}

#[test]
fn what_is_a_persons_stays_and_the_rest_follows_the_description() {
    let folder = folder("package");
    let whole = example();
    let added = update_crate(&folder, &whole).unwrap().added;
    for name in [
        "Cargo.toml",
        "README.md",
        "src/lib.rs",
        "tests/surface.rs",
        "src/api/mod.rs",
    ] {
        assert!(added.iter().any(|added| added == name), "{name}: {added:?}");
    }
    assert!(update_crate(&folder, &whole).unwrap().is_empty());
    let edited = ["Cargo.toml", "tests/surface.rs", "src/api/mod.rs"];
    for name in edited {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}\n# edited\n")).unwrap();
    }
    let changed = update_crate(&folder, &whole).unwrap().changed;
    assert_eq!(changed, ["tests/surface.rs", "src/api/mod.rs"]);
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    assert!(manifest.ends_with("# edited\n"));
}

/// A path has whatever letters it likes, and none of them ends the text that it is in.
#[test]
fn a_path_is_a_text_in_the_test_of_the_surface() {
    let description = r#"{"openapi": "3.0.3", "info": {"title": "A\u202e \"b\"", "version": "1"},
        "paths": {"/a\"; fn main() {} const X: &str = \"\\": {"get": {"operationId": "a", "responses": {"204": {"description": "b"}}}}}}"#;
    let package = Package::new("odd").unwrap();
    let (whole, _) = diptych::generate_crate(description, "", &package).unwrap();
    let folder = folder("package-odd");
    update_crate(&folder, &whole).unwrap();
    let surface = fs::read_to_string(folder.join("tests/surface.rs")).unwrap();
    assert!(
        surface.contains("\na GET /a%22;%20fn%20main()"),
        "{surface}"
    );
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    assert!(
        manifest.contains(r#"description = "A client of A b.""#),
        "{manifest}"
    );
}

#[test]
fn a_test_that_somebody_wrote_is_not_replaced() {
    let folder = folder("package-of-others");
    fs::create_dir(folder.join("tests")).unwrap();
    fs::write(folder.join("tests/surface.rs"), "// mine\n").unwrap();
    let error = update_crate(&folder, &example()).unwrap_err();
    assert!(
        error.to_string().contains("diptych did not write it"),
        "{error}"
    );
    assert!(!folder.join("Cargo.toml").exists());
}

#[test]
fn the_command_line_writes_a_crate_and_checks_it() {
    let folder = folder("package-command");
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("example/api/library.yaml");
    let library = library.to_str().unwrap();
    let command = |verb, name| run(&folder, &[verb, library, "--crate", name, "--out", "made"]);
    assert_eq!(command("check", "made").code, Some(1));
    let made = command("generate", "made");
    assert_eq!((made.code, made.errors.as_str()), (Some(0), ""));
    assert_eq!(command("check", "made").code, Some(0));
    let refused = command("generate", "1st");
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.errors.contains("it must begin with a letter"),
        "{}",
        refused.errors
    );
}
