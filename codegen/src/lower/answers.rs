//! What a success of an operation answers.

use super::contents::answer_type;
use super::outcomes;
use super::reader::Reader;
use crate::ir::{Answer, AnswerKind, TypeRef};
use crate::json::Value;
use crate::normalise::OperationNote;

pub(super) fn answer<'c>(
    reader: &mut Reader<'c>,
    name: &str,
    note: &OperationNote,
    json: &'c Value,
) -> Option<Answer> {
    let kind = note.answer;
    if !note.outcomes.is_empty() {
        return Some(Answer {
            kind,
            ty: TypeRef::Named(outcomes::lower(reader, name, note, json)),
            may_be_empty: false,
            by_status: true,
        });
    }
    // One answer was kept: that of the success.
    let (status, response) = json["responses"].as_object()?.iter().next()?;
    response.get("content")?;
    let place = note.place.child("responses").child(status);
    let ty = answer_type(reader, kind, response, &place);
    // An empty body reads as null where anything is read, and as no line or event.
    let has_items = matches!(kind, AnswerKind::Lines | AnswerKind::Events);
    let may_be_empty = note.may_be_empty && !has_items && ty != TypeRef::Any;
    let ty = match ty {
        ty @ TypeRef::Optional(_) => ty,
        ty if may_be_empty => TypeRef::Optional(Box::new(ty)),
        ty => ty,
    };
    Some(Answer {
        kind,
        ty,
        may_be_empty,
        by_status: false,
    })
}
