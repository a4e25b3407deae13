//! What stands in a body or an answer: its only content, and the type of that.

use super::reader::{Reader, reference};
use crate::ir::{AnswerKind, Content, IntegerType, TypeRef};
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
        // Of most texts nothing is said.
        AnswerKind::Text | AnswerKind::Form => reader.value(schema, &place),
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

/// With what schemas say of how the parts of a body are written that have no names of their own.
pub(super) fn with_parts(
    written: Content,
    reader: &Reader<'_>,
    schema: &Value,
    place: &Pointer,
) -> Content {
    // A component that is another one in a circle is no form.
    const STEPS: usize = 32;
    let (mut schema, mut place) = (schema, place.clone());
    for _ in 0..STEPS {
        let Some(name) = reference(schema) else {
            break;
        };
        (schema, place) = (reader.component(name), Pointer::schema(name));
    }
    if let Some(carrier) = &reader.note(&place).tuple {
        return with_positions(written, reader, carrier);
    }
    let key = if schema["items"].is_object() {
        "items"
    } else {
        "additionalProperties"
    };
    let part = reader.note(&place.child(key)).part.as_ref();
    Content {
        each: written.each.with(part),
        ..written
    }
}

/// With what the items of a tuple say.
fn with_positions(written: Content, reader: &Reader<'_>, carrier: &str) -> Content {
    let of_items = Pointer::schema(carrier).child("properties");
    let items = reader.component(carrier)["properties"].as_object();
    let count = items.map_or(0, crate::json::Map::len);
    let said = written.positions.into_iter().map(Some);
    let said = said.chain(std::iter::repeat(None)).take(count);
    let positions = said.enumerate().map(|(index, said)| {
        let note = reader.note(&of_items.child(format!("item{index}")));
        let said = said.unwrap_or_else(|| written.each.clone());
        said.with(note.part.as_ref())
    });
    Content {
        positions: positions.collect(),
        ..written
    }
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
