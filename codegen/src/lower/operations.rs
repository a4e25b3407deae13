//! Operations: what they take and what they answer.

use std::collections::{BTreeMap, BTreeSet};

use super::addresses::encoded;
use super::answers::answer;
use super::contents::{bytes, content, with_parts};
use super::distinct::{of_parameters, set_apart};
use super::fields::{Said, field};
use super::reader::Reader;
use super::values::plain;
use crate::ir::{
    BodyForm, Content, Field, Operation, Parameter, ParameterPlace, RequestBody, Style, TypeRef,
};
use crate::json::Value;
use crate::naming::{Numbers, type_name, value_name};
use crate::normalise::{AnswerHeader, Body, Canonical, OperationNote, style, styled_pairs};
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
        // `get_1` and `get1` are two methods, and would be one type.
        let request_type = numbers.free(&type_name(name), |name| taken.contains(name));
        taken.insert(request_type.clone());
        let operation = operation(reader, name, request_type, note, json);
        (name.clone(), operation)
    });
    operations.collect()
}

fn operation<'c>(
    reader: &mut Reader<'c>,
    name: &str,
    request_type: String,
    note: &OperationNote,
    json: &'c Value,
) -> Operation {
    let mut taken = BTreeSet::new();
    let parameters = parameters(reader, note, json, &mut taken);
    Operation {
        name: name.to_owned(),
        method: note.method.clone(),
        path: encoded(&note.path),
        tag: note.tag.clone(),
        request_type,
        doc: doc(note, name),
        deprecated: note.deprecated,
        source: note.source.clone(),
        is_variant: as_described(&note.place) != note.source,
        accept: note.accept.clone(),
        parameters,
        body: body(reader, name, note, json, &taken),
        content: written(reader, note, json),
        answer: answer(reader, name, note, json),
        answer_headers: answer_headers(note),
        client_headers: note.client_headers.clone(),
        asks: note.asks.clone(),
        errors: note.errors.clone(),
        repeatable: note.repeatable,
    }
}

fn answer_headers(note: &OperationNote) -> Vec<Field> {
    let headers = note.answer_headers.iter();
    let names = headers.clone().map(|header| value_name(&header.name));
    let names = set_apart(names, &mut BTreeSet::new());
    headers
        .zip(names)
        .map(|(header, name)| answer_header(header, name, &note.source))
        .collect()
}

fn answer_header(header: &AnswerHeader, name: String, place: &Pointer) -> Field {
    let note = Note {
        description: Some(header.description.clone()).filter(|words| !words.is_empty()),
        deprecated: header.deprecated,
        ..Note::default()
    };
    let said = Said {
        wire: &header.name,
        ty: plain(&header.schema),
        required: header.required,
        note: &note,
        owner: place,
    };
    field(said, name)
}

fn parameters<'c>(
    reader: &mut Reader<'c>,
    note: &OperationNote,
    json: &'c Value,
    taken: &mut BTreeSet<String>,
) -> Vec<Parameter> {
    let all = json["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let placed = all.iter().map(|json| (parameter_place(json), wire(json)));
    let names = of_parameters(&placed.collect::<Vec<_>>(), taken);
    let place = note.place.child("parameters");
    let parameters = all.iter().zip(names).enumerate();
    parameters
        .map(|(index, (json, name))| {
            let schema = place.child(index).child("schema");
            parameter(reader, json, name, &schema)
        })
        .collect()
}

fn parameter<'c>(
    reader: &mut Reader<'c>,
    json: &'c Value,
    name: String,
    schema: &Pointer,
) -> Parameter {
    let (style, required) = (style(json), json["required"] == true);
    let said = Said {
        wire: wire(json),
        ty: reader.value(&json["schema"], schema),
        required,
        note: reader.note(schema),
        owner: schema,
    };
    let field = field(said, name);
    // No style has a null: a parameter that may be null is not there then.
    let must_be_said = required && style != Style::Json;
    Parameter {
        place: parameter_place(json),
        style,
        allow_reserved: json["allowReserved"] == true,
        styled: styled_pairs(json),
        field: Field {
            nullable: field.nullable && !must_be_said,
            ..field
        },
    }
}

fn wire(parameter: &Value) -> &str {
    parameter["name"].as_str().unwrap_or_default()
}

fn parameter_place(parameter: &Value) -> ParameterPlace {
    match parameter["in"].as_str() {
        Some("path") => ParameterPlace::Path,
        Some("query") => ParameterPlace::Query,
        Some("cookie") => ParameterPlace::Cookie,
        _ => ParameterPlace::Header,
    }
}

fn body<'c>(
    reader: &mut Reader<'c>,
    name: &str,
    note: &OperationNote,
    json: &'c Value,
    taken: &BTreeSet<String>,
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
    let said = Said {
        wire: "body",
        ty,
        required,
        note: reader.note(&place),
        owner: &place,
    };
    let name = Numbers::default().set_apart(said.wire, |name| taken.contains(name));
    let field = field(said, name);
    // Of lines, what is noted there is of the values on them, and only JSON has a null.
    let may_be_null = form.is_none_or(|form| form == BodyForm::Json);
    RequestBody::Whole(Box::new(Field {
        nullable: field.nullable && may_be_null,
        ..field
    }))
}

/// How the body is written.
fn written(reader: &Reader<'_>, note: &OperationNote, json: &Value) -> Option<Content> {
    let written = note.content.clone()?;
    if written.form != BodyForm::Multipart {
        return Some(written);
    }
    let place = note.place.child("requestBody");
    let (schema, place) = content(&json["requestBody"], &place);
    Some(with_parts(written, reader, schema, &place))
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
