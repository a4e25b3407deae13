//! Sensitive values stay out of `Debug`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::ir::Object;
use crate::plan::Placed;

/// A `Debug` that keeps the sensitive fields to itself.
pub(super) fn debug<'f>(
    name: &Ident,
    fields: impl IntoIterator<Item = &'f Placed<'f>>,
    object: Option<&Object>,
) -> TokenStream {
    let lines = fields
        .into_iter()
        .filter(|placed| !placed.is_constant())
        .map(|placed| {
            let (text, field) = (&placed.field.name, format_ident!("{}", placed.field.name));
            if placed.is_redacted() {
                quote!(.field(#text, &Redacted))
            } else {
                quote!(.field(#text, &self.#field))
            }
        });
    let additional = object
        .and_then(|object| object.additional.as_ref())
        .map(|_| quote!(.field("additional", &self.additional)));
    let text = name.to_string();
    quote! {
        impl fmt::Debug for #name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(#text) #(#lines)* #additional .finish()
            }
        }
    }
}
