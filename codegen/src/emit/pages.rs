//! The pages of an operation: the sequence of their calls, and the method that both clients have.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::arguments::{
    Input, inputs, is_argument, is_optional, names, parameters, request_name, with_request,
};
use super::clients::{Face, deprecated};
use super::doc;
use super::operation::answer_type;
use super::presence::{Presence, presence};
use super::rust_type::{is_copy, owned};
use crate::ir::{Api, Operation, Paging, PagingRule};
use crate::naming::derived_name;

/// The functions that make the sequence: of what is required, and of what is optional too.
pub(super) fn sequences(
    operation: &Operation,
    api: &Api,
    used: &mut BTreeSet<String>,
) -> Option<TokenStream> {
    let paging = operation.paging.as_ref()?;
    mention(paging, used);
    let inputs = inputs(operation, api);
    let name = format_ident!("{}", paged(operation));
    let parameters = parameters(&inputs);
    let item = owned(&paging.item);
    let owned = inputs
        .iter()
        .filter(|input| is_argument(input))
        .filter_map(kept);
    let made = made(operation, paging, &inputs, api);
    let docs = doc::attributes(&format!(
        "The pages of `{} {}`.",
        operation.method,
        doc::code(&operation.path)
    ));
    let Some(request) = request_name(operation, &inputs) else {
        return Some(quote! {
            #docs
            pub fn #name(#(#parameters),*) -> pages::Sequence<#item> {
                #(#owned)*
                #made
            }
        });
    };
    let (request, with) = (format_ident!("{request}"), with_request(&paged(operation)));
    let names = names(&inputs);
    let mutable = match paging.rule {
        PagingRule::Link { .. } => None,
        PagingRule::Offset { .. } | PagingRule::Number { .. } => Some(quote!(mut)),
    };
    let plain_docs = doc::attributes(&format!(
        "The pages of `{} {}` with what is required.",
        operation.method,
        doc::code(&operation.path)
    ));
    Some(quote! {
        #plain_docs
        pub fn #name(#(#parameters),*) -> pages::Sequence<#item> {
            #with(#(#names,)* requests::#request::new())
        }
        #docs
        pub fn #with(#(#parameters,)* #mutable request: requests::#request) -> pages::Sequence<#item> {
            #(#owned)*
            #made
        }
    })
}

/// The signature without its body, the same in both clients.
pub(super) fn signature(operation: &Operation, api: &Api) -> Option<TokenStream> {
    let name = format_ident!("{}", paged(operation));
    signed(operation, &name, &parameters(&inputs(operation, api)))
}

/// The signature of the method that takes what is optional too, where anything is.
pub(super) fn signature_with(operation: &Operation, api: &Api) -> Option<TokenStream> {
    let inputs = inputs(operation, api);
    let request = format_ident!("{}", request_name(operation, &inputs)?);
    let mut parameters = parameters(&inputs);
    parameters.push(quote!(request: requests::#request));
    signed(operation, &with_request(&paged(operation)), &parameters)
}

fn signed(operation: &Operation, name: &Ident, parameters: &[TokenStream]) -> Option<TokenStream> {
    let item = owned(&operation.paging.as_ref()?.item);
    Some(quote!(fn #name(&self #(, #parameters)*) -> pages::Pages<Self, #item>))
}

/// What the pages of an operation are called.
fn paged(operation: &Operation) -> String {
    derived_name(&operation.name, "pages")
}

/// The methods of a client.
pub(super) fn methods(
    face: Face,
    operation: &Operation,
    api: &Api,
    used: &mut BTreeSet<String>,
) -> Option<TokenStream> {
    let signature = signature(operation, api)?;
    let paging = operation.paging.as_ref()?;
    mention(paging, used);
    let inputs = inputs(operation, api);
    let name = format_ident!("{}", paged(operation));
    let arguments = names(&inputs);
    let kind = match face {
        Face::Blocking => "an iterator",
        Face::Async => "a stream",
    };
    let docs = doc::attributes(&format!(
        "Every item that `{}` answers with, page after page: {kind} of items, or of whole pages.\n\n`{} {}`",
        operation.name,
        operation.method,
        doc::code(&operation.path)
    ));
    let deprecated = deprecated(operation);
    let with = signature_with(operation, api).map(|signature| {
        let with = with_request(&paged(operation));
        let docs = doc::own(&format!(
            "[`{name}`](Self::{name}) with what is optional about each request.\n\n`{} {}`",
            operation.method,
            doc::code(&operation.path)
        ));
        quote! {
            #docs
            #deprecated
            pub #signature {
                pages::Pages::new(self.clone(), operations::#with(#(#arguments,)* request))
            }
        }
    });
    Some(quote! {
        #docs
        #deprecated
        pub #signature {
            pages::Pages::new(self.clone(), operations::#name(#(#arguments),*))
        }
        #with
    })
}

fn mention(paging: &Paging, used: &mut BTreeSet<String>) {
    paging.item.names(&mut |name| {
        used.insert(name.to_owned());
    });
}

/// An argument that is borrowed is kept for the pages after the first.
fn kept(input: &Input<'_>) -> Option<TokenStream> {
    let name = format_ident!("{}", input.name);
    if input.placed.presence == Presence::RequiredNullable {
        return Some(quote!(let #name = #name.cloned();));
    }
    (!is_copy(&input.placed.field.ty)).then(|| quote!(let #name = #name.to_owned();))
}

fn made(operation: &Operation, paging: &Paging, inputs: &[Input<'_>], api: &Api) -> TokenStream {
    let call = call(operation, inputs);
    match &paging.rule {
        PagingRule::Offset {
            offset,
            limit,
            first,
        } => {
            let at = free("offset", inputs);
            let (offset, limit) = (format_ident!("{offset}"), format_ident!("{limit}"));
            let first = Literal::i64_unsuffixed(*first);
            quote! {
                pages::Sequence::offset(request.#offset.unwrap_or(#first), request.#limit, move |#at| {
                    request.#offset = Some(#at);
                    #call
                })
            }
        }
        PagingRule::Number { page, first, .. } => {
            let (at, read) = (free("page", inputs), read(operation, &paging.rule, api));
            let (page, first) = (format_ident!("{page}"), Literal::i64_unsuffixed(*first));
            quote! {
                pages::Sequence::number(#first, request.#page, move |#at| {
                    request.#page = Some(#at);
                    #call
                }, #read)
            }
        }
        PagingRule::Link { token, follow, .. } => {
            let (at, read) = (free("token", inputs), read(operation, &paging.rule, api));
            let follow = format_ident!("{follow}");
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
fn read(operation: &Operation, rule: &PagingRule, api: &Api) -> Option<TokenStream> {
    let answer = answer_type(operation);
    match rule {
        PagingRule::Offset { .. } => None,
        PagingRule::Number {
            items, echo, pages, ..
        } => {
            let (items, pages) = (list(items, operation, api), format_ident!("{pages}"));
            let echo = echo.as_ref().map(|echo| format_ident!("{echo}"));
            let page = echo.map_or_else(|| quote!(None), |echo| quote!(Some(answer.#echo)));
            Some(quote! {
                |answer: #answer| pages::Numbered { items: #items, page: #page, pages: answer.#pages }
            })
        }
        PagingRule::Link { items, next, .. } => {
            let (items, next) = (list(items, operation, api), format_ident!("{next}"));
            Some(quote! {
                |answer: #answer| pages::Linked { items: #items, next: answer.#next }
            })
        }
    }
}

/// The items of an answer; a list that may be left out is empty then.
fn list(name: &str, operation: &Operation, api: &Api) -> TokenStream {
    let found = operation
        .answer
        .as_ref()
        .and_then(|answer| api.object(&answer.ty));
    let is_option = found.is_some_and(|(ty, object)| {
        let mut fields = object.fields.iter();
        fields.any(|field| {
            let presence = presence(field, ty.travel, api);
            field.name == name
                && matches!(presence, Presence::Optional | Presence::RequiredNullable)
        })
    });
    let name = format_ident!("{name}");
    let or_empty = is_option.then(|| quote!(.unwrap_or_default()));
    quote!(answer.#name #or_empty)
}

/// The call of one page: the operation's own function.
fn call(operation: &Operation, inputs: &[Input<'_>]) -> TokenStream {
    let has_request = inputs.iter().any(is_optional);
    let name = if has_request {
        with_request(&operation.name)
    } else {
        format_ident!("{}", operation.name)
    };
    let arguments = inputs
        .iter()
        .filter(|input| is_argument(input))
        .map(|input| {
            let name = format_ident!("{}", input.name);
            if input.placed.presence == Presence::RequiredNullable {
                return quote!(#name.as_ref());
            }
            if is_copy(&input.placed.field.ty) {
                return quote!(#name);
            }
            quote!(&#name)
        });
    let request = has_request.then(|| quote!(&request));
    let arguments = arguments.chain(request);
    quote!(#name(#(#arguments),*))
}

/// A name that no argument has.
fn free(name: &str, inputs: &[Input<'_>]) -> Ident {
    let mut name = name.to_owned();
    while inputs
        .iter()
        .any(|input| is_argument(input) && input.name == name)
    {
        name.push('_');
    }
    format_ident!("{name}")
}
