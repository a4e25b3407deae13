//! From the attribute's tokens to the faces' tokens.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Item, Path};

use crate::arguments::{Arguments, split_table};
use crate::declaration::Declaration;
use crate::docs::Link;
use crate::faces::Faces;
use crate::functions::Function;
use crate::refusals::Refusals;
use crate::table::Table;
use crate::twin_name::twin_name;
use crate::{imports, items};

/// `#[dual(arguments)] item`: with a table, the table's macro is asked for it.
#[must_use]
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match split_table.parse2(arguments) {
        Ok((Some(table), arguments)) => quote!(#table! { { #arguments } #item }),
        Ok((None, arguments)) => expand(&[], arguments, item),
        Err(error) => with_errors(item, error.to_compile_error()),
    }
}

/// The same for those who expand no macros: `find` gives the table that a path names.
pub fn attribute_with(
    arguments: TokenStream,
    item: TokenStream,
    find: impl Fn(&Path) -> Option<Declaration>,
) -> TokenStream {
    let (first, arguments) = match split_table.parse2(arguments) {
        Ok(split) => split,
        Err(error) => return with_errors(item, error.to_compile_error()),
    };
    let mut tables = Vec::new();
    let mut names = BTreeSet::new();
    let mut next = first;
    while let Some(path) = next {
        let found = find(&path).filter(|found| names.insert(found.name.clone()));
        let Some(found) = found else {
            let message = "there is no such table, or it begins with itself";
            let error = syn::Error::new_spanned(path, message);
            return with_errors(item, error.to_compile_error());
        };
        tables.insert(0, found.entries);
        next = found.base;
    }
    expand(&tables, arguments, item)
}

/// `{ table } … { arguments } item`: what the macro of a table expands to, the table that others begin with first.
#[must_use]
pub fn with_tables(input: TokenStream) -> TokenStream {
    let parser = |input: ParseStream| {
        let mut groups = Vec::new();
        while groups.is_empty() || input.peek(syn::token::Brace) {
            let group;
            syn::braced!(group in input);
            groups.push(group.parse::<TokenStream>()?);
        }
        Ok((groups, input.parse::<TokenStream>()?))
    };
    match parser.parse2(input) {
        Ok((mut groups, item)) => {
            let arguments = groups.pop().unwrap_or_default();
            expand(&groups, arguments, item)
        }
        Err(error) => error.to_compile_error(),
    }
}

fn expand(tables: &[TokenStream], arguments: TokenStream, item: TokenStream) -> TokenStream {
    let read = || -> syn::Result<(Table, Option<Ident>)> {
        let mut table = Table::default();
        for entries in tables {
            table.extend(entries.clone())?;
        }
        let Arguments { name, pairs } = syn::parse2(arguments)?;
        pairs.into_iter().try_for_each(|pair| table.add(pair))?;
        Ok((table, name))
    };
    let (mut table, name) = match read() {
        Ok(read) => read,
        Err(error) => return with_errors(item, error.to_compile_error()),
    };
    let mut refusals = Refusals::default();
    match faces_of(item.clone(), name, &mut table, &mut refusals) {
        Ok(faces) if refusals.is_empty() => faces.both,
        Ok(faces) => with_errors(faces.asynchronous, refusals.into_compile_errors()),
        Err(error) => with_errors(item, error.to_compile_error()),
    }
}

fn faces_of(
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
