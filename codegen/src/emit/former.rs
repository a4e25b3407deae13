//! The names that an operation had: deprecated, and the same otherwise.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::faces::{renamed, track_caller, wait};
use super::signature::{Request, Signature, ident};
use super::{doc, paged_methods, streams};
use crate::ir::Former;
use crate::naming::derived_name;
use crate::plan::{Face, OperationPlan};

/// The functions that build its request.
pub(super) fn functions(plan: &OperationPlan<'_>, signature: &Signature) -> TokenStream {
    let all = plan.operation.former.iter().map(|former| {
        let Signature {
            parameters,
            names,
            answer,
            request,
        } = signature;
        let name = &plan.operation.name;
        let (docs, deprecated) = (doc::own(&format!("[`{name}`].")), renamed(name));
        let (old, new) = (ident(&former.name), ident(name));
        let with = request.as_ref().map(|Request { name, with }| {
            let docs = doc::own(&format!("[`{with}`]."));
            let old = with_request(former);
            let deprecated = renamed(&with.to_string());
            quote! {
                #docs
                #deprecated
                pub fn #old(#(#parameters,)* request: &requests::#name) -> Call<#answer> {
                    #with(#(#names,)* request)
                }
            }
        });
        quote! {
            #docs
            #deprecated
            pub fn #old(#(#parameters),*) -> Call<#answer> {
                #new(#(#names),*)
            }
            #with
        }
    });
    all.collect()
}

/// The methods of a client.
pub(super) fn methods(face: Face, plan: &OperationPlan<'_>, signature: &Signature) -> TokenStream {
    let (wait, track) = (wait(face), track_caller(face));
    let method = |old: &Ident, new: &Ident, request: Option<&Ident>| {
        let method = signature.method(face, old, request);
        let docs = doc::own(&format!("[`{new}`](Self::{new})."));
        let deprecated = renamed(&new.to_string());
        let argument = request.map(|_| quote!(request));
        let names = signature.names.iter().map(|name| quote!(#name));
        let names = names.chain(argument);
        quote! {
            #docs
            #deprecated
            #track
            pub #method {
                self.#new(#(#names),*) #wait
            }
        }
    };
    let all = plan.operation.former.iter().map(|former| {
        let (old, new) = (ident(&former.name), ident(&plan.operation.name));
        let without = method(&old, &new, None);
        let with = signature.request.as_ref();
        let with =
            with.map(|Request { name, with }| method(&with_request(former), with, Some(name)));
        quote!(#without #with)
    });
    let pages = plan.pages.iter();
    let pages = pages.map(|pages| paged_methods::former(plan, pages, signature));
    let streams = plan.stream.iter();
    let streams = streams.map(|stream| streams::former(face, plan, stream, signature));
    all.chain(pages).chain(streams).collect()
}

/// The names of its request struct.
pub(super) fn requests(plan: &OperationPlan<'_>) -> TokenStream {
    let Some(name) = plan.request else {
        return TokenStream::new();
    };
    let all = plan.operation.former.iter();
    all.map(|former| super::root::alias(&former.request_type, name))
        .collect()
}

fn with_request(former: &Former) -> Ident {
    ident(&derived_name(&former.name, "with"))
}
