//! Operations: what they take and what they answer.

use std::collections::{BTreeMap, BTreeSet};

use super::addresses::encoded;
use super::answers::answer;
use super::contents::{add_parts, bytes, content};
use super::reader::Reader;
use super::types::field;
use super::values::plain;
use crate::ir::{
    BodyForm, Content, Field, Operation, Parameter, ParameterPlace, RequestBody, TypeRef,
};
use crate::json::Value;
use crate::naming::{Numbers, type_name};
use crate::normalise::{AnswerHeader, Body, Canonical, OperationNote, style};
use crate::notes::Note;
use crate::pointer::Pointer;
use crate::walk::as_described;

pub(super) fn lower<'c>(
    canonical: &'c Canonical,
    reader: &mut Reader<'c>,
) -> BTreeMap<String, Operation> {
    let mut taken = BTreeSet::new();
    let mut numbers = Numbers::default();
    let operations = canonical.operations.iter().map(|(name, note)| {
        let json = canonical.document.pointer(note.place.as_str());
        let json = json.unwrap_or(&Value::Null);
        let mut operation = operation(reader, name, note, json);
        // `get_1` and `get1` are two methods, and would be one type.
        operation.request_type = numbers.free(&operation.request_type, |name| taken.contains(name));
        taken.insert(operation.request_type.clone());
        (name.clone(), operation)
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
        path: encoded(&note.path),
        tag: note.tag.clone(),
        request_type: type_name(name),
        doc: doc(note, name),
        deprecated: note.deprecated,
        source: note.source.clone(),
        is_variant: as_described(&note.place) != note.source,
        accept: note.accept.clone(),
        parameters: parameters(reader, note, json),
        body: body(reader, name, note, json),
        content: written(reader, note, json),
        answer: answer(reader, name, note, json),
        answer_headers: note
            .answer_headers
            .iter()
            .map(|one| answer_header(one, &note.source))
            .collect(),
        client_headers: note.client_headers.clone(),
        asks: note.asks.clone(),
        errors: note.errors.clone(),
        repeatable: note.repeatable,
    }
}

fn answer_header(header: &AnswerHeader, place: &Pointer) -> Field {
    let note = Note {
        description: Some(header.description.clone()).filter(|words| !words.is_empty()),
        deprecated: header.deprecated,
        ..Note::default()
    };
    let ty = plain(&header.schema);
    field(&header.name, ty, header.required, &note, place)
}

fn parameters<'c>(
    reader: &mut Reader<'c>,
    note: &OperationNote,
    json: &'c Value,
) -> Vec<Parameter> {
    let place = note.place.child("parameters");
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
                Some("cookie") => ParameterPlace::Cookie,
                _ => ParameterPlace::Header,
            },
            style: style(json),
            allow_reserved: json["allowReserved"] == true,
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
        Body::Whole { required } => required,
    };
    let (schema, place) = content(&json["requestBody"], &note.place.child("requestBody"));
    let form = note.content.as_ref().map(|content| content.form);
    let ty = match form {
        Some(BodyForm::Bytes) => bytes(),
        Some(BodyForm::Lines) => TypeRef::List(Box::new(reader.value_or_null(schema, &place))),
        _ => reader.value(schema, &place),
    };
    let mut field = field("body", ty, required, reader.note(&place), &place);
    // Of lines, what is noted there is of the values on them, and only JSON has a null.
    field.nullable &= form.is_none_or(|form| form == BodyForm::Json);
    RequestBody::Whole(Box::new(field))
}

/// How the body is written.
fn written(reader: &Reader<'_>, note: &OperationNote, json: &Value) -> Option<Content> {
    let mut written = note.content.clone()?;
    if written.form == BodyForm::Multipart {
        let place = note.place.child("requestBody");
        let (schema, place) = content(&json["requestBody"], &place);
        add_parts(&mut written, reader, schema, &place);
    }
    Some(written)
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
