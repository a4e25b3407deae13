//! An operation as data: the function that builds its request.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::arguments::{
    self, Destination, Input, inputs, is_argument, names, parameters, reference, request_name,
    with_request,
};
use super::object::write_field;
use super::presence::Presence;
use super::{doc, rust_type};
use crate::config::AnswerKind;
use crate::ir::{Api, Operation, TypeRef};

pub(super) fn emit(operation: &Operation, api: &Api, used: &mut BTreeSet<String>) -> TokenStream {
    let inputs = inputs(operation, api);
    mention(operation, &inputs, used);
    let constant = format_ident!("{}", operation.name.to_uppercase());
    let (text, path, tag) = (&operation.name, &operation.path, &operation.tag);
    let method = format_ident!("{}", operation.method);
    let static_docs = doc::attributes(&format!("`{} {}`.", operation.method, operation.path));
    let answer = answer_type(operation);
    let form = form(operation);
    let repeatable = operation.repeatable.then(|| quote!(.repeatable()));
    let functions = functions(operation, &inputs, api);
    let pages = super::pages::sequences(operation, api, used);
    quote! {
        #static_docs
        pub static #constant: TypedOperation<#answer> =
            Operation::new(#text, Method::#method, #path, #tag) #repeatable .answering(AnswerForm::#form);
        #functions
        #pages
    }
}

/// The function that takes what is required, and the one that takes what is optional too.
fn functions(operation: &Operation, inputs: &[Input<'_>], api: &Api) -> TokenStream {
    let name = format_ident!("{}", operation.name);
    let (parameters, answer) = (parameters(inputs), answer_type(operation));
    let target = format!("`{} {}`", operation.method, operation.path);
    let built = built(operation, inputs);
    let Some(request) = request_name(operation, inputs, api) else {
        let docs = doc::attributes(&format!("Builds {target}."));
        return quote! {
            #docs
            pub fn #name(#(#parameters),*) -> Call<#answer> {
                #built
            }
        };
    };
    let (request, with) = (format_ident!("{request}"), with_request(&operation.name));
    let names = names(inputs);
    let docs = doc::attributes(&format!("Builds {target} with what is required."));
    let with_docs = doc::attributes(&format!("Builds {target}."));
    quote! {
        #docs
        pub fn #name(#(#parameters),*) -> Call<#answer> {
            #with(#(#names,)* &requests::#request::new())
        }
        #with_docs
        pub fn #with(#(#parameters,)* request: &requests::#request) -> Call<#answer> {
            #built
        }
    }
}

fn built(operation: &Operation, inputs: &[Input<'_>]) -> TokenStream {
    let constant = format_ident!("{}", operation.name.to_uppercase());
    let lines = inputs
        .iter()
        .filter(|input| input.destination != Destination::BodyField)
        .map(line);
    let body = embedded_body(inputs, operation);
    let read = reader(operation);
    let mutable = (!inputs.is_empty() || body.is_some()).then(|| quote!(mut));
    quote! {
        let #mutable http = RequestBuilder::new(&#constant);
        #(#lines)*
        #body
        http.answer(#read)
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
