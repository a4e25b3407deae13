//! `new` with what must be there, and a setter for what may be.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::doc;
use super::object::Placed;
use super::presence::Presence;
use super::rust_type::{is_copy, owned};
use crate::ir::{Field, Object, TypeRef};

pub(super) fn constructors(name: &Ident, fields: &[Placed<'_>], object: &Object) -> TokenStream {
    let is_argument = |placed: &&Placed<'_>| {
        matches!(
            placed.presence,
            Presence::Required | Presence::RequiredNullable
        )
    };
    let arguments = fields.iter().filter(is_argument).map(|placed| {
        let field = format_ident!("{}", placed.field.name);
        let nullable = placed.presence == Presence::RequiredNullable;
        let ty = if nullable {
            required_nullable(placed.field)
        } else {
            accepted(&placed.field.ty)
        };
        quote!(#field: #ty)
    });
    let values = fields
        .iter()
        .filter(|placed| placed.presence != Presence::Constant)
        .map(|placed| {
            let field = format_ident!("{}", placed.field.name);
            match placed.presence {
                Presence::Required if is_copy(&placed.field.ty) => quote!(#field),
                Presence::Required => {
                    let value = converted(&placed.field.ty, &quote!(#field));
                    quote!(#field: #value)
                }
                Presence::RequiredNullable => quote!(#field: #field.into()),
                Presence::Patch => quote!(#field: Patch::Absent),
                _ => quote!(#field: None),
            }
        });
    let additional = object
        .additional
        .as_ref()
        .map(|_| quote!(additional: BTreeMap::new(),));
    let any_argument = fields.iter().any(|placed| is_argument(&placed));
    let text = if any_argument {
        "With what must be there; everything else is absent."
    } else {
        "With everything absent."
    };
    let docs = doc::attributes(text);
    let setters = fields.iter().filter_map(setter);
    let body = if !any_argument && object.additional.is_none() {
        quote!(Self::default())
    } else {
        quote!(Self { #(#values,)* #additional })
    };
    quote! {
        impl #name {
            #docs
            #[must_use]
            pub fn new(#(#arguments),*) -> Self {
                #body
            }
            #(#setters)*
        }
    }
}

/// A setter for a field that may be absent.
pub(super) fn setter(placed: &Placed<'_>) -> Option<TokenStream> {
    let field = format_ident!("{}", placed.field.name);
    let docs = doc::own(&format!("Sets [`{field}`](field@Self::{field}).\n"));
    let described = doc::attributes(&placed.field.doc);
    let (ty, value) = match placed.presence {
        _ if placed.field.read_only => return None,
        Presence::Optional => {
            let value = converted(&placed.field.ty, &quote!(#field));
            (accepted(&placed.field.ty), quote!(Some(#value)))
        }
        Presence::Patch => {
            let ty = owned(&placed.field.ty);
            (quote!(impl Into<Patch<#ty>>), quote!(#field.into()))
        }
        _ => return None,
    };
    let name = format_ident!("{}", method_name(&placed.field.name));
    Some(quote! {
        #docs
        #described
        #[must_use]
        pub fn #name(mut self, #field: #ty) -> Self {
            self.#field = #value;
            self
        }
    })
}

/// A setter that hid one of these methods would change what generated or other code means.
fn method_name(field: &str) -> String {
    match field {
        "new" | "default" | "clone" | "serialize" | "deserialize" | "from_object" => {
            format!("{field}_")
        }
        _ => field.to_owned(),
    }
}

fn required_nullable(field: &Field) -> TokenStream {
    let ty = owned(&field.ty);
    quote!(impl Into<Option<#ty>>)
}

/// What an argument takes: whatever turns into the type.
fn accepted(ty: &TypeRef) -> TokenStream {
    match ty {
        TypeRef::Text | TypeRef::Secret | TypeRef::Named(_) | TypeRef::Any | TypeRef::Boxed(_) => {
            let ty = owned(ty);
            quote!(impl Into<#ty>)
        }
        TypeRef::List(inner) => {
            let inner = owned(inner);
            quote!(impl IntoIterator<Item = impl Into<#inner>>)
        }
        ty => owned(ty),
    }
}

fn converted(ty: &TypeRef, value: &TokenStream) -> TokenStream {
    match ty {
        TypeRef::Text | TypeRef::Secret | TypeRef::Named(_) | TypeRef::Any | TypeRef::Boxed(_) => {
            quote!(#value.into())
        }
        TypeRef::List(_) => quote!(#value.into_iter().map(Into::into).collect()),
        _ => value.clone(),
    }
}
