//! How clients say who they are, and where the API is: functions and addresses beside the clients.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::doc;
use super::rust_type::words;
use crate::ir::{Api, KeyPlace, SecurityKind, SecurityScheme, Server, ServerVariable};
use crate::naming::{Numbers, type_name, value_name};
use crate::template::{Piece, pieces};

/// What a constructor is called: `with_api_key`.
pub(crate) fn constructor_name(scheme: &SecurityScheme) -> String {
    format!("with_{}", scheme.name)
}

/// A function for each scheme, that gives a configuration with it.
pub(super) fn security(api: &Api) -> TokenStream {
    let functions = api.security.iter().map(|scheme| {
        let name = format_ident!("{}", scheme.name);
        let Said {
            words,
            parameters,
            call,
            ..
        } = said(scheme);
        let docs = docs(
            scheme,
            &format!(
                "The configuration with {words} (`{}`).",
                doc::code(&scheme.wire)
            ),
        );
        quote! {
            #docs
            pub fn #name(config: Config, #parameters) -> Result<Config, Error> {
                #call
            }
        }
    });
    let has =
        |wanted: fn(&SecurityKind) -> bool| api.security.iter().any(|scheme| wanted(&scheme.kind));
    let key = has(|kind| matches!(kind, SecurityKind::Key { .. })).then(|| quote!(ApiKey,));
    let authorization = has(|kind| matches!(kind, SecurityKind::Basic | SecurityKind::Bearer));
    let authorization = authorization.then(|| quote!(Authorization,));
    let secret = has(|kind| *kind != SecurityKind::Token).then(|| quote!(Secret,));
    let provider = has(|kind| *kind == SecurityKind::Token).then(|| quote!(TokenProvider,));
    quote! {
        #![doc = " How a client says who it is, as the description has it. Each function adds to a configuration, and is also a"]
        #![doc = " constructor of the clients; what is set is sent to the API's own origin, with the requests that ask for it: all, where"]
        #![doc = " the description does not say which."]
        use diptych_runtime::{#key #authorization Config, Error, #secret #provider};
        #(#functions)*
    }
}

/// The constructors of a client.
pub(super) fn constructors(api: &Api) -> TokenStream {
    let constructors = api.security.iter().map(|scheme| {
        let (function, name) = (format_ident!("{}", scheme.name), constructor_name(scheme));
        let name = format_ident!("{name}");
        let Said {
            words, arguments, ..
        } = said(scheme);
        let docs = docs(
            scheme,
            &format!(
                "A client that says who it is with {words} (`{}`).",
                doc::code(&scheme.wire)
            ),
        );
        let parameters = qualified(scheme);
        quote! {
            #docs
            pub fn #name(config: Config, #parameters) -> Result<Self, Error> {
                Self::from_config(super::security::#function(config, #arguments)?)
            }
        }
    });
    constructors.collect()
}

/// What an operation asks for: all of one list.
pub(super) fn asking(alternatives: &[Vec<SecurityKind>]) -> TokenStream {
    let credential = |kind: &SecurityKind| match kind {
        SecurityKind::Basic => quote!(Basic),
        SecurityKind::Bearer | SecurityKind::Token => quote!(Bearer),
        SecurityKind::Key { place, name } => {
            let place = key_place(*place);
            quote!(#place(#name))
        }
    };
    let alternatives = alternatives.iter().map(|all| {
        let all = all.iter().map(credential);
        quote!(&[#(diptych_runtime::Credential::#all),*])
    });
    quote!(.asking(&[#(#alternatives),*]))
}

fn key_place(place: KeyPlace) -> Ident {
    match place {
        KeyPlace::Header => format_ident!("Header"),
        KeyPlace::Query => format_ident!("Query"),
        KeyPlace::Cookie => format_ident!("Cookie"),
    }
}

struct Said {
    words: &'static str,
    parameters: TokenStream,
    arguments: TokenStream,
    call: TokenStream,
}

fn said(scheme: &SecurityScheme) -> Said {
    match &scheme.kind {
        SecurityKind::Basic => Said {
            words: "a user and a password",
            parameters: quote!(user: &str, password: impl Into<Secret>),
            arguments: quote!(user, password),
            call: quote! {
                let both = format!("{user}:{}", password.into().expose());
                config.authorization(&Authorization::Basic(Secret::from(both)))
            },
        },
        SecurityKind::Bearer => Said {
            words: "a token",
            parameters: quote!(token: impl Into<Secret>),
            arguments: quote!(token),
            call: quote!(config.authorization(&Authorization::Bearer(token.into()))),
        },
        SecurityKind::Token => Said {
            words: "a token that is renewed beside it",
            parameters: quote!(provider: impl TokenProvider),
            arguments: quote!(provider),
            call: quote!(Ok(config.token_provider(provider))),
        },
        SecurityKind::Key { place, name } => {
            let place = key_place(*place);
            Said {
                words: "a key",
                parameters: quote!(key: impl Into<Secret>),
                arguments: quote!(key),
                call: quote!(config.api_key(ApiKey::#place(#name), &key.into())),
            }
        }
    }
}

/// The parameters where the runtime's types are not imported.
fn qualified(scheme: &SecurityScheme) -> TokenStream {
    match scheme.kind {
        SecurityKind::Basic => quote!(user: &str, password: impl Into<diptych_runtime::Secret>),
        SecurityKind::Bearer => quote!(token: impl Into<diptych_runtime::Secret>),
        SecurityKind::Key { .. } => quote!(key: impl Into<diptych_runtime::Secret>),
        SecurityKind::Token => quote!(provider: impl diptych_runtime::TokenProvider),
    }
}

fn docs(scheme: &SecurityScheme, first: &str) -> TokenStream {
    let own = doc::own(first);
    let described = (!scheme.doc.is_empty()).then(|| doc::attributes(&scheme.doc));
    let described = described.map(|words| quote!(#[doc = ""] #words));
    let errors = doc::own(
        "\n# Errors\n\nWhen the configuration can't be used, or what is given has characters that can't be sent.",
    );
    quote!(#own #described #errors)
}

/// The servers with the types that they would be called.
pub(super) fn server_names(api: &Api) -> Vec<(String, &Server)> {
    let (mut taken, mut numbers) = (BTreeSet::new(), Numbers::default());
    let named = api.servers.iter().map(|server| {
        let name = type_name(&server.words);
        let name = numbers.free(&name, |name| taken.contains(name));
        taken.insert(name.clone());
        (name, server)
    });
    named.collect()
}

/// What the constructors of a client are called, with what they take.
pub(super) fn constructor_signatures(api: &Api) -> Vec<String> {
    let signatures = api.security.iter().map(|scheme| {
        let parameters = said(scheme).parameters;
        format!(
            "{}(config, {})",
            constructor_name(scheme),
            words(&parameters)
        )
    });
    signatures.collect()
}

/// A constant for each address, and a struct for each that has variables.
pub(super) fn servers(api: &Api) -> TokenStream {
    let mut items = TokenStream::new();
    for (name, server) in server_names(api) {
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
    let (docs, url) = (server_docs(server), &server.url);
    quote!(#docs pub const #name: &str = #url;)
}

/// A function for an address without variables that is relative to that of the description.
fn relative(server: &Server, name: &str) -> TokenStream {
    let name = format_ident!("{}", value_name(name));
    let (docs, url) = (server_docs(server), &server.url);
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
    let docs = server_docs(server);
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
    let described = (!variable.doc.is_empty()).then(|| doc::attributes(&variable.doc));
    let described = described.map(|words| quote!(#[doc = ""] #words));
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

fn server_docs(server: &Server) -> TokenStream {
    let own = doc::own(&format!("`{}`.", doc::code(&server.url)));
    let described = (!server.doc.is_empty()).then(|| doc::attributes(&server.doc));
    let described = described.map(|words| quote!(#[doc = ""] #words));
    quote!(#own #described)
}
