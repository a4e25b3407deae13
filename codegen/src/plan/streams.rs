//! Answers that come piece by piece: lines, events and bytes. Their operations have methods for that, unless others are called so.

use crate::ir::{Answer, AnswerKind, Api, Operation, TypeRef};
use crate::loss::Loss;
use crate::naming::derived_name;

/// An answer that comes piece by piece.
pub(crate) struct StreamPlan<'a> {
    pub(crate) name: String,
    pub(crate) with: String,
    pub(crate) item: &'a TypeRef,
    pub(crate) kind: AnswerKind,
}

pub(super) fn plan<'a>(
    operation: &'a Operation,
    api: &Api,
    losses: &mut Vec<Loss>,
) -> Option<StreamPlan<'a>> {
    let answer = operation.answer.as_ref()?;
    let item = piece(answer)?;
    let name = derived_name(&operation.name, "stream");
    let with = derived_name(&name, "with");
    let taken = [&name, &with];
    if let Some(other) = taken
        .iter()
        .find(|name| api.operations.contains_key(**name))
    {
        losses.push(Loss {
            pointer: operation.source.child("responses"),
            what: "the pieces of the answer as they come".to_owned(),
            why: format!("the method for them would be called `{other}`, as another operation is"),
        });
        return None;
    }
    Some(StreamPlan {
        name,
        with,
        item,
        kind: answer.kind,
    })
}

/// What a piece is. Of bytes that may not be there, nothing could tell none from those that are no more.
fn piece(answer: &Answer) -> Option<&TypeRef> {
    let has_pieces = matches!(
        answer.kind,
        AnswerKind::Lines | AnswerKind::Events | AnswerKind::Bytes
    );
    match &answer.ty {
        TypeRef::List(item) if has_pieces && !answer.by_status => Some(item),
        _ => None,
    }
}
