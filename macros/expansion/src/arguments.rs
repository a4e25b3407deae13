//! What stands in the parentheses of `#[dual(…)]`.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Meta, Path, Token, parenthesized};

use crate::face::Face;
use crate::table::Pair;

/// The attribute's arguments but the table: these travel through the table's macro.
#[derive(Default)]
pub(crate) struct Arguments {
    /// The twin's name.
    pub(crate) name: Option<Ident>,
    /// The content of `map(…)`.
    pub(crate) pairs: Vec<Pair>,
}

/// What `#[dual…]` says inside a dual item.
pub(crate) enum Mark {
    /// `#[dual(async)]`, `#[dual(blocking)]`: for this face only.
    Only(Face),
    /// `#[dual]`, `#[dual(name = …)]`: has a twin, although it may not be async.
    Twin(Option<Ident>),
}

/// Splits the path of the table from the other arguments.
pub(crate) fn split_table(input: ParseStream) -> syn::Result<(Option<Path>, TokenStream)> {
    let is_key = |key: Ident| key == "name" || key == "map";
    let is_argument = input.peek2(Token![=])
        || input.peek2(syn::token::Paren)
        || input.fork().parse().is_ok_and(is_key);
    if input.is_empty() || is_argument {
        return Ok((None, input.parse()?));
    }
    let table = input.call(Path::parse_mod_style)?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok((Some(table), input.parse()?))
}

impl Parse for Arguments {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut arguments = Self::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if key == "name" && arguments.name.is_none() {
                arguments.name = Some(parse_name(&key, input)?);
            } else if key == "map" && arguments.pairs.is_empty() {
                let content;
                parenthesized!(content in input);
                let pairs = content.parse_terminated(Pair::parse, Token![,])?;
                arguments.pairs = pairs.into_iter().collect();
            } else {
                let message = "expected a table, then `name = …` and `map(… => …)`, each once";
                return Err(syn::Error::new(key.span(), message));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    }
}

/// Takes the mark out of an item's attributes, if it has one.
pub(crate) fn take_mark(attributes: &mut Vec<Attribute>) -> syn::Result<Option<Mark>> {
    let is_mark = |attribute: &Attribute| {
        attribute
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "dual")
    };
    let Some(position) = attributes.iter().position(is_mark) else {
        return Ok(None);
    };
    read_mark(&attributes.remove(position).meta).map(Some)
}

fn read_mark(meta: &Meta) -> syn::Result<Mark> {
    let Meta::List(list) = meta else {
        return Ok(Mark::Twin(None));
    };
    let parser = |input: ParseStream| {
        if input.peek(Token![async]) {
            input.parse::<Token![async]>()?;
            return Ok(Mark::Only(Face::Async));
        }
        let key: Ident = input.parse()?;
        if key == "blocking" {
            return Ok(Mark::Only(Face::Blocking));
        }
        if key != "name" {
            let message = "inside a dual item: `#[dual(async)]`, `#[dual(blocking)]`, `#[dual]` or `#[dual(name = …)]`";
            return Err(syn::Error::new(key.span(), message));
        }
        Ok(Mark::Twin(Some(parse_name(&key, input)?)))
    };
    list.parse_args_with(parser)
}

/// What follows `name`.
fn parse_name(key: &Ident, input: ParseStream) -> syn::Result<Ident> {
    let read = || {
        input.parse::<Token![=]>()?;
        input.parse()
    };
    read().map_err(|_: syn::Error| syn::Error::new(key.span(), "expected `name = …`"))
}
