//! What each face alone brings into a dependent's tree. That dependents compile is looked at with what is packed for them:
//! `xtask/src/packages/dependents.rs`.

use std::collections::BTreeSet;
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
    assert_eq!(found(&tree, &["httparse"]).len(), 1);
}

#[test]
fn async_alone_has_no_blocking_transport() {
    let tree = tree("async");
    assert!(found(&tree, &["rustix"]).is_empty(), "{tree:?}");
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
