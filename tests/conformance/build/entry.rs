//! One operation's module: the operation as data, both faces, and progenitor's method.

use diptych::OperationEntry;
use diptych::ir::{Api, Operation};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::Signature;

use super::Fallible;
use super::arguments::{Source, arguments, held, sources};

pub(crate) fn functions(
    operation: &Operation,
    api: &Api,
    ours: &OperationEntry,
    theirs: &Signature,
) -> Fallible<TokenStream> {
    let sources = sources(operation, api);
    // The blocking signature that takes everything, as the inventory promises it.
    let signature = ours.blocking_with.as_ref().unwrap_or(&ours.blocking);
    let signature: Signature = syn::parse_str(signature)?;
    let (lines, passed) = our_arguments(operation, &sources, &signature)?;
    let (their_lines, their_passed) = their_arguments(operation, &sources, theirs)?;
    let name = format_ident!("{}", operation.name);
    let whole = &signature.ident;
    let plain = plain(operation, &lines, &passed);
    let (text, tag, method, path) = (
        &operation.name,
        &operation.tag,
        &operation.method,
        &operation.path,
    );
    let pointer = operation.source.as_str();
    let kind = match &operation.answer {
        None => quote!(Nothing),
        Some(answer) => format_ident!("{}", format!("{:?}", answer.kind)).into_token_stream(),
    };
    // progenitor gives a stream of what is not JSON.
    let theirs = match kind.to_string().as_str() {
        "Text" | "Bytes" => quote!(their_stream),
        _ => quote!(theirs),
    };
    let pages = ours
        .pages
        .as_ref()
        .map(|_| pages(operation, &lines, &passed));
    let has_pages = if pages.is_some() {
        quote!(Some(pages::run))
    } else {
        quote!(None)
    };
    let client_headers = &operation.client_headers;
    Ok(quote! {
        mod #name {
            use crate::case::{AnswerKind, Case, Entry, Place};
            pub(super) const ENTRY: Entry = Entry {
                name: #text, tag: #tag, method: #method, path: #path, pointer: #pointer,
                answer: AnswerKind::#kind, client_headers: &[#(#client_headers),*],
                data: data::run, plain: data::plain, faces: faces::run, pages: #has_pages, reference: reference::run,
            };
            mod data {
                use super::{Case, Place};
                use prefect_client::{Secret, models::*, operations, requests};
                use {chrono::{DateTime, NaiveDate, Utc}, serde_json::Value, std::collections::BTreeMap, uuid::Uuid};
                pub(super) fn run(case: &Case, answers: Vec<diptych_runtime::Answer>) -> crate::Fallible<crate::Data> {
                    #(#lines)*
                    crate::outcome::data(&operations::#whole(#(#passed),*), answers)
                }
                #plain
            }
            mod faces {
                use super::{Case, Place};
                use prefect_client::{Secret, models::*, requests};
                use {chrono::{DateTime, NaiveDate, Utc}, serde_json::Value, std::collections::BTreeMap, uuid::Uuid};
                pub(super) fn run(case: &Case, faces: &crate::Faces) -> crate::Fallible<crate::Pair> {
                    #(#lines)*
                    let blocking = faces.blocking.#whole(#(#passed),*);
                    let asynchronous = faces.wait(faces.asynchronous.#whole(#(#passed),*));
                    crate::outcome::pair(&blocking, &asynchronous)
                }
            }
            #pages
            mod reference {
                use super::{Case, Place};
                use progenitor_reference::types;
                pub(super) fn run(case: &Case, faces: &crate::Faces) -> crate::Fallible<crate::Theirs> {
                    #(#their_lines)*
                    crate::outcome::#theirs(faces.wait(faces.reference.#name(#(#their_passed),*)))
                }
            }
        }
    })
}

/// The request of the function that takes nothing optional.
fn plain(operation: &Operation, lines: &[TokenStream], passed: &[TokenStream]) -> TokenStream {
    let name = format_ident!("{}", operation.name);
    let is_request = |tokens: &&TokenStream| tokens.to_string().contains("request");
    let lines = lines.iter().filter(|line| !is_request(line));
    let passed = passed.iter().filter(|one| !is_request(one));
    quote! {
        pub(super) fn plain(case: &Case) -> crate::Fallible<crate::Data> {
            #(#lines)*
            crate::outcome::data(&operations::#name(#(#passed),*), Vec::new())
        }
    }
}

/// Pages take the request as a value.
fn pages(operation: &Operation, lines: &[TokenStream], passed: &[TokenStream]) -> TokenStream {
    let with = if passed.iter().any(|one| one.to_string() == "& request") {
        "_with"
    } else {
        ""
    };
    let name = format_ident!("{}_pages{with}", operation.name);
    let passed: Vec<TokenStream> = passed
        .iter()
        .map(|one| match one.to_string().as_str() {
            "& request" => quote!(request.clone()),
            _ => one.clone(),
        })
        .collect();
    quote! {
        mod pages {
            use super::{Case, Place};
            use prefect_client::{Secret, models::*, requests};
            use {chrono::{DateTime, NaiveDate, Utc}, serde_json::Value, std::collections::BTreeMap, uuid::Uuid};
            pub(super) fn run(case: &Case, faces: &crate::Faces) -> crate::Fallible<crate::PagesPair> {
                #(#lines)*
                let blocking = faces.blocking.#name(#(#passed),*);
                let asynchronous = faces.asynchronous.#name(#(#passed),*);
                crate::outcome::pages(faces, blocking, asynchronous)
            }
        }
    }
}

type Code = (Vec<TokenStream>, Vec<TokenStream>);

fn our_arguments(
    operation: &Operation,
    sources: &[Source],
    signature: &Signature,
) -> Fallible<Code> {
    let mut arguments = arguments(signature);
    let (mut lines, mut passed) = (Vec::new(), Vec::new());
    let request = arguments.pop_if(|(name, _)| name == "request");
    let required: Vec<&Source> = sources.iter().filter(|one| one.field.required).collect();
    if required.len() != arguments.len() {
        return Err(format!(
            "{}: {} arguments are required, the signature has {}",
            operation.name,
            required.len(),
            arguments.len()
        )
        .into());
    }
    for (index, (source, (_, ty))) in required.into_iter().zip(arguments).enumerate() {
        let name = format_ident!("argument_{index}");
        let (ty, pass) = held(&ty, &quote!(#name));
        let value = value(source);
        lines.push(quote!(let #name: #ty = case.value(#value)?;));
        passed.push(pass);
    }
    if let Some((_, ty)) = request {
        let (ty, _) = held(&ty, &quote!());
        lines.push(quote!(let mut request = <#ty>::new();));
        for source in sources.iter().filter(|one| !one.field.required) {
            let (field, value) = (format_ident!("{}", source.field.name), value(source));
            lines.push(quote!(case.set(#value, &mut request.#field)?;));
        }
        passed.push(quote!(&request));
    }
    Ok((lines, passed))
}

/// progenitor's arguments are found by their names, which are the wire's but for case and punctuation.
fn their_arguments(
    operation: &Operation,
    sources: &[Source],
    signature: &Signature,
) -> Fallible<Code> {
    let (mut lines, mut passed) = (Vec::new(), Vec::new());
    for (index, (argument, ty)) in arguments(signature).into_iter().enumerate() {
        let name = format_ident!("argument_{index}");
        let (ty, pass) = held(&ty, &quote!(#name));
        let named = sources.iter().find(|source| {
            ["Path", "Query", "Header"].contains(&source.place)
                && letters(&source.wire) == letters(&argument)
        });
        let value = match named {
            Some(source) => value(source),
            None if argument == "body" => quote!(Place::Body, "body"),
            None => {
                return Err(format!(
                    "{}: progenitor's `{argument}` is no parameter",
                    operation.name
                )
                .into());
            }
        };
        lines.push(quote!(let #name: #ty = case.value(#value)?;));
        passed.push(pass);
    }
    Ok((lines, passed))
}

fn value(source: &Source) -> TokenStream {
    let (place, wire) = (format_ident!("{}", source.place), &source.wire);
    quote!(Place::#place, #wire)
}

fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}
