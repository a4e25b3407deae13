//! The derive of `RunInput`.

use proc_macro2::{Ident, TokenStream as Tokens};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, LitStr};

pub(crate) fn implement(item: &DeriveInput) -> Result<Tokens, Error> {
    refuse_shape(item)?;
    let ident = &item.ident;
    let name = match given_name(item)? {
        Some(given) => given,
        None => own_name(ident)?,
    };
    Ok(quote! {
        #[automatically_derived]
        impl ::prefect_sdk::input::RunInput for #ident {
            const NAME: &'static str = #name;
        }
    })
}

/// An input is a JSON object whose fields a person fills in, and one name stands for one such object.
fn refuse_shape(item: &DeriveInput) -> Result<(), Error> {
    let text = match &item.data {
        Data::Struct(data) => match data.fields {
            Fields::Named(_) => None,
            Fields::Unnamed(_) => Some(
                "a run input has named fields: name them, or send the bare value with `send_input`",
            ),
            Fields::Unit => Some("a run input has named fields: write `{}` for none"),
        },
        Data::Enum(_) => {
            Some("a run input is a struct with named fields; one of them may be an enum")
        }
        Data::Union(_) => Some("a run input is a struct with named fields"),
    };
    if let Some(text) = text {
        return Err(Error::new(item.ident.span(), text));
    }
    if item.generics.params.is_empty() {
        return Ok(());
    }
    let text = "a run input has no generics: one name, which Python knows too, stands for one type";
    Err(Error::new(item.generics.params.span(), text))
}

/// What `#[run_input(name = "…")]` says.
fn given_name(item: &DeriveInput) -> Result<Option<String>, Error> {
    let mut given = None;
    for attribute in &item.attrs {
        if !attribute.path().is_ident("run_input") {
            continue;
        }
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("name") {
                return Err(meta.error("only `name = \"…\"` is known here"));
            }
            if given.is_some() {
                return Err(meta.error("the name is given twice"));
            }
            let literal: LitStr = meta.value()?.parse()?;
            let name = literal.value();
            if !is_name(&name) {
                let text = "a run input's name is ASCII letters and digits, the first a letter: \
                    Prefect's keys hold nothing else";
                return Err(Error::new(literal.span(), text));
            }
            given = Some(name);
            Ok(())
        })?;
    }
    Ok(given)
}

fn own_name(ident: &Ident) -> Result<String, Error> {
    let name = ident.to_string();
    if is_name(&name) {
        return Ok(name);
    }
    let text = "this name can't be part of a key of Prefect's, which holds ASCII letters and digits only: \
        give another with `#[run_input(name = \"…\")]`";
    Err(Error::new(ident.span(), text))
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric())
}
