//! The derive of `Block`.

use proc_macro2::{Ident, Span, TokenStream as Tokens};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, GenericArgument, PathArguments, Type};

use crate::block_attributes::{Said, refuse_serde, said};
use crate::slug::slugify;

pub(crate) fn implement(item: &DeriveInput) -> Result<Tokens, Error> {
    let fields = fields(item)?;
    refuse_serde(&item.attrs, false)?;
    for field in &fields {
        refuse_serde(&field.attrs, true)?;
    }
    let ident = &item.ident;
    let said = said(item)?;
    let info = info(ident, &said)?;
    let kept: Vec<&Field> = fields
        .into_iter()
        .filter(|field| !is_skipped(field))
        .collect();
    let checks = kept.iter().map(|field| checks(field));
    let types = kept.iter().map(|field| &field.ty);
    let unused = if kept.is_empty() {
        quote!()
    } else {
        quote!(
            use ::prefect_sdk::blocks::checks::Unknown as _;
        )
    };
    Ok(quote! {
        #[automatically_derived]
        impl ::prefect_sdk::blocks::Block for #ident {
            const INFO: ::prefect_sdk::blocks::BlockInfo = #info;
            const HAS_SECRETS: bool = {
                #unused
                false #(|| ::prefect_sdk::blocks::checks::Probe::<#types>::HAS_SECRETS)*
            };
        }
        const _: () = {
            #unused
            #(#checks)*
        };
    })
}

/// The fields of a struct that can be a block.
fn fields(item: &DeriveInput) -> Result<Vec<&Field>, Error> {
    let refuse = |text: &str| Err(Error::new(item.ident.span(), text));
    if !item.generics.params.is_empty() {
        let text = "a block has no generics: one slug, which Python knows too, stands for one type";
        return Err(Error::new(item.generics.params.span(), text));
    }
    match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter().collect()),
            Fields::Unnamed(_) => refuse("a block has named fields"),
            Fields::Unit => refuse("a block has named fields: write `{}` for none"),
        },
        Data::Enum(_) => refuse(
            "a block is a struct with named fields: a field that takes blocks of several types is an enum with \
             `#[serde(untagged)]` of `Nested` blocks, which is no block itself",
        ),
        Data::Union(_) => refuse("a block is a struct with named fields"),
    }
}

fn info(ident: &Ident, said: &Said) -> Result<Tokens, Error> {
    let name = said
        .name
        .as_ref()
        .map_or_else(|| ident.to_string(), syn::LitStr::value);
    let span = said.name.as_ref().map_or(ident.span(), syn::LitStr::span);
    check_name(&name, span)?;
    let slug = slug(&name, span, said)?;
    let texts = said
        .texts
        .iter()
        .map(|(method, value)| quote!(.#method(#value)));
    let capabilities = &said.capabilities;
    let predefined = said.predefined;
    Ok(quote! {
        ::prefect_sdk::blocks::BlockInfo::new(#name, #slug)
            #(#texts)*
            .capabilities(&[#(#capabilities),*])
            .predefined(#predefined)
    })
}

fn check_name(name: &str, span: Span) -> Result<(), Error> {
    if name.trim().is_empty() || name.contains(['/', '%', '&', '>', '<']) {
        let text = "the name of a type of blocks is not empty, and has none of `/ % & > <`: Prefect's server refuses them";
        return Err(Error::new(span, text));
    }
    if name.to_ascii_lowercase().starts_with("prefect") {
        let text = "names of types of blocks that begin with `Prefect` are reserved: \
            give another with `#[block(name = \"…\")]`";
        return Err(Error::new(span, text));
    }
    Ok(())
}

fn slug(name: &str, span: Span, said: &Said) -> Result<String, Error> {
    let Some(given) = &said.slug else {
        return match slugify(name) {
            Some(slug) if !slug.is_empty() => Ok(slug),
            _ => {
                let text = "what Python makes of this name is not known here: say it with `#[block(slug = \"…\")]`";
                Err(Error::new(span, text))
            }
        };
    };
    let slug = given.value();
    if slug.is_empty() || slugify(&slug).as_ref() != Some(&slug) {
        let text = "a slug is lower case letters and digits, with single dashes between them";
        return Err(Error::new(given.span(), text));
    }
    Ok(slug)
}

/// Whether serde neither writes nor reads a field.
fn is_skipped(field: &Field) -> bool {
    let serde = field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"));
    serde.into_iter().any(|attribute| {
        let mut skipped = false;
        // What can't be parsed has been refused, or is what serde refuses.
        let _ = attribute.parse_nested_meta(|meta| {
            skipped |= meta.path.is_ident("skip");
            Ok(())
        });
        skipped
    })
}

/// What must hold for the type of a field.
fn checks(field: &Field) -> Tokens {
    let name = field
        .ident
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let whole = &field.ty;
    let span = whole.span();
    let shown = format!(
        "the secrets in the field `{name}` would be shown to everybody, as Prefect's server finds none in maps, \
         nor in lists or maps of blocks: use a SecretMap, or a field for each"
    );
    let bare = format!(
        "the field `{name}` holds a block: make it a Nested block, so that one that is saved is written as a reference, \
         and its secrets are not written again"
    );
    let mut types = Vec::new();
    parts(whole, &mut types);
    let bare = types.iter().map(|part| {
        quote_spanned! { part.span() =>
            ::core::assert!(!::prefect_sdk::blocks::checks::Probe::<#part>::IS_BLOCK, #bare);
        }
    });
    quote_spanned! { span =>
        ::core::assert!(!::prefect_sdk::blocks::checks::Probe::<#whole>::IS_SHOWN, #shown);
        #(#bare)*
    }
}

/// A type and those in its arguments, but for what is nested.
fn parts<'t>(whole: &'t Type, found: &mut Vec<&'t Type>) {
    found.push(whole);
    match whole {
        Type::Path(path) => {
            let Some(last) = path
                .path
                .segments
                .last()
                .filter(|last| last.ident != "Nested")
            else {
                return;
            };
            if let PathArguments::AngleBracketed(arguments) = &last.arguments {
                for argument in &arguments.args {
                    if let GenericArgument::Type(inner) = argument {
                        parts(inner, found);
                    }
                }
            }
        }
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|inner| parts(inner, found)),
        Type::Array(array) => parts(&array.elem, found),
        Type::Paren(inner) => parts(&inner.elem, found),
        Type::Group(inner) => parts(&inner.elem, found),
        _ => {}
    }
}
