//! Answers that come piece by piece: one method that gives an iterator or a stream of them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::faces::{deprecated, keyword, track_caller, wait};
use super::signature::{Request, Signature, ident};
use super::{doc, rust_type};
use crate::ir::AnswerKind;
use crate::plan::{Face, OperationPlan, StreamPlan};

pub(super) fn methods(
    face: Face,
    plan: &OperationPlan<'_>,
    stream: &StreamPlan<'_>,
    signature: &Signature,
) -> TokenStream {
    let names = &signature.names;
    let signed = |name: &str, request: Option<&Ident>| {
        signed(face, stream, &ident(name), signature, request)
    };
    let name = ident(&plan.operation.name);
    let call = quote!(#name(#(#names),*));
    let method = method(face, plan, stream, &signed(&stream.name, None), &call);
    let with = signature.request.as_ref().map(|request| {
        let Request { name, with } = request;
        let call = quote!(#with(#(#names,)* request));
        self::method(face, plan, stream, &signed(&stream.with, Some(name)), &call)
    });
    quote!(#method #with)
}

/// The signature of a method of that name without its body, with what is optional in the request struct of the other name.
pub(super) fn signed(
    face: Face,
    stream: &StreamPlan<'_>,
    name: &Ident,
    signature: &Signature,
    request: Option<&Ident>,
) -> TokenStream {
    let item = rust_type::piece(stream.kind, stream.item);
    let (keyword, runtime) = (keyword(face), format_ident!("{}", face.module()));
    let parameters = &signature.parameters;
    let request = request.map(|request| quote!(, request: &requests::#request));
    quote! {
        #keyword fn #name(&self #(, #parameters)* #request) -> Result<diptych_runtime::#runtime::Stream<#item>, Error>
    }
}

fn method(
    face: Face,
    plan: &OperationPlan<'_>,
    stream: &StreamPlan<'_>,
    signed: &TokenStream,
    call: &TokenStream,
) -> TokenStream {
    let operation = plan.operation;
    let (what, sent) = match stream.kind {
        AnswerKind::Events => (
            "events",
            quote!(stream(operations::#call, diptych_runtime::PieceEnd::Event)),
        ),
        AnswerKind::Bytes => ("bytes", quote!(stream_bytes(operations::#call))),
        _ => (
            "lines",
            quote!(stream(operations::#call, diptych_runtime::PieceEnd::Line)),
        ),
    };
    let each = match stream.kind {
        AnswerKind::Bytes => "as they come, however many they are",
        _ => "each as soon as it has come",
    };
    let docs = doc::own(&format!(
        "The {what} of [`{whole}`](Self::{whole}), {each}.\n\n`{} {}`\n\n# Errors\n\n\
         As [every call](Self#errors), until the answer has begun; each item says what comes after that.",
        operation.method,
        doc::code(&operation.path),
        whole = operation.name,
    ));
    let (deprecated, track, wait) = (deprecated(operation), track_caller(face), wait(face));
    quote! {
        #docs
        #deprecated
        #track
        pub #signed {
            self.inner.#sent #wait
        }
    }
}
