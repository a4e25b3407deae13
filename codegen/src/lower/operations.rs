//! Operations: argument and answer types from progenitor's method signatures, the rest from the document and its notes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::front_end::{FrontEnd, parameter_name};
use super::rust_types;
use super::types::finished_field;
use crate::config::AnswerKind;
use crate::error::Problems;
use crate::ir::{Answer, Field, Operation, Parameter, ParameterPlace, RequestBody, TypeRef};
use crate::naming::{type_name, value_name};
use crate::normalise::{Body, Canonical, OperationNote};

pub(super) fn lower(
    canonical: &Canonical,
    front_end: &FrontEnd,
    problems: &mut Problems,
) -> BTreeMap<String, Operation> {
    let mut operations = BTreeMap::new();
    for (name, note) in &canonical.operations {
        let Some(signature) = front_end.methods.get(name) else {
            continue; // The count check names it.
        };
        let method = note.method.to_lowercase();
        let json = &canonical.document["paths"][&note.path][&method];
        let lowered = Lowering {
            canonical,
            note,
            json,
            arguments: arguments(signature),
        };
        match lowered.operation(name, signature) {
            Ok(operation) => {
                operations.insert(name.clone(), operation);
            }
            Err(words) => problems.add(note.source.clone(), words),
        }
    }
    operations
}

struct Lowering<'l> {
    canonical: &'l Canonical,
    note: &'l OperationNote,
    json: &'l Value,
    arguments: BTreeMap<String, &'l syn::Type>,
}

impl Lowering<'_> {
    fn operation(&self, name: &str, signature: &syn::Signature) -> Result<Operation, String> {
        let note = self.note;
        Ok(Operation {
            name: name.to_owned(),
            method: note.method.clone(),
            path: note.path.clone(),
            tag: note.tag.clone(),
            doc: doc(note, name),
            deprecated: note.deprecated,
            source: note.source.clone(),
            parameters: self.parameters()?,
            body: self.body(name)?,
            answer: self.answer(signature)?,
            client_headers: note.client_headers.clone(),
            errors: note.errors.clone(),
            repeatable: note.repeatable,
            paging: None,
        })
    }

    fn parameters(&self) -> Result<Vec<Parameter>, String> {
        let mut parameters = Vec::new();
        for (index, json) in self.json["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            let wire = json["name"].as_str().unwrap_or_default();
            let place = match json["in"].as_str() {
                Some("path") => ParameterPlace::Path,
                Some("query") => ParameterPlace::Query,
                _ => ParameterPlace::Header,
            };
            let argument = match place {
                ParameterPlace::Path => self.argument(wire)?,
                _ => self.argument(&parameter_name(index))?,
            };
            let (ty, _) = rust_types::read_optional(argument)?;
            let required = if json["required"] == true {
                vec![wire]
            } else {
                Vec::new()
            };
            let pointer = self
                .note
                .source
                .child("parameters")
                .child(index)
                .child("schema");
            let note = self.canonical.note(&pointer);
            let ty = match ty {
                TypeRef::Text if note.secret => TypeRef::Secret,
                ty => ty,
            };
            let field = finished_field(wire, ty, &required, note, &pointer);
            parameters.push(Parameter { place, field });
        }
        Ok(parameters)
    }

    /// progenitor calls an argument as we do, but for keywords and digits.
    fn argument(&self, wire: &str) -> Result<&syn::Type, String> {
        let name = value_name(wire);
        let known = self
            .arguments
            .get(&name)
            .or_else(|| self.arguments.get(name.trim_end_matches('_')));
        known.copied().ok_or_else(|| {
            format!("progenitor's method has no argument for the parameter `{wire}`")
        })
    }

    fn body(&self, name: &str) -> Result<RequestBody, String> {
        let required = match self.note.body {
            Body::None => return Ok(RequestBody::None),
            Body::Embedded => return Ok(RequestBody::Embedded(type_name(&format!("{name}_body")))),
            Body::Json { required } => required,
        };
        let ty = rust_types::read(self.argument("body")?)?;
        let pointer = self.note.source.child("requestBody").child("content");
        let pointer = pointer.child("application/json").child("schema");
        let note = self.canonical.note(&pointer);
        let required = if required { vec!["body"] } else { Vec::new() };
        let field: Field = finished_field("body", ty, &required, note, &pointer);
        Ok(RequestBody::Json(Box::new(field)))
    }

    fn answer(&self, signature: &syn::Signature) -> Result<Option<Answer>, String> {
        let kind = self.note.answer;
        let ty = match kind {
            AnswerKind::Text => Some(TypeRef::Text),
            AnswerKind::Bytes => Some(TypeRef::List(Box::new(TypeRef::Integer("u8".to_owned())))),
            AnswerKind::Json => answer_type(signature)?,
        };
        Ok(ty.map(|ty| Answer { kind, ty }))
    }
}

fn arguments(signature: &syn::Signature) -> BTreeMap<String, &syn::Type> {
    let typed = signature.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(argument) => Some(argument),
        syn::FnArg::Receiver(_) => None,
    });
    let named = typed.filter_map(|argument| match &*argument.pat {
        syn::Pat::Ident(name) => Some((name.ident.to_string(), &*argument.ty)),
        _ => None,
    });
    named.collect()
}

/// The `T` of `Result<ResponseValue<T>, Error<E>>`; `()` and byte streams have none.
fn answer_type(signature: &syn::Signature) -> Result<Option<TypeRef>, String> {
    let syn::ReturnType::Type(_, result) = &signature.output else {
        return Err("progenitor's method returns nothing".to_owned());
    };
    let value = first_argument(first_argument(result)?)?;
    match value {
        syn::Type::Tuple(tuple) if tuple.elems.is_empty() => Ok(None),
        value => rust_types::read(value).map(Some),
    }
}

fn first_argument(ty: &syn::Type) -> Result<&syn::Type, String> {
    if let syn::Type::Path(path) = ty
        && let Some(segment) = path.path.segments.last()
        && let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
        && let Some(syn::GenericArgument::Type(inner)) = arguments.args.first()
    {
        return Ok(inner);
    }
    Err("progenitor's method returns something else than `Result<ResponseValue<_>, _>`".to_owned())
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
