//! What a field's documentation says: the description's words, or else what its name and its schema tell.

use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::quote;

use super::doc;
use crate::ir::TypeRef;
use crate::plan::{Placed, Presence};

/// The documentation of a field of `owner`, and of its setter.
pub(super) fn attributes(placed: &Placed<'_>, owner: &str) -> TokenStream {
    let field = placed.field;
    let words = if field.doc.is_empty() {
        doc::own(&told(placed, owner))
    } else {
        doc::attributes(&field.doc)
    };
    let rules = field.rules.iter().map(|rule| doc::attributes(rule));
    quote!(#words #(#[doc = ""] #rules)*)
}

/// One line, where the description says nothing.
fn told(placed: &Placed<'_>, owner: &str) -> String {
    let name = placed.field.wire.to_snake_case().replace('_', " ");
    let what = match (&placed.field.ty, name.as_str()) {
        (TypeRef::Uuid, "id") => format!("The UUID of this `{owner}`"),
        (TypeRef::DateTime, "created" | "updated") => format!("When it was {name}"),
        (TypeRef::Uuid, name) if name.ends_with(" id") => {
            format!("The UUID of the {}", name.trim_end_matches(" id"))
        }
        (ty, name) => format!("{}: {}", capital(name), one(ty)),
    };
    let null = match placed.presence {
        Presence::RequiredNullable | Presence::Patch => ", or null",
        _ => "",
    };
    format!("{what}{null}.")
}

fn one(ty: &TypeRef) -> String {
    let plain = match ty {
        TypeRef::Named(name) if name.starts_with(['A', 'E', 'I', 'O', 'U']) => {
            return format!("an {}", doc::link_to(name));
        }
        TypeRef::Named(name) => return format!("a {}", doc::link_to(name)),
        TypeRef::Boxed(inner) => return one(inner),
        TypeRef::Optional(inner) => return format!("{}, or null", one(inner)),
        TypeRef::List(inner) => return format!("a list of {}", many(inner)),
        TypeRef::Map(inner) => return format!("{} by name", many(inner)),
        TypeRef::Text => "text",
        TypeRef::Secret => "text that is kept out of `Debug`",
        TypeRef::File => "a file",
        TypeRef::Bool => "true or false",
        TypeRef::Integer(_) => "a whole number",
        TypeRef::Number(_) => "a number",
        TypeRef::Uuid => "a UUID",
        TypeRef::DateTime => "a point in time",
        TypeRef::Date => "a day",
        TypeRef::Any => "any JSON",
        TypeRef::Tuple(_) => "a list of fixed length",
    };
    plain.to_owned()
}

fn many(ty: &TypeRef) -> String {
    let plain = match ty {
        TypeRef::Named(name) => return doc::link_to(name),
        TypeRef::Boxed(inner) => return many(inner),
        TypeRef::Optional(inner) => return format!("{} or nulls", many(inner)),
        TypeRef::List(_) | TypeRef::Tuple(_) => "lists",
        TypeRef::Map(_) => "maps",
        TypeRef::Text | TypeRef::Secret => "texts",
        TypeRef::File => "files",
        TypeRef::Bool => "truth values",
        TypeRef::Integer(_) => "whole numbers",
        TypeRef::Number(_) => "numbers",
        TypeRef::Uuid => "UUIDs",
        TypeRef::DateTime => "points in time",
        TypeRef::Date => "days",
        TypeRef::Any => "JSON values",
    };
    plain.to_owned()
}

/// A name may hold nothing that is a letter.
fn capital(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "A value".to_owned(),
    }
}
