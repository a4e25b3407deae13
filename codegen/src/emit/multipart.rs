//! The body of a form with files: a line for each part.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::values::{literal, style_name};
use crate::ir::{Content, Encoding, TypeRef};
use crate::plan::{Placed, Plan, Presence};

/// The line that writes the value, which is a reference.
pub(super) fn line(
    value: &TokenStream,
    ty: &TypeRef,
    content: &Content,
    plan: &Plan<'_>,
) -> TokenStream {
    let set = |write: TokenStream| match content.media_type.as_str() {
        "multipart/form-data" => quote!(http.multipart(#write);),
        media_type => quote!(http.multipart_as(#media_type, #write);),
    };
    let Some((ty, object)) = plan.object(ty) else {
        let each = &content.each;
        let parts = match plan.resolved(ty) {
            TypeRef::Map(entry) => entries(value, entry, each),
            TypeRef::List(item) => items(value, item, each),
            TypeRef::Tuple(items) => positions(value, items, &content.positions),
            _ => return set(quote!(|parts| parts.fields(#value))),
        };
        return set(quote!(|parts| { #parts }));
    };
    let mut fields: Vec<&Placed<'_>> = { ty.fields.iter() }
        .filter(|placed| !placed.only_answered)
        .collect();
    if content.media_type.starts_with("multipart/related") {
        // What refers to the others goes before them.
        fields.sort_by_key(|placed| is_file(&placed.field.ty));
    }
    let is_always_same =
        object.additional.is_none() && fields.iter().all(|placed| placed.is_constant());
    let lines = fields.into_iter().map(|placed| part(placed, content));
    let mut lines: Vec<TokenStream> = lines.collect();
    lines.extend(object.additional.as_ref().map(|ty| {
        let said = Encoding {
            part: object.additional_part.clone(),
            headers: Vec::new(),
        };
        entries(&quote!(&form.additional), ty, &said)
    }));
    if lines.is_empty() {
        let line = set(quote!(|_| {}));
        return quote!(let _ = #value; #line);
    }
    let line = set(quote!(|parts| { #(#lines)* }));
    if is_always_same {
        return quote!(let _ = #value; #line);
    }
    quote! {
        let form = #value;
        #line
    }
}

fn is_file(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::List(item) | TypeRef::Map(item) | TypeRef::Optional(item) => is_file(item),
        ty => *ty == TypeRef::File,
    }
}

/// What writes parts that have the headers which are said of them.
fn headed(said: &Encoding, write: TokenStream) -> TokenStream {
    if said.headers.is_empty() {
        return write;
    }
    let headers = said.headers.iter().map(|(key, text)| quote!((#key, #text)));
    quote!(parts.headed(&[#(#headers),*], |parts| { #write });)
}

/// The parts of a tuple, which have no names.
fn positions(tuple: &TokenStream, types: &[TypeRef], said: &[Encoding]) -> TokenStream {
    let is_usual = |said: &Encoding| *said == Encoding::default();
    if said.iter().all(is_usual) && !types.iter().any(is_file) {
        return quote!(parts.items("", "", #tuple););
    }
    let usual = Encoding::default();
    let said = said.iter().chain(std::iter::repeat(&usual));
    let lines = types
        .iter()
        .zip(said)
        .enumerate()
        .map(|(index, (ty, said))| {
            let item = Literal::usize_unsuffixed(index);
            match ty {
                TypeRef::File => items(&quote!([&tuple.#item]), ty, said),
                TypeRef::Optional(file) | TypeRef::List(file) if **file == TypeRef::File => {
                    items(&quote!(&tuple.#item), file, said)
                }
                ty => items(&quote!(&[&tuple.#item]), ty, said),
            }
        });
    quote! {
        let tuple = #tuple;
        #(#lines)*
    }
}

/// The parts of a list, which have no names.
fn items(list: &TokenStream, item: &TypeRef, said: &Encoding) -> TokenStream {
    let part = said.part.as_ref();
    let write = if *item == TypeRef::File {
        files_of(&quote!(""), part.map(|part| &part.media_type), list)
    } else {
        let media_type = part.map_or("", |part| &part.media_type);
        let encoding = part.and_then(|part| part.encoding.as_deref());
        let encoding = encoding.unwrap_or_default();
        quote!(parts.items(#media_type, #encoding, #list);)
    };
    headed(said, write)
}

/// The parts of what the description allows and does not name.
fn entries(map: &TokenStream, ty: &TypeRef, said: &Encoding) -> TokenStream {
    let name = quote!(name);
    let part = said.part.as_ref();
    let media_type = part.map(|part| &part.media_type);
    let each = match (ty, part) {
        (TypeRef::File, _) => files_of(&name, media_type, &quote!([value])),
        (TypeRef::List(item), _) if **item == TypeRef::File => {
            files_of(&name, media_type, &quote!(value))
        }
        (_, Some(part)) => {
            let (media_type, encoding) = (&part.media_type, part.encoding.as_deref());
            let encoding = encoding.unwrap_or_default();
            quote!(parts.text_as(name, #media_type, #encoding, value);)
        }
        (_, None) => return quote!(parts.fields(#map);),
    };
    quote!(for (name, value) in #map { #each })
}

fn part(placed: &Placed<'_>, content: &Content) -> TokenStream {
    let write = line_of_part(placed, content);
    match content.parts.get(&placed.field.wire) {
        Some(said) => headed(said, write),
        None => write,
    }
}

fn line_of_part(placed: &Placed<'_>, content: &Content) -> TokenStream {
    let wire = &placed.field.wire;
    let part = placed.field.part.as_ref();
    let own_type = part.map(|part| &part.media_type);
    let said = content.parts.get(wire);
    let media_type = said.and_then(|said| Some(&said.part.as_ref()?.media_type));
    let own = format_ident!("{}", placed.field.name);
    if placed.is_constant() {
        let constant = literal(placed.field.constant.as_ref());
        return written(wire, media_type, &constant);
    }
    if let Some(pair) = content.styled.get(wire) {
        let style = style_name(pair.style);
        return quote!(parts.styled(#wire, ParameterStyle::#style, &form.#own););
    }
    match &placed.field.ty {
        TypeRef::File => files(wire, media_type.or(own_type), &one(placed, &own)),
        TypeRef::List(inner) if **inner == TypeRef::File => {
            files(wire, media_type.or(own_type), &many(placed, &own))
        }
        _ => match part {
            Some(part) => {
                let media_type = media_type.unwrap_or(&part.media_type);
                let encoding = part.encoding.as_deref().unwrap_or_default();
                quote!(parts.text_as(#wire, #media_type, #encoding, &form.#own);)
            }
            None => written(wire, media_type, &quote!(&form.#own)),
        },
    }
}

fn one(placed: &Placed<'_>, own: &proc_macro2::Ident) -> TokenStream {
    match placed.presence {
        Presence::Required | Presence::Defaulted | Presence::Constant => quote!([&form.#own]),
        Presence::RequiredNullable | Presence::Optional => quote!(&form.#own),
        Presence::Patch => quote!(form.#own.value()),
    }
}

fn many(placed: &Placed<'_>, own: &proc_macro2::Ident) -> TokenStream {
    match placed.presence {
        Presence::Required | Presence::Defaulted | Presence::Constant => quote!(&form.#own),
        Presence::RequiredNullable | Presence::Optional => quote!(form.#own.iter().flatten()),
        Presence::Patch => quote!(form.#own.value().into_iter().flatten()),
    }
}

fn files(wire: &str, media_type: Option<&String>, files: &TokenStream) -> TokenStream {
    files_of(&quote!(#wire), media_type, files)
}

fn files_of(name: &TokenStream, media_type: Option<&String>, files: &TokenStream) -> TokenStream {
    let media_type = media_type.map_or("application/octet-stream", String::as_str);
    quote!(parts.files(#name, #media_type, #files);)
}

fn written(wire: &str, media_type: Option<&String>, value: &TokenStream) -> TokenStream {
    media_type.map_or_else(
        || quote!(parts.value(#wire, #value);),
        |media_type| quote!(parts.value_as(#wire, #media_type, #value);),
    )
}
