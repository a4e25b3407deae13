//! What the statuses of an operation's successes say: an enum that reads itself.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::doc;
use super::reader::{events_reader, text_reader};
use super::rust_type::answered;
use crate::ir::{AnswerKind, Outcome, Type};

pub(super) fn emit(ty: &Type, outcomes: &[Outcome]) -> TokenStream {
    let name = format_ident!("{}", ty.name);
    let docs = doc::attributes(&ty.doc);
    let variants = outcomes.iter().map(|outcome| {
        let docs = doc::attributes(&words(outcome));
        let variant = format_ident!("{}", outcome.variant);
        let body = outcome.body.as_ref().map(|(kind, ty)| {
            let ty = answered(*kind, ty);
            quote!((#ty))
        });
        quote!(#docs #variant #body,)
    });
    let arms = outcomes.iter().filter_map(|outcome| {
        let status = outcome.status?;
        let read = read(outcome);
        Some(quote!(#status => #read,))
    });
    // A status that the description does not name says what a range says, or else what the first with a body does.
    let range = outcomes.iter().find(|outcome| outcome.status.is_none());
    let first = outcomes.iter().find(|outcome| outcome.body.is_some());
    let rest = range.or(first).map(|outcome| {
        let read = read(outcome);
        quote!(_ => #read,)
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
        }
        impl #name {
            /// Reads an answer by its status.
            pub(crate) fn read(answer: &diptych_runtime::Answer) -> Result<Self, diptych_runtime::ReadError> {
                match answer.status().as_u16() {
                    #(#arms)*
                    #rest
                }
            }
        }
    }
}

fn words(outcome: &Outcome) -> String {
    match (outcome.status, &outcome.body) {
        (Some(status), Some(_)) => format!("`{status}`."),
        (Some(status), None) => format!("`{status}`, without a body."),
        (None, _) => "Any other status of a success.".to_owned(),
    }
}

fn read(outcome: &Outcome) -> TokenStream {
    let variant = format_ident!("{}", outcome.variant);
    let Some((kind, ty)) = &outcome.body else {
        return quote!(Ok(Self::#variant));
    };
    let reader = format_ident!(
        "{}",
        match kind {
            AnswerKind::Json => "json",
            AnswerKind::Form => "form",
            AnswerKind::Text => text_reader(ty),
            AnswerKind::Bytes => "bytes",
            AnswerKind::Lines => "lines",
            AnswerKind::Events => events_reader(ty),
        }
    );
    quote!(read::#reader(answer).map(Self::#variant))
}
