//! Answers that come piece by piece: lines, events and bytes. Their operations have methods for that, unless others are called so.

use crate::ir::{Answer, AnswerKind, Api, TypeRef};
use crate::loss::Loss;
use crate::naming::derived_name;

pub(super) fn settle(api: &mut Api) {
    let names: Vec<String> = api.operations.keys().cloned().collect();
    for name in names {
        let Some(operation) = api.operations.get(&name) else {
            continue;
        };
        if !operation.answer.as_ref().is_some_and(comes_in_pieces) {
            continue;
        }
        let method = derived_name(&name, "stream");
        let taken = [method.clone(), derived_name(&method, "with")];
        let other = taken.iter().find(|name| api.operations.contains_key(*name));
        let loss = other.map(|other| Loss {
            pointer: operation.source.child("responses"),
            what: "the pieces of the answer as they come".to_owned(),
            why: format!("the method for them would be called `{other}`, as another operation is"),
        });
        if let Some(operation) = api.operations.get_mut(&name) {
            operation.streams = loss.is_none();
        }
        api.losses.extend(loss);
    }
}

fn comes_in_pieces(answer: &Answer) -> bool {
    // Of bytes that may not be there, nothing could tell none from those that are no more.
    let is_there = !matches!(answer.ty, TypeRef::Optional(_));
    let has_pieces = matches!(
        answer.kind,
        AnswerKind::Lines | AnswerKind::Events | AnswerKind::Bytes
    );
    !answer.by_status && is_there && has_pieces
}
