//! Answers that come item by item: one method that gives an iterator or a stream of them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::arguments::{inputs, names, parameters, request_name, with_request};
use super::clients::{Face, deprecated, track_caller};
use super::{doc, rust_type};
use crate::config::AnswerKind;
use crate::ir::{Api, Operation};
use crate::naming::derived_name;

pub(super) fn methods(face: Face, operation: &Operation, api: &Api) -> TokenStream {
    let Some(answer) = operation.answer.as_ref().filter(|_| operation.streams) else {
        return TokenStream::new();
    };
    let Some(item) = rust_type::item(answer.kind, &answer.ty) else {
        return TokenStream::new();
    };
    let method = derived_name(&operation.name, "stream");
    let inputs = inputs(operation, api);
    let (parameters, names) = (parameters(&inputs), names(&inputs));
    let name = format_ident!("{}", operation.name);
    let sends = Sends {
        face,
        operation,
        item,
    };
    let plain = sends.method(
        &format_ident!("{method}"),
        &parameters,
        &quote!(#name(#(#names),*)),
    );
    let with = request_name(operation, &inputs).map(|request| {
        let (request, with) = (format_ident!("{request}"), with_request(&operation.name));
        let mut parameters = parameters.clone();
        parameters.push(quote!(request: &requests::#request));
        let call = quote!(#with(#(#names,)* request));
        sends.method(&with_request(&method), &parameters, &call)
    });
    quote!(#plain #with)
}

struct Sends<'o> {
    face: Face,
    operation: &'o Operation,
    item: TokenStream,
}

impl Sends<'_> {
    fn method(&self, name: &Ident, parameters: &[TokenStream], call: &TokenStream) -> TokenStream {
        let Self {
            face,
            operation,
            item,
        } = self;
        let is_events = operation
            .answer
            .as_ref()
            .is_some_and(|one| one.kind == AnswerKind::Events);
        let (what, end) = if is_events {
            ("events", format_ident!("Event"))
        } else {
            ("lines", format_ident!("Line"))
        };
        let docs = doc::own(&format!(
            "The {what} of [`{whole}`](Self::{whole}), each as soon as it has come.\n\n`{} {}`\n\n# Errors\n\n\
             As [every call](Self#errors), until the answer has begun; each item says what comes after that.",
            operation.method,
            doc::code(&operation.path),
            whole = operation.name,
        ));
        let (deprecated, track) = (deprecated(operation), track_caller(*face));
        let asynchronous = *face == Face::Async;
        let keyword = asynchronous.then(|| quote!(async));
        let wait = asynchronous.then(|| quote!(.await));
        let runtime = format_ident!("{}", face.module());
        quote! {
            #docs
            #deprecated
            #track
            pub #keyword fn #name(&self #(, #parameters)*) -> Result<diptych_runtime::#runtime::Stream<#item>, Error> {
                self.inner.stream(operations::#call, diptych_runtime::PieceEnd::#end) #wait
            }
        }
    }
}
