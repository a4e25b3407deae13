//! Operations: what they take and what they answer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::types::field;
use super::values::Reader;
use crate::config::AnswerKind;
use crate::ir::{Answer, IntegerType, Operation, Parameter, ParameterPlace, RequestBody, TypeRef};
use crate::naming::type_name;
use crate::normalise::{Body, Canonical, OperationNote};
use crate::pointer::Pointer;

pub(super) fn lower<'c>(
    canonical: &'c Canonical,
    reader: &mut Reader<'c>,
) -> BTreeMap<String, Operation> {
    let operations = canonical.operations.iter().map(|(name, note)| {
        let json = &canonical.document["paths"][&note.path][note.method.to_lowercase()];
        (name.clone(), operation(reader, name, note, json))
    });
    operations.collect()
}

fn operation<'c>(
    reader: &mut Reader<'c>,
    name: &str,
    note: &OperationNote,
    json: &'c Value,
) -> Operation {
    Operation {
        name: name.to_owned(),
        method: note.method.clone(),
        path: note.path.clone(),
        tag: note.tag.clone(),
        doc: doc(note, name),
        deprecated: note.deprecated,
        source: note.source.clone(),
        parameters: parameters(reader, note, json),
        body: body(reader, name, note, json),
        answer: answer(reader, note, json),
        client_headers: note.client_headers.clone(),
        errors: note.errors.clone(),
        repeatable: note.repeatable,
        paging: None,
    }
}

fn parameters<'c>(
    reader: &mut Reader<'c>,
    note: &OperationNote,
    json: &'c Value,
) -> Vec<Parameter> {
    let place = note.source.child("parameters");
    let parameters = json["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.enumerate().map(|(index, json)| {
        let wire = json["name"].as_str().unwrap_or_default();
        let schema = place.child(index).child("schema");
        let ty = reader.value(&json["schema"], &schema);
        let required = json["required"] == true;
        Parameter {
            place: match json["in"].as_str() {
                Some("path") => ParameterPlace::Path,
                Some("query") => ParameterPlace::Query,
                _ => ParameterPlace::Header,
            },
            field: field(wire, ty, required, reader.note(&schema), &schema),
        }
    });
    parameters.collect()
}

fn body<'c>(
    reader: &mut Reader<'c>,
    name: &str,
    note: &OperationNote,
    json: &'c Value,
) -> RequestBody {
    let required = match note.body {
        Body::None => return RequestBody::None,
        Body::Embedded => return RequestBody::Embedded(type_name(&format!("{name}_body"))),
        Body::Json { required } => required,
    };
    let (schema, place) = content(&json["requestBody"], &note.source.child("requestBody"));
    let ty = reader.value(schema, &place);
    let field = field("body", ty, required, reader.note(&place), &place);
    RequestBody::Json(Box::new(field))
}

fn answer<'c>(reader: &mut Reader<'c>, note: &OperationNote, json: &'c Value) -> Option<Answer> {
    let kind = note.answer;
    let ty = match kind {
        AnswerKind::Text => TypeRef::Text,
        AnswerKind::Bytes => TypeRef::List(Box::new(TypeRef::Integer(IntegerType::U8))),
        AnswerKind::Json => {
            // One answer was kept: that of the success.
            let (status, response) = json["responses"].as_object()?.iter().next()?;
            response.get("content")?;
            let place = note.source.child("responses").child(status);
            let (schema, place) = content(response, &place);
            reader.value_or_null(schema, &place)
        }
    };
    Some(Answer { kind, ty })
}

/// The schema of JSON content, and its place.
fn content<'c>(json: &'c Value, place: &Pointer) -> (&'c Value, Pointer) {
    let schema = &json["content"]["application/json"]["schema"];
    let place = place.child("content").child("application/json");
    (schema, place.child("schema"))
}

fn doc(note: &OperationNote, name: &str) -> String {
    let texts = [note.description.as_deref(), note.summary.as_deref()];
    let text = texts
        .into_iter()
        .flatten()
        .map(str::trim)
        .find(|text| !text.is_empty());
    text.map_or_else(|| name.replace('_', " "), str::to_owned)
}
