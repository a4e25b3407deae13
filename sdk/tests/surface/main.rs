//! What a user can name, in snapshots of one sorted line per item, one snapshot per public module; and that the SDK has
//! the same in both faces.
//!
//! The sources are read, and what `#[dual]` stands on is given to the library that the attribute itself uses: the lines are
//! those of the twins that the compiler sees. What macros of other kinds make is not seen.

mod interfaces;
mod lines;
mod parity;
mod scope;
mod source;

use std::collections::BTreeMap;
use std::path::Path;

use lines::{Line, surface};
use snapshot_review::review;
use source::Source;

/// The folders of the crates that have hand-written surface, below the repository's own.
const CRATES: [(&str, &str); 3] = [
    ("prefect_sdk", "sdk/src"),
    ("prefect_client", "src"),
    ("diptych_runtime", "runtime/src"),
];

fn read(folder: &str) -> Source {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    Source::read(&Path::new(root).join(folder).join("lib.rs"))
}

#[test]
fn each_module_has_the_surface_that_was_reviewed() {
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/surface/snapshots");
    for (crate_name, folder) in CRATES {
        let texts = surface(&read(folder)).into_iter().map(|(module, lines)| {
            let name = [vec![crate_name.to_owned()], module].concat().join("__");
            let lines: Vec<String> = lines.iter().map(Line::to_string).collect();
            (name, lines.join("\n"))
        });
        review(&snapshots, crate_name, &texts.collect(), |name, text| {
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name, text);
            });
        });
    }
}

#[test]
fn the_sdk_has_the_same_in_both_faces() {
    let modules = surface(&read("sdk/src"));
    let paired: usize = modules.values().map(|lines| parity::pairs(lines)).sum();
    let wrong: Vec<String> = modules
        .values()
        .flat_map(|lines| parity::findings(lines))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let lines: Vec<Line> = modules.values().flatten().cloned().collect();
    assert!(
        parity::needless(&lines).is_empty(),
        "an exception is not needed"
    );
    // As many as there are dual functions at least: the reader does not read past them.
    assert!(paired >= 50, "only {paired} pairs were found");
}

#[test]
fn the_table_of_interfaces_is_true() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let rows = interfaces::rows(&readme);
    assert_eq!(rows.len(), interfaces::COUNT);
    let modules = surface(&read("sdk/src"));
    let wrong: Vec<String> = rows
        .iter()
        .flat_map(|row| interfaces::findings(row, &modules, folder))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_row_that_is_not_true_is_found() {
    let table = "| Prefect | blocking | async | tested in |\n|---|---|---|---|\n\
        | `a`: `b` | `flow_runs::pause_flow_run` | `flow_runs::apause_it` | [t](Cargo.toml) |\n| `c` | | | not built |\n\nafter";
    let rows = interfaces::rows(table);
    assert_eq!(rows.len(), 2);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = interfaces::findings(&rows[0], &surface(&read("sdk/src")), folder);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(interfaces::findings(&rows[1], &BTreeMap::new(), folder).is_empty());
}

#[test]
fn what_only_one_face_has_is_found() {
    let source = Source::parse(
        r#"
        pub use inner::{acopy, copy, amove_it};
        diptych_macros::faces! {
            /// Names.
            sdk {
                AsyncPrefectClient => PrefectClient,
                async if feature = "async",
                blocking if feature = "blocking",
            }
        }
        mod inner {
            use diptych_macros::dual;
            diptych_macros::faces! {
                inner { ..crate::sdk, AsyncPage => Page }
            }
            #[dual(inner)]
            pub async fn acopy(client: &AsyncPrefectClient, name: &str) -> bool { true }
            #[dual(sdk)]
            pub async fn amove_it(client: &AsyncPrefectClient) {}
        }
        pub struct Kept;
        #[dual(crate::sdk)]
        impl Kept {
            pub async fn akeep(client: &AsyncPrefectClient) -> Self { Kept }
        }
        impl Kept {
            #[cfg(feature = "blocking")]
            pub fn lose(client: &PrefectClient) {}
        }
        pub fn without_a_feature(client: &PrefectClient) {}
        "#,
    );
    let lines = &surface(&source)[&Vec::new()];
    let text: Vec<String> = lines.iter().map(Line::to_string).collect();
    assert_eq!(
        text,
        [
            "Kept: struct",
            "Kept::akeep: async fn(client: &AsyncPrefectClient) -> Self [async]",
            "Kept::keep: fn(client: &PrefectClient) -> Self [blocking]",
            "Kept::lose: fn(client: &PrefectClient) [blocking]",
            "acopy: async fn(client: &AsyncPrefectClient, name: &str) -> bool [async]",
            "amove_it: async fn(client: &AsyncPrefectClient) [async]",
            "copy: fn(client: &PrefectClient, name: &str) -> bool [blocking]",
            "without_a_feature: fn(client: &PrefectClient)",
        ]
    );
    assert_eq!(
        parity::findings(lines),
        [
            "not in the other face: Kept::lose: fn(client: &PrefectClient) [blocking]",
            "not in the other face: amove_it: async fn(client: &AsyncPrefectClient) [async]",
            "not under its feature: without_a_feature: fn(client: &PrefectClient)",
        ]
    );
    assert_eq!(parity::pairs(lines), 2);
}
