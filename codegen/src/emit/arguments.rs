//! What an operation takes: what must be there as arguments, what may be there in one request struct.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::object::Placed;
use super::presence::{Presence, presence};
use super::rust_type::{borrowed, is_copy, owned};
use crate::ir::{
    Api, Field, Operation, ParameterPlace, RequestBody, Shape, Style, Travel, TypeRef,
};
use crate::naming::{Numbers, derived_name};
use crate::template;

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Path,
    Query,
    Header,
    Cookie,
    Body,
    BodyField,
}

/// One value that an operation takes.
pub(super) struct Input<'o> {
    pub(super) destination: Destination,
    pub(super) placed: Placed<'o>,
    /// How a parameter's value becomes text.
    pub(super) style: Style,
    /// Whether reserved characters stay as they are.
    pub(super) allow_reserved: bool,
    /// Its name among the arguments.
    pub(super) name: String,
}

/// Everything that an operation takes, in the order in which it is asked for.
pub(super) fn inputs<'o>(operation: &'o Operation, api: &'o Api) -> Vec<Input<'o>> {
    let sent = Travel {
        sent: true,
        ..Travel::default()
    };
    let mut inputs: Vec<Input<'o>> = Vec::new();
    for destination in [
        Destination::Path,
        Destination::Query,
        Destination::Header,
        Destination::Cookie,
    ] {
        let here = operation
            .parameters
            .iter()
            .filter(|parameter| destination == of_place(parameter.place));
        inputs.extend(here.map(|parameter| Input {
            style: parameter.style,
            allow_reserved: parameter.allow_reserved,
            ..input(destination, &parameter.field, sent, api)
        }));
    }
    // The path's order is the URL's.
    let order = path_order(&operation.path);
    inputs.sort_by_key(|input| match input.destination {
        Destination::Path => {
            let known = order.get(input.placed.field.wire.as_str());
            known.copied().unwrap_or(usize::MAX - 1)
        }
        _ => usize::MAX,
    });
    match &operation.body {
        RequestBody::None => {}
        RequestBody::Whole(field) => inputs.push(input(Destination::Body, field, sent, api)),
        RequestBody::Embedded(name) => {
            if let Some(ty) = api.types.get(name)
                && let Shape::Object(object) = &ty.shape
            {
                let fields = object.fields.iter();
                inputs.extend(
                    fields.map(|field| input(Destination::BodyField, field, ty.travel, api)),
                );
            }
        }
    }
    let embedded = matches!(operation.body, RequestBody::Embedded(_));
    rename_clashes(&mut inputs, embedded);
    inputs
}

/// Where a template names each parameter first.
fn path_order(path: &str) -> BTreeMap<&str, usize> {
    let mut order = BTreeMap::new();
    for (index, name) in template::names(path).enumerate() {
        order.entry(name).or_insert(index);
    }
    order
}

/// Whether the value is an argument, and not part of the request struct.
pub(super) fn is_argument(input: &Input<'_>) -> bool {
    matches!(
        input.placed.presence,
        Presence::Required | Presence::RequiredNullable
    )
}

/// Whether the value is part of the request struct.
pub(super) fn is_optional(input: &Input<'_>) -> bool {
    matches!(input.placed.presence, Presence::Optional | Presence::Patch)
}

/// The name of the operation's request struct, where it has one.
pub(super) fn request_name(operation: &Operation, inputs: &[Input<'_>]) -> Option<String> {
    inputs
        .iter()
        .any(is_optional)
        .then(|| operation.request_type.clone())
}

/// What must be given: `id: Uuid, state: &StateCreate`. What is optional never joins them, so that an operation that
/// gets its first optional value breaks no caller.
pub(super) fn parameters(inputs: &[Input<'_>]) -> Vec<TokenStream> {
    inputs
        .iter()
        .filter(|input| is_argument(input))
        .map(parameter)
        .collect()
}

/// The names of the parameters, to pass them on.
pub(super) fn names(inputs: &[Input<'_>]) -> Vec<TokenStream> {
    inputs
        .iter()
        .filter(|input| is_argument(input))
        .map(|input| {
            let name = format_ident!("{}", input.name);
            quote!(#name)
        })
        .collect()
}

/// The name of the function or method that takes the request struct as well.
pub(super) fn with_request(name: &str) -> Ident {
    format_ident!("{}", derived_name(name, "with"))
}

/// A reference to the value inside the operation's function.
pub(super) fn reference(input: &Input<'_>) -> TokenStream {
    let name = format_ident!("{}", input.name);
    if !is_argument(input) {
        let field = format_ident!("{}", input.placed.field.name);
        return quote!(&request.#field);
    }
    if input.placed.presence == Presence::RequiredNullable || is_copy(&input.placed.field.ty) {
        return quote!(&#name);
    }
    quote!(#name)
}

/// The types that the signature mentions.
pub(super) fn mentioned<'i>(inputs: &'i [Input<'_>]) -> impl Iterator<Item = &'i TypeRef> {
    inputs
        .iter()
        .filter(|input| is_argument(input))
        .map(|input| &input.placed.field.ty)
}

fn parameter(input: &Input<'_>) -> TokenStream {
    let name = format_ident!("{}", input.name);
    let ty = &input.placed.field.ty;
    if input.placed.presence == Presence::RequiredNullable {
        let ty = owned(ty);
        return quote!(#name: Option<&#ty>);
    }
    let ty = borrowed(ty);
    quote!(#name: #ty)
}

fn input<'o>(destination: Destination, field: &'o Field, travel: Travel, api: &Api) -> Input<'o> {
    Input {
        destination,
        placed: Placed {
            field,
            presence: presence(field, travel, api),
        },
        style: Style::Usual,
        allow_reserved: false,
        name: field.name.clone(),
    }
}

fn of_place(place: ParameterPlace) -> Destination {
    match place {
        ParameterPlace::Path => Destination::Path,
        ParameterPlace::Query => Destination::Query,
        ParameterPlace::Header => Destination::Header,
        ParameterPlace::Cookie => Destination::Cookie,
    }
}

/// `request` is the request struct's own name, and `body` that of an embedded body's writer; a body's field gives way
/// to a parameter.
fn rename_clashes(inputs: &mut [Input<'_>], embedded: bool) {
    let mut taken = BTreeSet::from(["request".to_owned(), "http".to_owned()]);
    if embedded {
        taken.insert("body".to_owned());
    }
    let mut numbers = Numbers::default();
    for input in inputs {
        input.name = numbers.set_apart(&input.name, |name| taken.contains(name));
        taken.insert(input.name.clone());
    }
}
