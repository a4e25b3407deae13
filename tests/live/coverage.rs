//! Which operations there are, which of them no server answers, and which the scenarios have seen answered.

use std::collections::{BTreeMap, BTreeSet};

use prefect_client::operations;

const CHOICES: &str = include_str!("../../spec/diptych.toml");

/// Fails with the difference unless exactly the operations without a reason were answered.
#[track_caller]
pub(crate) fn assert_complete(face: &str, answered: &BTreeSet<&'static str>) {
    let operations = operations();
    let unanswered = unanswered();
    for place in unanswered.keys() {
        assert!(
            operations.contains_key(place),
            "[unanswered] names {place}, which is no operation"
        );
    }
    let expected: BTreeSet<&str> = operations
        .iter()
        .filter(|(place, _)| !unanswered.contains_key(*place))
        .map(|(_, name)| *name)
        .collect();
    let missing: Vec<_> = expected.difference(answered).collect();
    let unexpected: Vec<_> = answered.difference(&expected).collect();
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "{face}: never answered, and without a reason in [unanswered] of spec/diptych.toml: {missing:?}; \
         answered in spite of a reason there: {unexpected:?}"
    );
    println!(
        "{face}: {} of {} operations answered",
        answered.len(),
        operations.len()
    );
}

/// Method names by method and path, such as `GET /health`.
fn operations() -> BTreeMap<String, &'static str> {
    let place = |one: &prefect_client::Operation| format!("{} {}", one.method(), one.path());
    let all = operations::ALL.iter();
    let operations: BTreeMap<_, _> = all.map(|one| (place(one), one.name())).collect();
    assert!(!operations.is_empty(), "there is no operation");
    operations
}

/// Why no answer is seen, by method and path.
fn unanswered() -> BTreeMap<String, String> {
    let choices: toml::Table = CHOICES.parse().expect("diptych.toml is TOML");
    let reasons = choices
        .get("unanswered")
        .map_or_else(BTreeMap::new, |table| {
            table
                .clone()
                .try_into::<BTreeMap<String, String>>()
                .expect("[unanswered] is a table of texts")
        });
    assert!(
        reasons.values().all(|why| !why.is_empty()),
        "a reason is empty"
    );
    reasons
}
