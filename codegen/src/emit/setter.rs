//! `new` with what must be there, and a setter for what may be.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::rust_type::{is_copy, owned};
use super::values::{fallback, said};
use super::{doc, field_doc};
use crate::ir::{IntegerType, Object, TypeRef};
use crate::plan::{Placed, Presence};

/// How a field begins in `new`.
pub(super) enum Begins {
    /// As an argument says.
    Given,
    /// With this value, until a setter says another one.
    With(TokenStream),
    /// With this value, which only the server changes.
    Kept(TokenStream),
}

impl Begins {
    /// In a type that is sent: what must be there is said, null too.
    pub(super) fn sent(placed: &Placed<'_>) -> Self {
        if let Some(tag) = tag(placed) {
            return Self::With(tag);
        }
        match placed.presence {
            Presence::Required | Presence::RequiredNullable => Self::Given,
            Presence::Optional if placed.asked => Self::Given,
            Presence::Patch if placed.only_answered => Self::Kept(quote!(Patch::Absent)),
            _ if placed.only_answered => Self::Kept(quote!(None)),
            Presence::Patch => Self::With(quote!(Patch::Absent)),
            _ => Self::With(quote!(None)),
        }
    }

    /// In a type that only the server sends: as it reads an answer that says the least.
    pub(super) fn received(placed: &Placed<'_>) -> Self {
        if let Some(tag) = tag(placed) {
            return Self::With(tag);
        }
        match placed.presence {
            Presence::Required => Self::Given,
            Presence::Defaulted => Self::With(fallback(placed)),
            Presence::Patch => Self::With(quote!(Patch::Absent)),
            _ => Self::With(quote!(None)),
        }
    }
}

/// What tells values of the type apart, as the field holds it.
fn tag(placed: &Placed<'_>) -> Option<TokenStream> {
    let tag = said(placed.tag.as_ref()?, &placed.field.ty);
    Some(match placed.presence {
        Presence::Required | Presence::Defaulted | Presence::Constant => tag,
        Presence::RequiredNullable | Presence::Optional => quote!(Some(#tag)),
        Presence::Patch => quote!(Patch::Value(#tag)),
    })
}

/// A field of a struct, and how it begins.
pub(super) type Beginning<'f> = (&'f Placed<'f>, Begins);

/// `new` and the setters of a type; constants are no fields.
pub(super) fn constructors(
    owner: &str,
    fields: &[Beginning<'_>],
    docs: &str,
    value: &TokenStream,
) -> TokenStream {
    let name = format_ident!("{owner}");
    let given = || {
        let each = fields.iter();
        each.filter(|(_, begins)| matches!(begins, Begins::Given))
    };
    let arguments = given().map(|(placed, _)| argument(placed));
    let too_many = (given().count() > MANY).then(
        || quote!(#[expect(clippy::too_many_arguments, reason = "all of them must be there")]),
    );
    let docs = doc::own(docs);
    let setters = fields.iter().filter_map(|(placed, begins)| match begins {
        Begins::Given | Begins::Kept(_) => None,
        Begins::With(_) => setter(placed, owner),
    });
    quote! {
        impl #name {
            #docs
            #too_many
            #[must_use]
            pub fn new(#(#arguments),*) -> Self {
                #value
            }
            #(#setters)*
        }
    }
}

/// What `new` gives is the default of a type that has no derived one, and asks for nothing.
pub(super) fn default(owner: &str) -> TokenStream {
    let name = format_ident!("{owner}");
    quote! {
        impl Default for #name {
            fn default() -> Self {
                Self::new()
            }
        }
    }
}

/// The value that `new` gives.
pub(super) fn value(fields: &[Beginning<'_>], object: &Object) -> TokenStream {
    let values = fields.iter().map(beginning);
    let additional = object
        .additional
        .as_ref()
        .map(|_| quote!(additional: BTreeMap::new(),));
    quote!(Self { #(#values,)* #additional })
}

/// More arguments than Clippy lets pass.
const MANY: usize = 7;

fn argument(placed: &Placed<'_>) -> TokenStream {
    let field = format_ident!("{}", placed.field.name);
    let ty = if placed.presence == Presence::RequiredNullable {
        let ty = owned(&placed.field.ty);
        quote!(impl Into<Option<#ty>>)
    } else {
        accepted(&placed.field.ty)
    };
    quote!(#field: #ty)
}

fn beginning((placed, begins): &Beginning<'_>) -> TokenStream {
    let field = format_ident!("{}", placed.field.name);
    let value = match begins {
        Begins::With(value) | Begins::Kept(value) => value.clone(),
        Begins::Given if placed.presence == Presence::RequiredNullable => quote!(#field.into()),
        Begins::Given if placed.presence == Presence::Optional => {
            let value = converted(&placed.field.ty, &quote!(#field));
            quote!(Some(#value))
        }
        Begins::Given if is_taken_as_it_is(&placed.field.ty) => return quote!(#field),
        Begins::Given => converted(&placed.field.ty, &quote!(#field)),
    };
    quote!(#field: #value)
}

/// A setter for a field that `new` does not ask for.
pub(super) fn setter(placed: &Placed<'_>, owner: &str) -> Option<TokenStream> {
    let field = format_ident!("{}", placed.field.name);
    let docs = doc::own(&format!("Sets [`{field}`](field@Self::{field}).\n\n"));
    let described = field_doc::attributes(placed, owner);
    let value = converted(&placed.field.ty, &quote!(#field));
    let (ty, value) = match placed.presence {
        Presence::Optional | Presence::RequiredNullable => {
            (accepted(&placed.field.ty), quote!(Some(#value)))
        }
        Presence::Required if placed.tag.is_none() => return None,
        Presence::Required | Presence::Defaulted => (accepted(&placed.field.ty), value),
        Presence::Patch => {
            let ty = owned(&placed.field.ty);
            (quote!(impl Into<Patch<#ty>>), quote!(#field.into()))
        }
        Presence::Constant => return None,
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

/// What an argument takes: whatever turns into the type.
fn accepted(ty: &TypeRef) -> TokenStream {
    match ty {
        ty if is_bytes(ty) => quote!(impl Into<Vec<u8>>),
        TypeRef::List(inner) => {
            let inner = owned(inner);
            quote!(impl IntoIterator<Item = impl Into<#inner>>)
        }
        TypeRef::Map(inner) => {
            let inner = owned(inner);
            quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<#inner>)>)
        }
        ty if is_turned_into(ty) => {
            let ty = owned(ty);
            quote!(impl Into<#ty>)
        }
        ty => owned(ty),
    }
}

fn converted(ty: &TypeRef, value: &TokenStream) -> TokenStream {
    match ty {
        ty if is_bytes(ty) => quote!(#value.into()),
        TypeRef::List(_) => quote!(#value.into_iter().map(Into::into).collect()),
        TypeRef::Map(_) => {
            quote!(#value.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
        }
        ty if is_turned_into(ty) => quote!(#value.into()),
        _ => value.clone(),
    }
}

fn is_bytes(ty: &TypeRef) -> bool {
    matches!(ty, TypeRef::List(inner) if **inner == TypeRef::Integer(IntegerType::U8))
}

/// Whether an argument of it is the value itself.
fn is_taken_as_it_is(ty: &TypeRef) -> bool {
    is_copy(ty) || !matches!(ty, TypeRef::List(_) | TypeRef::Map(_)) && !is_turned_into(ty)
}

/// Whether other types turn into it.
fn is_turned_into(ty: &TypeRef) -> bool {
    matches!(
        ty,
        TypeRef::Text
            | TypeRef::Secret
            | TypeRef::File
            | TypeRef::Named(_)
            | TypeRef::Any
            | TypeRef::Boxed(_)
    )
}
