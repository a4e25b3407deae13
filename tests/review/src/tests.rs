use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

fn folder(name: &str, snapshots: &[(&str, &str)]) -> std::path::PathBuf {
    let folder =
        std::env::temp_dir().join(format!("snapshot-review-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in snapshots {
        let text = format!("---\nsource: x\n---\n{text}\n");
        fs::write(folder.join(format!("{name}.snap")), text).unwrap();
    }
    folder
}

fn texts(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = list
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    pairs.collect()
}

#[test]
fn all_that_differ_are_asserted_and_counted() {
    let folder = folder(
        "all",
        &[("s_a", "one\ntwo"), ("s_b", "one"), ("s_c", "one")],
    );
    let texts = texts(&[
        ("s_a", "one"),
        ("s_b", "one"),
        ("s_c", "one\nmore"),
        ("s_d", "new"),
    ]);
    let asserted = RefCell::new(Vec::new());
    let refuse = |name: &str, _: &str| {
        asserted.borrow_mut().push(name.to_owned());
        panic!("differs");
    };
    let run = || review(&folder, "s_", &texts, refuse);
    let said = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(
        *asserted.borrow(),
        ["s_a", "s_c", "s_d"],
        "what breaks comes first"
    );
    assert_eq!(
        said.downcast_ref::<String>().unwrap(),
        "s_*: 1 lines removed or changed, which breaks users, and 2 added, in 3 snapshots; the lines are above"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_the_same_or_accepted_passes() {
    let folder = folder("same", &[("s_a", "one\n---\ntwo"), ("other", "x")]);
    review(
        &folder,
        "s_",
        &texts(&[("s_a", "one\n---\ntwo")]),
        |_, _| panic!("is the same"),
    );
    review(&folder, "s_", &texts(&[("s_a", "changed")]), |_, _| {});
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_snapshot_of_nothing_is_named() {
    let folder = folder("stale", &[("s_gone", "one")]);
    let run = || review(&folder, "s_", &BTreeMap::new(), |_, _| {});
    let said = catch_unwind(run).unwrap_err();
    assert!(
        said.downcast_ref::<String>()
            .unwrap()
            .contains("any more: s_gone")
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_breaks_most_comes_first() {
    let changes = [
        Change::between("added", "a", "a\nb").unwrap(),
        Change::between("removed", "a\nb", "b").unwrap(),
    ];
    let said = describe("s_", &breaking_first(&changes), &[]);
    let place = |word: &str| said.find(word).unwrap();
    assert!(
        place("\nremoved: 1 removed, 0 added\n- a") < place("\nadded: 0 removed, 1 added\n+ b")
    );
}
