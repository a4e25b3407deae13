//! What each face alone brings into a dependent's tree.

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
fn blocking_alone_has_no_async_runtime() {
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
