//! The request struct of an operation: everything that is optional about it.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::arguments::{inputs, is_optional, request_name};
use super::presence::field_type;
use super::{doc, field_doc, object, setter};
use crate::ir::{Api, Operation};

pub(super) fn emit(operation: &Operation, api: &Api, used: &mut BTreeSet<String>) -> TokenStream {
    let inputs = inputs(operation, api);
    let Some(name) = request_name(operation, &inputs, api) else {
        return TokenStream::new();
    };
    let optional: Vec<_> = inputs.iter().filter(|input| is_optional(input)).collect();
    for input in &optional {
        input.placed.field.ty.names(&mut |name| {
            used.insert(name.to_owned());
        });
    }
    let members = optional.iter().map(|input| {
        let field = format_ident!("{}", input.placed.field.name);
        let docs = field_doc::attributes(&input.placed, &name);
        let ty = field_type(input.placed.field, input.placed.presence);
        quote!(#docs pub #field: #ty,)
    });
    let setters = optional
        .iter()
        .filter(|input| !input.placed.field.read_only)
        .filter_map(|input| setter::setter(&input.placed, &name));
    let ident = format_ident!("{name}");
    let docs = doc::attributes(&format!(
        "What is optional about `{}` (`{} {}`).",
        operation.name, operation.method, operation.path
    ));
    let redacts = optional
        .iter()
        .any(|input| object::is_redacted(input.placed.field));
    let derived = (!redacts).then(|| quote!(Debug,));
    let debug = redacts.then(|| {
        let fields = optional.iter().map(|input| &input.placed);
        object::debug(&ident, fields, None)
    });
    quote! {
        #docs
        #[derive(Clone, #derived Default, PartialEq)]
        #[non_exhaustive]
        pub struct #ident {
            #(#members)*
        }
        impl #ident {
            /// With everything absent: the server's defaults.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }
            #(#setters)*
        }
        #debug
    }
}
