//! An operation as data: the function that builds its request.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::arguments::{self, Destination, Input, inputs, is_argument, parameters, reference};
use super::object::write_field;
use super::presence::Presence;
use super::{doc, rust_type};
use crate::config::AnswerKind;
use crate::ir::{Api, Operation, TypeRef};

pub(super) fn emit(operation: &Operation, api: &Api, used: &mut BTreeSet<String>) -> TokenStream {
    let inputs = inputs(operation, api);
    mention(operation, &inputs, used);
    let name = format_ident!("{}", operation.name);
    let constant = format_ident!("{}", operation.name.to_uppercase());
    let (text, path, tag) = (&operation.name, &operation.path, &operation.tag);
    let method = format_ident!("{}", operation.method);
    let docs = doc::attributes(&format!(
        "Builds `{} {}`.",
        operation.method, operation.path
    ));
    let static_docs = doc::attributes(&format!("`{} {}`.", operation.method, operation.path));
    let parameters = parameters(operation, &inputs, api);
    let answer = answer_type(operation);
    let lines = inputs
        .iter()
        .filter(|input| input.destination != Destination::BodyField)
        .map(line);
    let body = embedded_body(&inputs, operation);
    let (read, form) = (reader(operation), form(operation));
    let repeatable = operation.repeatable.then(|| quote!(.repeatable()));
    let pages = super::pages::sequence(operation, api, used);
    let mutable = (!inputs.is_empty() || body.is_some()).then(|| quote!(mut));
    quote! {
        #static_docs
        pub static #constant: TypedOperation<#answer> =
            Operation::new(#text, Method::#method, #path, #tag) #repeatable .answering(AnswerForm::#form);
        #docs
        pub fn #name(#(#parameters),*) -> Call<#answer> {
            let #mutable http = RequestBuilder::new(&#constant);
            #(#lines)*
            #body
            http.answer(#read)
        }
        #pages
    }
}

/// What a success gives.
pub(super) fn answer_type(operation: &Operation) -> TokenStream {
    if let Some(answer) = &operation.answer {
        rust_type::owned(&answer.ty)
    } else {
        quote!(())
    }
}

/// Notes the models that the signature mentions.
pub(super) fn mention(operation: &Operation, inputs: &[Input<'_>], used: &mut BTreeSet<String>) {
    let answer = operation.answer.iter().map(|answer| &answer.ty);
    for ty in arguments::mentioned(inputs).chain(answer) {
        ty.names(&mut |name| {
            used.insert(name.to_owned());
        });
    }
}

fn line(input: &Input<'_>) -> TokenStream {
    let (wire, value) = (&input.placed.field.wire, reference(input));
    match (input.destination, is_argument(input)) {
        (Destination::Path, _) => quote!(http.path(#wire, #value);),
        (Destination::Query, true) => quote!(http.query(#wire, #value);),
        (Destination::Query, false) => quote!(http.optional_query(#wire, #value);),
        (Destination::Header, true) => quote!(http.header(#wire, #value);),
        (Destination::Header, false) => quote!(http.optional_header(#wire, #value);),
        (Destination::Body | Destination::BodyField, true) => quote!(http.json(#value);),
        (Destination::Body | Destination::BodyField, false) => {
            quote!(if let Some(body) = #value { http.json(body); })
        }
    }
}

fn embedded_body(inputs: &[Input<'_>], operation: &Operation) -> Option<TokenStream> {
    if !matches!(operation.body, crate::ir::RequestBody::Embedded(_)) {
        return None;
    }
    let fields = inputs
        .iter()
        .filter(|input| input.destination == Destination::BodyField);
    let lines = fields.map(|input| {
        let value = if input.placed.presence == Presence::Constant {
            quote!()
        } else {
            reference(input)
        };
        write_field(&quote!(body), &input.placed, &value)
    });
    let lines: Vec<TokenStream> = lines.collect();
    let argument = if lines.is_empty() {
        quote!(_)
    } else {
        quote!(body)
    };
    Some(quote!(http.json_object(|#argument| { #(#lines)* });))
}

fn reader(operation: &Operation) -> TokenStream {
    match &operation.answer {
        None => quote!(read::nothing),
        Some(answer) => match answer.kind {
            AnswerKind::Text => quote!(read::text),
            AnswerKind::Bytes => quote!(read::bytes),
            AnswerKind::Json if answer.ty == TypeRef::Any => quote!(read::any),
            AnswerKind::Json => quote!(read::json),
        },
    }
}

/// How the success travels: what a server that is not there writes it with.
fn form(operation: &Operation) -> Ident {
    let form = match operation.answer.as_ref().map(|answer| answer.kind) {
        None => "Nothing",
        Some(AnswerKind::Text) => "Text",
        Some(AnswerKind::Bytes) => "Bytes",
        Some(AnswerKind::Json) => "Json",
    };
    format_ident!("{form}")
}
