//! `faces!`: the declaration of a table, and the macro that it becomes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Path, Token, braced};

use crate::table::Table;

/// What `faces!` is given: `name { ..base, entries }`.
#[derive(Clone)]
pub struct Declaration {
    attributes: Vec<Attribute>,
    /// The name of the table.
    pub name: Ident,
    /// The table whose entries this one has too.
    pub base: Option<Path>,
    /// Its own entries, as they are written.
    pub entries: TokenStream,
}

/// What `faces!` expands to: a macro that hands the table, after the one that it begins with, to `__dual!`.
#[must_use]
pub fn declare(input: TokenStream) -> TokenStream {
    let Declaration {
        attributes,
        name,
        base,
        entries,
    } = match syn::parse2(input) {
        Ok(declaration) => declaration,
        Err(error) => return error.to_compile_error(),
    };
    let next = base.map_or_else(|| quote!(::diptych_macros::__dual), |base| quote!(#base));
    quote! {
        #(#attributes)*
        #[allow(unused_macros, reason = "a table may be written before its first use")]
        macro_rules! #name {
            ($($item:tt)*) => { #next! { { #entries } $($item)* } };
        }
        #[allow(unused_imports, reason = "a table may be used in its own module only, or not yet")]
        pub(crate) use #name;
    }
}

impl Parse for Declaration {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        let content;
        braced!(content in input);
        let base = parse_base(&content)?;
        let entries: TokenStream = content.parse()?;
        Table::default().extend(entries.clone())?;
        Ok(Self {
            attributes,
            name,
            base,
            entries,
        })
    }
}

/// `..path`, which stands first.
fn parse_base(content: ParseStream) -> syn::Result<Option<Path>> {
    if !content.peek(Token![..]) {
        return Ok(None);
    }
    content.parse::<Token![..]>()?;
    let base = content.call(Path::parse_mod_style)?;
    if !content.is_empty() {
        content.parse::<Token![,]>()?;
    }
    Ok(Some(base))
}
