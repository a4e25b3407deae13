//! The two clients: the same methods over the same operations, so that neither can drift.

use proc_macro2::TokenStream;
use quote::quote;

use super::faces::{deprecated, track_caller, wait};
use super::signature::{Request, Signature, ident};
use super::{doc, former, paged_methods, streams};
use crate::plan::{Face, OperationPlan};

/// The methods of an operation.
pub(super) fn methods(face: Face, plan: &OperationPlan<'_>, signature: &Signature) -> TokenStream {
    let operation = plan.operation;
    let (name, arguments) = (ident(&operation.name), &signature.names);
    let sends = Sends {
        deprecated: deprecated(operation),
        track: track_caller(face),
        wait: wait(face),
    };
    let method = sends.method(
        &documentation(plan),
        &plain(face, plan, signature),
        &quote!(operations::#name(#(#arguments),*)),
    );
    let with = with_request(face, signature).map(|method| {
        let name = ident(&plan.with);
        let call = quote!(operations::#name(#(#arguments,)* request));
        sends.method(&documentation_with(plan), &method, &call)
    });
    let pages = plan.pages.as_ref();
    let pages = pages.map(|pages| paged_methods::methods(face, plan, pages, signature));
    let stream = plan.stream.as_ref();
    let stream = stream.map(|stream| streams::methods(face, plan, stream, signature));
    let former = former::methods(face, plan, signature);
    quote!(#method #with #pages #stream #former)
}

/// The signature without its body: `fn read_flow(&self, id: Uuid) -> Result<Flow, Error>`.
pub(super) fn plain(face: Face, plan: &OperationPlan<'_>, signature: &Signature) -> TokenStream {
    signature.method(face, &ident(&plan.operation.name), None)
}

/// The signature of the method that takes what is optional too, where anything is.
pub(super) fn with_request(face: Face, signature: &Signature) -> Option<TokenStream> {
    let Request { name, with } = signature.request.as_ref()?;
    Some(signature.method(face, with, Some(name)))
}

/// How a face sends the calls of an operation.
struct Sends {
    deprecated: Option<TokenStream>,
    track: Option<TokenStream>,
    wait: Option<TokenStream>,
}

impl Sends {
    fn method(
        &self,
        docs: &TokenStream,
        signature: &TokenStream,
        call: &TokenStream,
    ) -> TokenStream {
        let Self {
            deprecated,
            track,
            wait,
        } = self;
        quote! {
            #docs
            #deprecated
            #track
            pub #signature {
                self.inner.execute(#call) #wait
            }
        }
    }
}

/// What the description says, then where the rest is told once.
fn documentation(plan: &OperationPlan<'_>) -> TokenStream {
    let operation = plan.operation;
    let mut own = format!("\n`{} {}`", operation.method, doc::code(&operation.path));
    if plan.request.is_some() {
        let with = &plan.with;
        own.extend([
            "\n\nWhat is optional about it takes [`",
            with,
            "`](Self::",
            with,
            ").",
        ]);
    }
    if !operation.answer_headers.is_empty() {
        let names: Vec<&str> = operation
            .answer_headers
            .iter()
            .map(|header| header.wire.as_str())
            .collect();
        own.extend([
            "\n\n[`execute_with_answer`](Self::execute_with_answer) also gives the answer, whose `",
            &names.join("`, `"),
            "` the type `headers::",
            &operation.request_type,
            "` reads.",
        ]);
    }
    own.push_str("\n\n# Errors\n\nAs [every call](Self#errors)");
    let named: Vec<&str> = operation.errors.keys().map(String::as_str).collect();
    if !named.is_empty() {
        own.extend(["; the description names ", &named.join(", ")]);
    }
    own.push('.');
    let described = doc::attributes(&operation.doc);
    let own = doc::own(&own);
    quote!(#described #own)
}

/// What is optional about a call is told beside the method that takes it.
fn documentation_with(plan: &OperationPlan<'_>) -> TokenStream {
    let operation = plan.operation;
    let request = plan.request.unwrap_or_default();
    doc::own(&format!(
        "[`{name}`](Self::{name}) with what is optional about it: see [`{request}`](requests::{request}).\n\n\
         `{} {}`\n\n# Errors\n\nAs [every call](Self#errors).",
        operation.method,
        doc::code(&operation.path),
        name = operation.name,
    ))
}
