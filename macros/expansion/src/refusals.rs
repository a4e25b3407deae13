//! Everything that is wrong with an item, so that one build shows all of it.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The refusals of one item, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Refusals(Option<syn::Error>);

impl Refusals {
    pub(crate) fn at(&mut self, place: Span, message: impl std::fmt::Display) {
        self.add(syn::Error::new(place, message));
    }

    /// Refuses all of what `tokens` spans.
    pub(crate) fn over(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.0
            .map_or_else(TokenStream::new, |error| error.to_compile_error())
    }
}
