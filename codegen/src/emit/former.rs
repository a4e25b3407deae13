//! The names that an operation had: deprecated, and the same otherwise.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::faces::{renamed, track_caller, wait};
use super::rust_type::owned;
use super::signature::{Signature, ident};
use super::{doc, paged_methods, streams};
use crate::naming::derived_name;
use crate::plan::{Face, OperationPlan, PagesPlan};

/// The functions that build its request, and the sequence of its pages.
pub(super) fn functions(plan: &OperationPlan<'_>, signature: &Signature) -> TokenStream {
    let answer = &signature.answer;
    let calls = of_operation(plan, signature, |old, new, request| {
        let request = request.map(|request| quote!(request: &requests::#request));
        function(old, new, signature, request, &quote!(Call<#answer>))
    });
    let pages = of_pages(plan, signature, |pages, old, new, request| {
        let item = owned(pages.paging.item);
        let request = request.map(|request| quote!(request: requests::#request));
        let sequence = quote!(pages::Sequence<#item>);
        function(old, new, signature, request, &sequence)
    });
    quote!(#calls #pages)
}

/// A function that goes on to the one of today.
fn function(
    old: &Ident,
    new: &str,
    signature: &Signature,
    request: Option<TokenStream>,
    result: &TokenStream,
) -> TokenStream {
    let (docs, deprecated) = (doc::own(&format!("[`{new}`].")), renamed(new));
    let new = ident(new);
    let names = signature.names.iter().map(|name| quote!(#name));
    let names = names.chain(request.is_some().then(|| quote!(request)));
    let parameters = signature.parameters.iter().cloned().chain(request);
    quote! {
        #docs
        #deprecated
        pub fn #old(#(#parameters),*) -> #result {
            #new(#(#names),*)
        }
    }
}

/// The methods of a client: those of the operation, of its pages and of its stream.
pub(super) fn methods(face: Face, plan: &OperationPlan<'_>, signature: &Signature) -> TokenStream {
    let (track, wait) = (track_caller(face), wait(face));
    let all = of_operation(plan, signature, |old, new, request| {
        let signed = signature.method(face, old, request);
        forward(&signed, new, signature, request, [&track, &wait])
    });
    let pages = of_pages(plan, signature, |pages, old, new, request| {
        let signed = paged_methods::signed(pages, old, signature, request);
        forward(&signed, new, signature, request, [&None, &None])
    });
    let streams = plan.stream.iter().map(|stream| {
        each(
            plan,
            signature,
            Some("stream"),
            [&stream.name, &stream.with],
            |old, new, request| {
                let signed = streams::signed(face, stream, old, signature, request);
                forward(&signed, new, signature, request, [&track, &wait])
            },
        )
    });
    quote!(#all #pages #(#streams)*)
}

/// Those of the operation itself.
fn of_operation(
    plan: &OperationPlan<'_>,
    signature: &Signature,
    method: impl Fn(&Ident, &str, Option<&Ident>) -> TokenStream,
) -> TokenStream {
    let with = signature.request.as_ref();
    let with = with.map_or_else(String::new, |request| request.with.to_string());
    let names = [plan.operation.name.as_str(), &with];
    each(plan, signature, None, names, method)
}

/// Those of its pages, where its answers are some.
fn of_pages(
    plan: &OperationPlan<'_>,
    signature: &Signature,
    method: impl Fn(&PagesPlan<'_>, &Ident, &str, Option<&Ident>) -> TokenStream,
) -> TokenStream {
    let all = plan.pages.iter().map(|pages| {
        let names = [pages.name.as_str(), &pages.with];
        let method =
            |old: &Ident, new: &str, request: Option<&Ident>| method(pages, old, new, request);
        each(plan, signature, Some("pages"), names, method)
    });
    all.collect()
}

/// A method for each former name, and one for what takes what is optional too, in place of those two.
fn each(
    plan: &OperationPlan<'_>,
    signature: &Signature,
    suffix: Option<&str>,
    [name, with]: [&str; 2],
    method: impl Fn(&Ident, &str, Option<&Ident>) -> TokenStream,
) -> TokenStream {
    let all = plan.former.iter().map(|former| {
        let old = suffix.map(|suffix| derived_name(former.name, suffix));
        let old = old.as_deref().unwrap_or(former.name);
        let without = method(&ident(old), name, None);
        let with = signature.request.as_ref().map(|request| {
            let old = ident(&derived_name(old, "with"));
            method(&old, with, Some(&request.name))
        });
        quote!(#without #with)
    });
    all.collect()
}

/// A method that goes on to the one of today; `track` stands before it, and `wait` behind its call.
fn forward(
    signed: &TokenStream,
    to: &str,
    signature: &Signature,
    request: Option<&Ident>,
    [track, wait]: [&Option<TokenStream>; 2],
) -> TokenStream {
    let to = ident(to);
    let docs = doc::own(&format!("[`{to}`](Self::{to})."));
    let deprecated = renamed(&to.to_string());
    let names = signature.names.iter().map(|name| quote!(#name));
    let arguments = names.chain(request.map(|_| quote!(request)));
    quote! {
        #docs
        #deprecated
        #track
        pub #signed {
            self.#to(#(#arguments),*) #wait
        }
    }
}

/// The names of its request struct.
pub(super) fn requests(plan: &OperationPlan<'_>) -> TokenStream {
    let Some(name) = plan.request else {
        return TokenStream::new();
    };
    let all = plan.former.iter();
    all.map(|former| super::root::alias(&former.request_type, name))
        .collect()
}
