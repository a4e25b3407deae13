//! How clients say who they are: functions beside the clients, and constructors of them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::doc;
use super::rust_type::words;
use crate::ir::{Api, KeyPlace, SecurityKind, SecurityScheme};

/// A function for each scheme, that gives a configuration with it.
pub(super) fn all(api: &Api) -> TokenStream {
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
        let (function, name) = (format_ident!("{}", scheme.name), scheme.constructor());
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
    let described = doc::paragraph(&scheme.doc);
    let errors = doc::own(
        "\n# Errors\n\nWhen the configuration can't be used, or what is given has characters that can't be sent.",
    );
    quote!(#own #described #errors)
}

/// What the constructors of a client are called, with what they take.
pub(super) fn signatures(api: &Api) -> Vec<String> {
    let signatures = api.security.iter().map(|scheme| {
        let parameters = said(scheme).parameters;
        format!("{}(config, {})", scheme.constructor(), words(&parameters))
    });
    signatures.collect()
}
