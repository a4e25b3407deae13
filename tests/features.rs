//! What each face alone brings into a dependent's tree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates that a dependent with one feature gets.
fn tree(feature: &str) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args([
        "tree",
        "-p",
        "prefect-client",
        "--no-default-features",
        "--features",
        feature,
    ]);
    cargo.args([
        "-e", "normal", "--prefix", "none", "--format", "{p}", "--locked",
    ]);
    let output = cargo.output().expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("names are text");
    text.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

fn found<'t>(tree: &'t [String], names: &[&str]) -> Vec<&'t String> {
    tree.iter()
        .filter(|name| names.contains(&name.as_str()))
        .collect()
}

#[test]
fn hazard_22_blocking_alone_has_no_async_runtime() {
    let tree = tree("blocking");
    assert!(
        found(&tree, &["tokio", "reqwest", "hyper", "mio", "futures-core"]).is_empty(),
        "{tree:?}"
    );
    assert_eq!(found(&tree, &["ureq"]).len(), 1);
}

#[test]
fn async_alone_has_no_blocking_transport() {
    let tree = tree("async");
    assert!(found(&tree, &["ureq"]).is_empty(), "{tree:?}");
    assert!(!found(&tree, &["reqwest"]).is_empty());
}

#[test]
fn neither_face_has_the_generator() {
    for feature in ["blocking", "async"] {
        let tree = tree(feature);
        assert!(
            found(&tree, &["diptych", "openapiv3", "progenitor-impl", "syn"])
                .iter()
                .all(|name| *name == "syn"),
            "{tree:?}"
        );
    }
}

/// What a dependent writes to use a face, and the features it asks for.
const DEPENDENTS: [(&str, &str, &str); 4] = [
    ("blocks", r#"["blocking"]"#, "PrefectClient"),
    ("awaits", r#"["async"]"#, "AsyncPrefectClient"),
    (
        "guards",
        r#"["blocking", "guard", "rustls"]"#,
        "PrefectClient",
    ),
    (
        "traces",
        r#"["async", "traceparent"]"#,
        "AsyncPrefectClient",
    ),
];

/// A workspace of dependents that ask for different features of this package, with the versions of our own.
fn workspace() -> std::io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dependents");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, features, client) in DEPENDENTS {
        fs::create_dir_all(folder.join(name).join("src"))?;
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies.prefect-client]\npath = '{}'\n\
             default-features = false\nfeatures = {features}\n",
            root.display()
        );
        write(&folder.join(name).join("Cargo.toml"), &manifest)?;
        let source = format!(
            "use prefect_client::{{Error, {client}}};\n\
             pub fn client() -> Result<{client}, Error> {{ {client}::new(\"http://127.0.0.1:4200/api\") }}\n"
        );
        write(&folder.join(name).join("src/lib.rs"), &source)?;
    }
    let members = DEPENDENTS.map(|(name, ..)| name);
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    write(&folder.join("Cargo.toml"), &manifest)?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(folder)
}

/// A file that is as it was stays untouched, so that cargo need not compile it again.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text)
}

#[test]
fn hazard_22_dependents_that_ask_for_different_faces_compile_alone_and_together() {
    let folder = workspace().expect("files can be written");
    let alone = DEPENDENTS.map(|(name, ..)| vec!["--package", name]);
    for packages in alone.into_iter().chain([vec!["--workspace"]]) {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&folder).args(["check", "--quiet"]);
        cargo
            .args(&packages)
            .env("CARGO_TARGET_DIR", folder.join("target"));
        cargo
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        let output = cargo.output().expect("cargo runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{packages:?}: {said}");
    }
}

#[test]
fn opentelemetry_comes_with_its_feature_only() {
    let names = [
        "opentelemetry",
        "tracing-opentelemetry",
        "tracing-subscriber",
    ];
    let without = tree("blocking,async,rustls,guard,testing");
    assert!(found(&without, &names).is_empty(), "{without:?}");
    assert!(!found(&tree("blocking,traceparent"), &names).is_empty());
}

#[test]
fn the_double_of_the_server_brings_no_crate() {
    let plain: BTreeSet<String> = tree("blocking").into_iter().collect();
    let with_double: BTreeSet<String> = tree("blocking,testing").into_iter().collect();
    assert_eq!(plain, with_double);
}
