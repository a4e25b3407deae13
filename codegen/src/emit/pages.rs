//! The pages of an operation: the sequence of their calls.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::doc;
use super::rust_type::{is_copy, owned};
use super::signature::{Request, Signature, ident};
use crate::ir::TypeRef;
use crate::plan::{Input, OperationPlan, PagesPlan, PagingRule, Presence};

/// The functions that make the sequence: of what is required, and of what is optional too.
pub(super) fn sequences(
    plan: &OperationPlan<'_>,
    pages: &PagesPlan<'_>,
    signature: &Signature,
) -> TokenStream {
    let operation = plan.operation;
    let Signature {
        parameters, names, ..
    } = signature;
    let name = ident(&pages.name);
    let item = owned(pages.paging.item);
    let owned = plan.arguments().filter_map(kept);
    let made = made(plan, pages, signature);
    let docs = doc::attributes(&format!(
        "The pages of `{} {}`.",
        operation.method,
        doc::code(&operation.path)
    ));
    let Some(Request { name: request, .. }) = &signature.request else {
        return quote! {
            #docs
            pub fn #name(#(#parameters),*) -> pages::Sequence<#item> {
                #(#owned)*
                #made
            }
        };
    };
    let with = ident(&pages.with);
    let mutable = match pages.paging.rule {
        PagingRule::Link { .. } => None,
        PagingRule::Offset { .. } | PagingRule::Number { .. } => Some(quote!(mut)),
    };
    let plain_docs = doc::attributes(&format!(
        "The pages of `{} {}` with what is required.",
        operation.method,
        doc::code(&operation.path)
    ));
    quote! {
        #plain_docs
        pub fn #name(#(#parameters),*) -> pages::Sequence<#item> {
            #with(#(#names,)* requests::#request::new())
        }
        #docs
        pub fn #with(#(#parameters,)* #mutable request: requests::#request) -> pages::Sequence<#item> {
            #(#owned)*
            #made
        }
    }
}

/// An argument that is borrowed is kept for the pages after the first.
fn kept(input: &Input<'_>) -> Option<TokenStream> {
    let name = ident(&input.name);
    let ty = &input.placed.field.ty;
    let is_nullable = input.placed.presence == Presence::RequiredNullable;
    match ty {
        ty if is_copy(ty) => None,
        TypeRef::Text | TypeRef::List(_) if is_nullable => {
            Some(quote!(let #name = #name.map(ToOwned::to_owned);))
        }
        _ if is_nullable => Some(quote!(let #name = #name.cloned();)),
        _ => Some(quote!(let #name = #name.to_owned();)),
    }
}

fn made(plan: &OperationPlan<'_>, pages: &PagesPlan<'_>, signature: &Signature) -> TokenStream {
    let call = call(plan, signature);
    let at = ident(&pages.at);
    let read = read(pages, signature);
    match &pages.paging.rule {
        PagingRule::Offset {
            offset,
            limit,
            first,
        } => {
            let (offset, limit) = (ident(offset), ident(limit));
            let first = Literal::i64_unsuffixed(*first);
            quote! {
                pages::Sequence::offset(request.#offset.unwrap_or(#first), request.#limit, move |#at| {
                    request.#offset = Some(#at);
                    #call
                })
            }
        }
        PagingRule::Number { page, first, .. } => {
            let (page, first) = (ident(page), Literal::i64_unsuffixed(*first));
            quote! {
                pages::Sequence::number(#first, request.#page, move |#at| {
                    request.#page = Some(#at);
                    #call
                }, #read)
            }
        }
        PagingRule::Link { token, follow, .. } => {
            let follow = ident(follow);
            quote! {
                pages::Sequence::link(#token, move |#at| match #at {
                    None => #call,
                    Some(#at) => #follow(#at),
                }, #read)
            }
        }
    }
}

/// Takes an answer apart; a list as an answer needs none of it.
fn read(pages: &PagesPlan<'_>, signature: &Signature) -> Option<TokenStream> {
    let answer = &signature.answer;
    match &pages.paging.rule {
        PagingRule::Offset { .. } => None,
        PagingRule::Number {
            items,
            echo,
            pages: count,
            ..
        } => {
            let (items, count) = (list(items, pages), ident(count));
            let echo = echo.map(ident);
            let page = echo.map_or_else(|| quote!(None), |echo| quote!(Some(answer.#echo)));
            Some(quote! {
                |answer: #answer| pages::Numbered { items: #items, page: #page, pages: answer.#count }
            })
        }
        PagingRule::Link { items, next, .. } => {
            let (items, next) = (list(items, pages), ident(next));
            Some(quote! {
                |answer: #answer| pages::Linked { items: #items, next: answer.#next }
            })
        }
    }
}

/// The items of an answer; a list that may be left out is empty then.
fn list(name: &str, pages: &PagesPlan<'_>) -> TokenStream {
    let name = ident(name);
    let or_empty = pages
        .items_may_be_absent
        .then(|| quote!(.unwrap_or_default()));
    quote!(answer.#name #or_empty)
}

/// The call of one page: the operation's own function.
fn call(plan: &OperationPlan<'_>, signature: &Signature) -> TokenStream {
    let arguments = plan.arguments().map(|input| {
        let name = ident(&input.name);
        let is_nullable = input.placed.presence == Presence::RequiredNullable;
        match &input.placed.field.ty {
            ty if is_copy(ty) => quote!(#name),
            TypeRef::Text | TypeRef::List(_) if is_nullable => quote!(#name.as_deref()),
            _ if is_nullable => quote!(#name.as_ref()),
            _ => quote!(&#name),
        }
    });
    if let Some(Request { with, .. }) = &signature.request {
        return quote!(#with(#(#arguments,)* &request));
    }
    let name = ident(&plan.operation.name);
    quote!(#name(#(#arguments),*))
}
