//! An item in both faces.

use proc_macro2::TokenStream;
use quote::quote;

use crate::table::Table;

/// What an item becomes.
pub(crate) struct Faces {
    /// The async face alone, for when the twin was refused.
    pub(crate) asynchronous: TokenStream,
    pub(crate) both: TokenStream,
}

impl Faces {
    /// The item as it was, where there is no twin.
    pub(crate) fn only(tokens: TokenStream) -> Self {
        Self {
            asynchronous: tokens.clone(),
            both: tokens,
        }
    }

    /// One item that holds both faces, and the same item with the async face alone.
    pub(crate) fn one_item(asynchronous: TokenStream, both: TokenStream) -> Self {
        Self { asynchronous, both }
    }

    /// Two items, each under its condition. In the second one, names are replaced.
    pub(crate) fn pair(table: &Table, asynchronous: &TokenStream, blocking: TokenStream) -> Self {
        let condition =
            |condition: &Option<syn::Meta>| condition.as_ref().map(|meta| quote!(#[cfg(#meta)]));
        let (first, second) = (
            condition(&table.conditions.asynchronous),
            condition(&table.conditions.blocking),
        );
        let blocking = table.names.replace(blocking);
        let asynchronous = quote!(#first #asynchronous);
        let both = quote!(#asynchronous #second #blocking);
        Self { asynchronous, both }
    }
}
