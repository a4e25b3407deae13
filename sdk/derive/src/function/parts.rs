//! What several of the written items have in them.

use proc_macro2::{Ident, Span, TokenStream as Tokens};
use quote::{format_ident, quote};

use super::signature::{Output, Parameter};

/// A name that no parameter has, whatever it is called.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The types of the value and of the error.
pub(super) fn value_and_error(output: &Output) -> (Tokens, Tokens) {
    if let Some((value, error)) = &output.parts {
        return (quote!(#value), quote!(#error));
    }
    let whole = &output.whole;
    let part = |name: &str| {
        let name = format_ident!("{name}");
        quote!(<#whole as ::prefect_sdk::generated::Outcome>::#name)
    };
    (part("Value"), part("Error"))
}

/// The names of the parameters, and their types.
pub(super) fn fields(parameters: &[Parameter]) -> (Vec<&Ident>, Vec<&syn::Type>) {
    let parameters = parameters.iter();
    parameters
        .map(|parameter| (&parameter.ident, &parameter.ty))
        .unzip()
}
