//! Which operations there are, which of them no server answers, and which the scenarios have seen answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use prefect_client::{Operation, operations};

use crate::scenarios;

const CHOICES: &str = include_str!("../../spec/diptych.toml");

/// By name, of the blocking face and of the async one.
pub(crate) type Answered = [BTreeSet<&'static str>; 2];

/// Of the scenarios that have ended.
struct Ended {
    count: usize,
    has_failed: bool,
    answered: Answered,
}

static ENDED: Mutex<Ended> = Mutex::new(Ended {
    count: 0,
    has_failed: false,
    answered: [BTreeSet::new(), BTreeSet::new()],
});

/// Counts a scenario that has ended; nothing was answered where it has failed. The last one of all, whichever that is,
/// fails unless exactly the operations without a reason were answered. Where only some are run there is no last one.
#[track_caller]
pub(crate) fn count(answered: Option<Answered>) {
    let mut ended = ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    ended.count += 1;
    match answered {
        Some(answered) => {
            for (all, more) in ended.answered.iter_mut().zip(answered) {
                all.extend(more);
            }
        }
        None => ended.has_failed = true,
    }
    if ended.count == scenarios::COUNT && !ended.has_failed {
        assert_complete("blocking", &ended.answered[0]);
        assert_complete("async", &ended.answered[1]);
    }
}

#[track_caller]
fn assert_complete(face: &str, answered: &BTreeSet<&'static str>) {
    let unanswered = unanswered();
    let expected: BTreeSet<&str> = operations::ALL
        .iter()
        .filter(|operation| !unanswered.contains_key(&place(operation)))
        .map(|operation| operation.name())
        .collect();
    let missing: Vec<_> = expected.difference(answered).collect();
    let unexpected: Vec<_> = answered.difference(&expected).collect();
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "all scenarios have run. {face}: never answered, and without a reason in [unanswered] of spec/diptych.toml: \
         {missing:?}; answered in spite of a reason there: {unexpected:?}"
    );
}

#[test]
fn a_reason_is_that_of_an_operation() {
    let places: BTreeSet<String> = operations::ALL.iter().map(|one| place(one)).collect();
    for (place, reason) in unanswered() {
        assert!(
            places.contains(&place),
            "[unanswered] names {place}, which is no operation"
        );
        assert!(!reason.is_empty(), "the reason of {place} is empty");
    }
}

fn place(operation: &Operation) -> String {
    format!("{} {}", operation.method(), operation.path())
}

/// Why no answer is seen, by method and path.
fn unanswered() -> BTreeMap<String, String> {
    let choices: toml::Table = CHOICES.parse().expect("diptych.toml is TOML");
    choices
        .get("unanswered")
        .map_or_else(BTreeMap::new, |table| {
            let table = table.clone().try_into();
            table.expect("[unanswered] is a table of texts")
        })
}
