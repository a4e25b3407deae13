//! Types as Rust writes them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::ir::{AnswerKind, TypeRef};
use crate::plan::{Placed, Presence};

/// The owned type. What is around its core is written from the outside in, as each level would copy those within it.
pub(super) fn owned(ty: &TypeRef) -> TokenStream {
    let (mut out, mut ends, mut ty) = (TokenStream::new(), 0, ty);
    loop {
        let (around, inner) = match ty {
            TypeRef::List(inner) => (quote!(Vec <), inner),
            TypeRef::Map(inner) => (quote!(BTreeMap < String,), inner),
            TypeRef::Optional(inner) => (quote!(Option <), inner),
            TypeRef::Boxed(inner) => (quote!(Box <), inner),
            core => {
                out.extend(owned_core(core));
                break;
            }
        };
        out.extend(around);
        (ends, ty) = (ends + 1, inner);
    }
    for _ in 0..ends {
        out.extend(quote!(>));
    }
    out
}

fn owned_core(ty: &TypeRef) -> TokenStream {
    match ty {
        TypeRef::Named(name) => path_of(name),
        TypeRef::Integer(kind) => name_of(kind.rust()),
        TypeRef::Number(kind) => name_of(kind.rust()),
        TypeRef::Text => quote!(String),
        TypeRef::Secret => quote!(Secret),
        // Many descriptions have a `File` of their own.
        TypeRef::File => quote!(diptych_runtime::File),
        TypeRef::Bool => quote!(bool),
        TypeRef::Uuid => quote!(Uuid),
        TypeRef::DateTime => quote!(DateTime<Utc>),
        TypeRef::Date => quote!(NaiveDate),
        TypeRef::Any => quote!(Value),
        TypeRef::Tuple(items) if items.len() == 1 => {
            let only = owned(&items[0]);
            quote!((#only,))
        }
        TypeRef::Tuple(items) => {
            let items = items.iter().map(owned);
            quote!((#(#items),*))
        }
        around => owned(around),
    }
}

/// The type of a field in its struct.
pub(super) fn held(placed: &Placed<'_>) -> TokenStream {
    let ty = owned(&placed.field.ty);
    match placed.presence {
        Presence::Required | Presence::Defaulted | Presence::Constant => ty,
        Presence::RequiredNullable | Presence::Optional => quote!(Option<#ty>),
        Presence::Patch => quote!(Patch<#ty>),
    }
}

/// The type of an answer that is read so.
pub(super) fn answered(kind: AnswerKind, ty: &TypeRef) -> TokenStream {
    match (kind, ty) {
        (AnswerKind::Lines | AnswerKind::Events, TypeRef::List(inner)) => {
            let piece = piece(kind, inner);
            quote!(Vec<#piece>)
        }
        _ => owned(ty),
    }
}

/// The type of what an answer has on each line, as each event, or of bytes that come at once.
pub(super) fn piece(kind: AnswerKind, data: &TypeRef) -> TokenStream {
    let data = owned(data);
    match kind {
        AnswerKind::Events => quote!(diptych_runtime::ServerEvent<#data>),
        AnswerKind::Bytes => quote!(Vec<#data>),
        _ => data,
    }
}

/// A model's name, or `models::` before it where a file has another item of that name.
fn path_of(name: &str) -> TokenStream {
    match name.split_once("::") {
        Some((module, name)) => {
            let (module, name) = (format_ident!("{module}"), format_ident!("{name}"));
            quote!(#module::#name)
        }
        None => name_of(name),
    }
}

fn name_of(name: &str) -> TokenStream {
    let name = format_ident!("{name}");
    quote!(#name)
}

/// The type as a method takes it.
pub(super) fn borrowed(ty: &TypeRef) -> TokenStream {
    match ty {
        TypeRef::Text => quote!(&str),
        TypeRef::List(inner) => {
            let inner = owned(inner);
            quote!(&[#inner])
        }
        ty if is_copy(ty) => owned(ty),
        ty => {
            let ty = owned(ty);
            quote!(&#ty)
        }
    }
}

/// Whether the type is passed by value.
pub(super) fn is_copy(ty: &TypeRef) -> bool {
    matches!(
        ty,
        TypeRef::Bool
            | TypeRef::Integer(_)
            | TypeRef::Number(_)
            | TypeRef::Uuid
            | TypeRef::DateTime
            | TypeRef::Date
    )
}

/// Tokens as a person writes them on one line: `fn read_flow(&self, id: Uuid) -> Result<Flow, Error>`.
pub(super) fn words(tokens: &TokenStream) -> String {
    const TIGHT: &[(&str, &str)] = &[
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("[ ", "["),
        (" ]", "]"),
        (" ::", "::"),
        (":: ", "::"),
        (" :", ":"),
        (" - >", " ->"),
    ];
    // The arrow's `>` is no bracket.
    let mut out = tokens.to_string().replace("->", "\u{2192}");
    for (from, to) in TIGHT {
        out = out.replace(from, to);
    }
    out.replace('\u{2192}', "->").replace("->(", "-> (")
}
