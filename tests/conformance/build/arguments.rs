//! Where each argument's value comes from, and what type holds it.

use diptych::ir::{Api, Field, Operation, ParameterPlace, RequestBody, Shape};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, GenericArgument, Pat, PathArguments, Signature, Type};

/// A place in a case: `Path`, `Query`, `Header`, `Body` or `BodyField`, and the name on the wire.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) place: &'static str,
    pub(crate) wire: String,
    pub(crate) field: Field,
}

/// Everything that an operation takes, in the order in which diptych promises to ask for it.
pub(crate) fn sources(operation: &Operation, api: &Api) -> Vec<Source> {
    let mut found = Vec::new();
    for (wanted, place) in [
        (ParameterPlace::Path, "Path"),
        (ParameterPlace::Query, "Query"),
        (ParameterPlace::Header, "Header"),
    ] {
        let here = operation
            .parameters
            .iter()
            .filter(|one| one.place == wanted);
        let mut here: Vec<Source> = here.map(|one| source(place, &one.field)).collect();
        if wanted == ParameterPlace::Path {
            here.sort_by_key(|one| operation.path.find(&format!("{{{}}}", one.wire)));
        }
        found.extend(here);
    }
    match &operation.body {
        RequestBody::None => {}
        RequestBody::Whole(field) => found.push(source("Body", field)),
        RequestBody::Embedded(name) => {
            if let Some(Shape::Object(object)) = api.types.get(name).map(|ty| &ty.shape) {
                found.extend(object.fields.iter().map(|field| source("BodyField", field)));
            }
        }
    }
    found.retain(|source| source.field.constant.is_none());
    found
}

/// The names and types of a method's arguments.
pub(crate) fn arguments(signature: &Signature) -> Vec<(String, Type)> {
    let typed = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    let named = typed.filter_map(|argument| match &*argument.pat {
        Pat::Ident(name) => Some((name.ident.to_string(), (*argument.ty).clone())),
        _ => None,
    });
    named.collect()
}

/// The owned type that holds an argument, and how `name` is passed on.
pub(crate) fn held(ty: &Type, name: &TokenStream) -> (TokenStream, TokenStream) {
    if let Type::Reference(reference) = ty {
        let (owned, _) = owned(&reference.elem);
        return (owned, quote!(&#name));
    }
    if let Some(Type::Reference(reference)) = option(ty) {
        let (owned, is_unsized) = owned(&reference.elem);
        let pass = if is_unsized {
            quote!(#name.as_deref())
        } else {
            quote!(#name.as_ref())
        };
        return (quote!(Option<#owned>), pass);
    }
    (quote!(#ty), quote!(#name))
}

/// The sized type that lends this one, and whether they differ.
fn owned(ty: &Type) -> (TokenStream, bool) {
    match ty {
        Type::Slice(slice) => {
            let item = &slice.elem;
            (quote!(Vec<#item>), true)
        }
        Type::Path(path) if path.path.is_ident("str") => (quote!(String), true),
        ty => (quote!(#ty), false),
    }
}

fn option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

fn source(place: &'static str, field: &Field) -> Source {
    Source {
        place,
        wire: field.wire.clone(),
        field: field.clone(),
    }
}
