//! From the attribute's tokens to the faces' tokens.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Item;
use syn::parse::{ParseStream, Parser};

use crate::arguments::{Arguments, split_table};
use crate::docs::Link;
use crate::functions::Function;
use crate::names::ident;
use crate::refusals::Refusals;
use crate::table::Table;
use crate::{imports, items};

/// What an item becomes.
pub(crate) struct Faces {
    /// The async face alone, for when the twin was refused.
    asynchronous: TokenStream,
    /// Both faces.
    both: TokenStream,
}

impl Faces {
    /// The item as it was, where there is no twin.
    pub(crate) fn only(tokens: TokenStream) -> Self {
        Self {
            asynchronous: tokens.clone(),
            both: tokens,
        }
    }

    /// One item that holds both faces, and the same item with the async face alone.
    pub(crate) fn one_item(asynchronous: TokenStream, both: TokenStream) -> Self {
        Self { asynchronous, both }
    }

    /// Two items, each under its condition. In the second one, names are replaced.
    pub(crate) fn pair(table: &Table, asynchronous: &TokenStream, blocking: TokenStream) -> Self {
        let condition =
            |condition: &Option<syn::Meta>| condition.as_ref().map(|meta| quote!(#[cfg(#meta)]));
        let (first, second) = (
            condition(&table.conditions.asynchronous),
            condition(&table.conditions.blocking),
        );
        let blocking = table.names.replace(blocking);
        let asynchronous = quote!(#first #asynchronous);
        let both = quote!(#asynchronous #second #blocking);
        Self { asynchronous, both }
    }
}

/// `#[dual(arguments)] item`: with a table, the table's macro is asked for it.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match split_table.parse2(arguments) {
        Ok((Some(table), arguments)) => quote!(#table! { { #arguments } #item }),
        Ok((None, arguments)) => expand(Ok(Table::default()), arguments, item),
        Err(error) => with_errors(item, error.to_compile_error()),
    }
}

/// `{ table } { arguments } item`: what the table's macro expands to.
pub(crate) fn with_table(input: TokenStream) -> TokenStream {
    let parser = |input: ParseStream| {
        let (table, arguments);
        syn::braced!(table in input);
        syn::braced!(arguments in input);
        let (table, arguments) = (
            table.parse::<TokenStream>()?,
            arguments.parse::<TokenStream>()?,
        );
        Ok((table, arguments, input.parse::<TokenStream>()?))
    };
    match parser.parse2(input) {
        Ok((table, arguments, item)) => expand(syn::parse2(table), arguments, item),
        Err(error) => error.to_compile_error(),
    }
}

/// The name of an async function's twin: as given, or by the table, or by the convention.
pub(crate) fn twin_name(own: &Ident, given: Option<Ident>, table: &Table) -> syn::Result<Ident> {
    if let Some(given) = given {
        return Ok(given);
    }
    match table.names.twin_of(&own.to_string()) {
        Some([single]) => return Ok(ident(single, own.span())),
        Some(path) => {
            let message = format!(
                "the table maps `{own}` to the path `{}`, which is no name",
                path.join("::")
            );
            return Err(syn::Error::new(own.span(), message));
        }
        None => {}
    }
    table.naming.blocking_name(own).ok_or_else(|| {
        let pattern = table.naming.pattern();
        let message = format!(
            "the twin of `{own}` has no name: async names look like `{pattern}`, where `{{}}` is the \
            twin's name; rename this one, or name the twin with `#[dual(name = …)]`"
        );
        syn::Error::new(own.span(), message)
    })
}

fn expand(table: syn::Result<Table>, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let read = || -> syn::Result<(Table, Option<Ident>)> {
        let mut table = table?;
        let Arguments { name, pairs } = syn::parse2(arguments)?;
        pairs.into_iter().try_for_each(|pair| table.add(pair))?;
        Ok((table, name))
    };
    let (mut table, name) = match read() {
        Ok(read) => read,
        Err(error) => return with_errors(item, error.to_compile_error()),
    };
    let mut refusals = Refusals::default();
    match faces(item.clone(), name, &mut table, &mut refusals) {
        Ok(faces) if refusals.is_empty() => faces.both,
        Ok(faces) => with_errors(faces.asynchronous, refusals.into_compile_errors()),
        Err(error) => with_errors(item, error.to_compile_error()),
    }
}

fn faces(
    item: TokenStream,
    name: Option<Ident>,
    table: &mut Table,
    refusals: &mut Refusals,
) -> syn::Result<Faces> {
    if let Ok(found) = syn::parse2::<Function>(item.clone()) {
        return function(found, name, table, refusals);
    }
    match syn::parse2(item)? {
        Item::Impl(item) => {
            if let Some(name) = name {
                refusals.at(
                    name.span(),
                    "an impl block has no name; names of its methods go onto them",
                );
            }
            Ok(items::implementation(item, table, refusals))
        }
        Item::Use(item) => Ok(imports::import(&item, table, refusals)),
        Item::Trait(item) => Ok(items::trait_definition(
            item,
            name.as_ref(),
            table,
            refusals,
        )),
        other => Ok(items::type_definition(
            other,
            name.as_ref(),
            table,
            refusals,
        )),
    }
}

fn function(
    found: Function,
    name: Option<Ident>,
    table: &mut Table,
    refusals: &mut Refusals,
) -> syn::Result<Faces> {
    let own = found.signature.ident.clone();
    let twin = twin_name(&own, name, table)?;
    table.names.insert_ident(&own, &twin);
    let is_method = found.signature.receiver().is_some();
    let link = if is_method {
        Link::Associated
    } else {
        Link::Function
    };
    let asynchronous = found
        .clone()
        .asynchronous(&twin.to_string(), &link, table, refusals);
    let blocking = found.blocking(&twin, &link, table, refusals);
    Ok(Faces::pair(
        table,
        &asynchronous.into_token_stream(),
        blocking.into_token_stream(),
    ))
}

/// What was written, so that the rest of the crate still finds it, and what is wrong with it.
fn with_errors(mut item: TokenStream, errors: TokenStream) -> TokenStream {
    item.extend(errors);
    item
}
