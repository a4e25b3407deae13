//! Answers that come item by item: one method that gives an iterator or a stream of them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::faces::{deprecated, keyword, renamed, track_caller, wait};
use super::signature::{Request, Signature, ident};
use super::{doc, rust_type};
use crate::ir::AnswerKind;
use crate::naming::derived_name;
use crate::plan::{Face, OperationPlan, StreamPlan};

pub(super) fn methods(
    face: Face,
    plan: &OperationPlan<'_>,
    stream: &StreamPlan<'_>,
    signature: &Signature,
) -> TokenStream {
    let sends = Sends { face, plan, stream };
    let Signature {
        parameters, names, ..
    } = signature;
    let name = ident(&plan.operation.name);
    let method = sends.method(
        &ident(&stream.name),
        &quote!(#(, #parameters)*),
        &quote!(#name(#(#names),*)),
    );
    let with = signature.request.as_ref().map(|request| {
        let Request { name, with } = request;
        let parameters = quote!(#(, #parameters)*, request: &requests::#name);
        let call = quote!(#with(#(#names,)* request));
        sends.method(&ident(&stream.with), &parameters, &call)
    });
    quote!(#method #with)
}

/// The methods by the names that the operation had.
pub(super) fn former(
    face: Face,
    plan: &OperationPlan<'_>,
    stream: &StreamPlan<'_>,
    signature: &Signature,
) -> TokenStream {
    let sends = Sends { face, plan, stream };
    let (track, wait) = (track_caller(face), wait(face));
    let method = |old: &str, new: &str, request: Option<&Ident>| {
        let docs = doc::own(&format!("[`{new}`](Self::{new})."));
        let (deprecated, parameters) = (renamed(new), &signature.parameters);
        let argument = request.map(|_| quote!(request));
        let names = signature.names.iter().map(|name| quote!(#name));
        let arguments = names.chain(argument);
        let request = request.map(|request| quote!(, request: &requests::#request));
        let signed = sends.signed(&ident(old), &quote!(#(, #parameters)* #request));
        let new = ident(new);
        quote! {
            #docs
            #deprecated
            #track
            pub #signed {
                self.#new(#(#arguments),*) #wait
            }
        }
    };
    let all = plan.operation.former.iter().map(|former| {
        let old = derived_name(&former.name, "stream");
        let without = method(&old, &stream.name, None);
        let request = signature.request.as_ref();
        let with = request.map(|request| {
            let old = derived_name(&old, "with");
            method(&old, &stream.with, Some(&request.name))
        });
        quote!(#without #with)
    });
    all.collect()
}

struct Sends<'p> {
    face: Face,
    plan: &'p OperationPlan<'p>,
    stream: &'p StreamPlan<'p>,
}

impl Sends<'_> {
    fn method(&self, name: &Ident, parameters: &TokenStream, call: &TokenStream) -> TokenStream {
        let Self { face, plan, stream } = self;
        let operation = plan.operation;
        let (what, end) = match stream.kind {
            AnswerKind::Events => ("events", format_ident!("Event")),
            _ => ("lines", format_ident!("Line")),
        };
        let docs = doc::own(&format!(
            "The {what} of [`{whole}`](Self::{whole}), each as soon as it has come.\n\n`{} {}`\n\n# Errors\n\n\
             As [every call](Self#errors), until the answer has begun; each item says what comes after that.",
            operation.method,
            doc::code(&operation.path),
            whole = operation.name,
        ));
        let (deprecated, track) = (deprecated(operation), track_caller(*face));
        let (signed, wait) = (self.signed(name, parameters), wait(*face));
        quote! {
            #docs
            #deprecated
            #track
            pub #signed {
                self.inner.stream(operations::#call, diptych_runtime::PieceEnd::#end) #wait
            }
        }
    }

    /// The signature without its body.
    fn signed(&self, name: &Ident, parameters: &TokenStream) -> TokenStream {
        let Self { face, stream, .. } = self;
        let item = rust_type::piece(stream.kind, stream.item);
        let (keyword, runtime) = (keyword(*face), format_ident!("{}", face.module()));
        quote!(#keyword fn #name(&self #parameters) -> Result<diptych_runtime::#runtime::Stream<#item>, Error>)
    }
}
