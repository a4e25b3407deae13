//! The answers of an operation whose successes differ: one type that says which it is.

use std::collections::BTreeSet;

use super::contents::answer_type;
use super::drafts::{Draft, Shape};
use super::reader::Reader;
use crate::ir::Outcome;
use crate::json::Value;
use crate::naming::{Numbers, status_name, type_name};
use crate::normalise::OperationNote;
use crate::walk::ANSWERS;

/// Makes the type. The result is its name.
pub(super) fn lower<'c>(
    reader: &mut Reader<'c>,
    name: &str,
    note: &OperationNote,
    json: &'c Value,
) -> String {
    let mut outcomes = Vec::with_capacity(note.outcomes.len());
    let mut taken = BTreeSet::new();
    let mut numbers = Numbers::default();
    for outcome in &note.outcomes {
        let keys = ["responses", ANSWERS];
        let key = keys
            .into_iter()
            .find(|key| json[key].get(&outcome.status).is_some());
        let body = outcome.kind.zip(key).map(|(kind, key)| {
            let place = note.place.child(key).child(&outcome.status);
            let ty = answer_type(reader, kind, &json[key][&outcome.status], &place);
            (kind, ty)
        });
        let variant = numbers.free(&status_name(&outcome.status), |name| taken.contains(name));
        taken.insert(variant.clone());
        outcomes.push(Outcome {
            variant,
            status: outcome.status.parse().ok(),
            body,
        });
    }
    let name = free_name(reader, &type_name(&format!("{name} answer")));
    let draft = Draft {
        source: note.source.child("responses"),
        doc: format!(
            "What `{} {}` answers, by its status.",
            note.method, note.path
        ),
        embedded: false,
        shape: Shape::Outcomes(outcomes),
    };
    reader.outcomes.insert(name.clone(), draft);
    name
}

fn free_name(reader: &Reader<'_>, name: &str) -> String {
    let is_taken =
        |name: &str| reader.outcomes.contains_key(name) || reader.component(name).is_object();
    Numbers::default().free(name, is_taken)
}
