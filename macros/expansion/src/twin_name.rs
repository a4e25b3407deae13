//! The name of a twin.

use proc_macro2::Ident;

use crate::functions::Function;
use crate::names::ident;
use crate::signature::returns_future;
use crate::table::Table;

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

/// The name that a method has in both of two blocks. One that looks async is not kept without a word.
pub(crate) fn kept_name(function: &Function, table: &Table) -> syn::Result<Ident> {
    let own = &function.signature.ident;
    let is_said = table.names.twin_of(&own.to_string()).is_some();
    let blocking = table.naming.blocking_name(own);
    match blocking.filter(|_| !is_said && differs(function, table)) {
        None => Ok(own.clone()),
        Some(blocking) => {
            let message = format!(
                "`{own}` looks like an async name, and methods of a twin block keep theirs: if the blocking face calls \
                it `{blocking}`, say `#[dual(name = {blocking})]` here, or `{own} => {blocking}` in the table; if the \
                name is the same in both, `#[dual(name = {own})]` or `{own} => {own}`"
            );
            Err(syn::Error::new(own.span(), message))
        }
    }
}

/// Whether a function gives something else in each face: `add` of a builder looks async by its name only.
fn differs(function: &Function, table: &Table) -> bool {
    let signature = &function.signature;
    signature.asyncness.is_some()
        || returns_future(signature)
        || table.names.touch(&signature.output)
}
