//! What a method has by its face, and what stands before methods.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Operation;
use crate::plan::Face;

/// The attribute of what the description calls deprecated.
pub(super) fn deprecated(operation: &Operation) -> Option<TokenStream> {
    operation
        .deprecated
        .then(|| quote!(#[deprecated = "The description calls it deprecated."]))
}

/// The attribute of what is called otherwise now.
pub(super) fn renamed(name: &str) -> TokenStream {
    let words = format!("It is called `{name}` now.");
    quote!(#[deprecated = #words])
}

/// A blocking call knows where it was made, so that one made in async code can be named.
pub(super) fn track_caller(face: Face) -> Option<TokenStream> {
    (face == Face::Blocking).then(|| quote!(#[track_caller]))
}

/// What an async method has before its `fn`.
pub(super) fn keyword(face: Face) -> Option<TokenStream> {
    (face == Face::Async).then(|| quote!(async))
}

/// What an async method has behind what it calls.
pub(super) fn wait(face: Face) -> Option<TokenStream> {
    (face == Face::Async).then(|| quote!(.await))
}
