//! What answers have in their headers: a struct for each operation whose description names some.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::doc;
use super::rust_type::owned;
use crate::ir::{Field, Operation};

pub(super) fn emit(operation: &Operation) -> TokenStream {
    let name = format_ident!("{}", operation.request_type);
    let docs = doc::attributes(&format!(
        "What the answer of `{}` (`{} {}`) has in its headers; `execute_with_answer` gives the answer.",
        operation.name,
        operation.method,
        doc::code(&operation.path)
    ));
    let fields = operation.answer_headers.iter();
    let members = fields.clone().map(member);
    let reads = fields.map(|field| {
        let (name, wire) = (format_ident!("{}", field.name), &field.wire);
        let read = if field.required {
            quote!(required)
        } else {
            quote!(optional)
        };
        quote!(#name: diptych_runtime::generated::header::#read(answer, #wire)?,)
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#members)*
        }
        impl TryFrom<&diptych_runtime::Answer> for #name {
            type Error = diptych_runtime::HeaderError;
            fn try_from(answer: &diptych_runtime::Answer) -> Result<Self, Self::Error> {
                Ok(Self { #(#reads)* })
            }
        }
    }
}

/// The type of what a header says, where it may be away.
pub(super) fn ty(field: &Field) -> TokenStream {
    let ty = owned(&field.ty);
    if field.required {
        ty
    } else {
        quote!(Option<#ty>)
    }
}

fn member(field: &Field) -> TokenStream {
    let (name, ty) = (format_ident!("{}", field.name), ty(field));
    let own = doc::own(&format!("`{}`.", doc::code(&field.wire)));
    let described = doc::paragraph(&field.doc);
    quote!(#own #described pub #name: #ty,)
}
