//! Where the API is: addresses beside the clients.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::doc;
use crate::ir::{Api, Server, ServerVariable};
use crate::naming::{Numbers, type_name, value_name};
use crate::template::{Piece, pieces};

/// The servers with the types that they would be called.
pub(super) fn names(api: &Api) -> Vec<(String, &Server)> {
    let (mut taken, mut numbers) = (BTreeSet::new(), Numbers::default());
    let named = api.servers.iter().map(|server| {
        let name = type_name(&server.words);
        let name = numbers.free(&name, |name| taken.contains(name));
        taken.insert(name.clone());
        (name, server)
    });
    named.collect()
}

/// A constant for each address, and a struct for each that has variables.
pub(super) fn all(api: &Api) -> TokenStream {
    let mut items = TokenStream::new();
    for (name, server) in names(api) {
        items.extend(match (server.variables.is_empty(), server.is_relative) {
            (true, false) => constant(server, &name),
            (true, true) => relative(server, &name),
            (false, _) => template(server, &name),
        });
    }
    quote! {
        #![doc = " Where the API is, as the description says: what a configuration is made with."]
        #items
    }
}

fn constant(server: &Server, name: &str) -> TokenStream {
    let name = format_ident!("{}", value_name(name).to_uppercase());
    let (docs, url) = (docs(server), &server.url);
    quote!(#docs pub const #name: &str = #url;)
}

/// A function for an address without variables that is relative to that of the description.
fn relative(server: &Server, name: &str) -> TokenStream {
    let name = format_ident!("{}", value_name(name));
    let (docs, url) = (docs(server), &server.url);
    let relative = relative_docs();
    quote! {
        #docs
        #relative
        pub fn #name(base: &str) -> Result<String, diptych_runtime::Error> {
            diptych_runtime::generated::server_at(base, #url)
        }
    }
}

fn relative_docs() -> TokenStream {
    doc::own(
        "\nIt is relative to `base`, the address at which the description is served, such as `https://example.com/openapi.json`.\n\n# Errors\n\nWhen that is not a URL of `http` or `https`.",
    )
}

fn template(server: &Server, name: &str) -> TokenStream {
    let ident = format_ident!("{name}");
    let docs = docs(server);
    let names: Vec<Ident> = server
        .variables
        .iter()
        .map(|variable| format_ident!("{}", variable.name))
        .collect();
    let defaults = server.variables.iter().map(|variable| &variable.default);
    let setters = server.variables.iter().map(setter);
    let url = url(server);
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct #ident {
            #(#names: String,)*
        }
        impl #ident {
            /// The address with what the description gives.
            #[must_use]
            pub fn new() -> Self {
                Self { #(#names: #defaults.to_owned(),)* }
            }
            #(#setters)*
            #url
        }
        impl Default for #ident {
            fn default() -> Self {
                Self::new()
            }
        }
    }
}

/// The method that makes the address.
fn url(server: &Server) -> TokenStream {
    let pieces = in_pieces(server);
    if server.is_relative {
        let docs = relative_docs();
        return quote! {
            /// The address.
            #docs
            pub fn url(&self, base: &str) -> Result<String, diptych_runtime::Error> {
                diptych_runtime::generated::server_at(base, &[#(#pieces),*].concat())
            }
        };
    }
    quote! {
        /// The address.
        #[must_use]
        pub fn url(&self) -> String {
            [#(#pieces),*].concat()
        }
    }
}

/// The address in pieces: texts, and the fields between them.
fn in_pieces(server: &Server) -> Vec<TokenStream> {
    let known = |wire| server.variables.iter().find(|one| one.wire == wire);
    let pieces = pieces(&server.url).into_iter();
    let pieces = pieces.filter_map(|piece| match piece {
        Piece::Text(text) => Some(quote!(#text)),
        Piece::Name(wire) => {
            let name = format_ident!("{}", known(wire)?.name);
            Some(quote!(self.#name.as_str()))
        }
    });
    pieces.collect()
}

fn setter(variable: &ServerVariable) -> TokenStream {
    let name = format_ident!("{}", variable.name);
    let values: Vec<String> = variable
        .values
        .iter()
        .map(|value| format!("`{}`", doc::code(value)))
        .collect();
    let values = match values.as_slice() {
        [] => String::new(),
        values => format!(": one of {}", values.join(", ")),
    };
    let own = doc::own(&format!("Sets `{}`{values}.", doc::code(&variable.wire)));
    let described = doc::paragraph(&variable.doc);
    quote! {
        #own
        #described
        #[must_use]
        pub fn #name(mut self, #name: impl Into<String>) -> Self {
            self.#name = #name.into();
            self
        }
    }
}

fn docs(server: &Server) -> TokenStream {
    let own = doc::own(&format!("`{}`.", doc::code(&server.url)));
    let described = doc::paragraph(&server.doc);
    quote!(#own #described)
}
