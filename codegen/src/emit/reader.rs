//! How an answer is read.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::rust_type;
use crate::ir::{AnswerKind, Operation, TypeRef};

/// What reads the answer.
pub(super) fn reader(operation: &Operation) -> TokenStream {
    match &operation.answer {
        None => quote!(read::nothing),
        Some(answer) if answer.by_status => {
            let ty = rust_type::owned(&answer.ty);
            quote!(#ty::read)
        }
        Some(answer) => match answer.kind {
            AnswerKind::Lines => quote!(read::lines),
            AnswerKind::Events => {
                let read = format_ident!("{}", events_reader(&answer.ty));
                quote!(read::#read)
            }
            AnswerKind::Text => {
                let read = format_ident!("{}", text_reader(&answer.ty));
                quote!(read::#read)
            }
            AnswerKind::Form if answer.may_be_empty => quote!(read::form_or_nothing),
            AnswerKind::Form => quote!(read::form),
            AnswerKind::Bytes if answer.may_be_empty => quote!(read::bytes_or_nothing),
            AnswerKind::Bytes => quote!(read::bytes),
            AnswerKind::Json if answer.may_be_empty => quote!(read::json_or_nothing),
            AnswerKind::Json if answer.ty == TypeRef::Any => quote!(read::any),
            AnswerKind::Json if matches!(answer.ty, TypeRef::List(_)) => quote!(read::list),
            AnswerKind::Json => quote!(read::json),
        },
    }
}

/// What reads a text, which may be one value of another type.
pub(super) fn text_reader(ty: &TypeRef) -> &'static str {
    match ty {
        TypeRef::Text => "text",
        TypeRef::Optional(inner) if **inner == TypeRef::Text => "text_or_nothing",
        TypeRef::Optional(_) => "plain_or_nothing",
        _ => "plain",
    }
}

/// What reads the events whose data is of these types.
pub(super) fn events_reader(data: &TypeRef) -> &'static str {
    match data {
        TypeRef::List(data) if **data == TypeRef::Text => "text_events",
        _ => "events",
    }
}

/// How the success travels: what a server that is not there writes it with.
pub(super) fn form(operation: &Operation) -> Ident {
    let form = match operation.answer.as_ref().map(|answer| answer.kind) {
        None => "Nothing",
        Some(AnswerKind::Text | AnswerKind::Lines | AnswerKind::Events | AnswerKind::Form) => {
            "Text"
        }
        Some(AnswerKind::Bytes) => "Bytes",
        Some(AnswerKind::Json) => "Json",
    };
    format_ident!("{form}")
}
