//! What stands in a body or an answer: its only content, and the type of that.

use super::reader::{Reader, reference};
use crate::ir::{AnswerKind, IntegerType, Part, TypeRef};
use crate::json::Value;
use crate::pointer::Pointer;

/// The type of an answer of one status.
pub(super) fn answer_type<'c>(
    reader: &mut Reader<'c>,
    kind: AnswerKind,
    response: &'c Value,
    place: &Pointer,
) -> TypeRef {
    let (schema, place) = content(response, place);
    match kind {
        AnswerKind::Text => TypeRef::Text,
        AnswerKind::Bytes => bytes(),
        AnswerKind::Json => reader.value_or_null(schema, &place),
        AnswerKind::Lines => TypeRef::List(Box::new(reader.value_or_null(schema, &place))),
        // The data of an event is text, unless the description says what it is the JSON of.
        AnswerKind::Events => TypeRef::List(Box::new(match reader.value_or_null(schema, &place) {
            _ if schema["type"] == "string" => TypeRef::Text,
            TypeRef::Any => TypeRef::Text,
            data => data,
        })),
    }
}

/// How each part of a form of any names is written, where its schema says so.
pub(super) fn part_of_each(reader: &Reader<'_>, schema: &Value, place: &Pointer) -> Option<Part> {
    // A component that is another one in a circle is no form.
    const STEPS: usize = 32;
    let (mut schema, mut place) = (schema, place.clone());
    for _ in 0..STEPS {
        let Some(name) = reference(schema) else {
            break;
        };
        (schema, place) = (reader.component(name), Pointer::schema(name));
    }
    let key = if schema["items"].is_object() {
        "items"
    } else {
        "additionalProperties"
    };
    reader.note(&place.child(key)).part.clone()
}

pub(super) fn bytes() -> TypeRef {
    TypeRef::List(Box::new(TypeRef::Integer(IntegerType::U8)))
}

/// The schema of the only content, and its place.
pub(super) fn content<'c>(json: &'c Value, place: &Pointer) -> (&'c Value, Pointer) {
    let place = place.child("content");
    let content = json["content"].as_object();
    match content.and_then(|content| content.iter().next()) {
        Some((media_type, entry)) => (&entry["schema"], place.child(media_type).child("schema")),
        None => (&Value::Null, place),
    }
}
