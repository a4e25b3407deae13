//! The `use` lines of a file: exactly what its tokens mention.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};

/// What a file may use, by the name in the code, and where its models come from.
pub(super) struct Scope {
    models: TokenStream,
    names: BTreeMap<&'static str, TokenStream>,
}

/// The items with the imports that they need; `used` are the models that they mention.
pub(super) fn with(items: &TokenStream, used: &BTreeSet<String>, scope: &Scope) -> TokenStream {
    let mut mentioned = BTreeSet::new();
    collect(items.clone(), &mut mentioned);
    let wanted = scope
        .names
        .iter()
        .filter(|(name, _)| mentioned.contains(**name));
    // By path, so that what comes from one crate stands together.
    let imports: BTreeMap<String, TokenStream> = wanted
        .map(|(_, path)| (path.to_string(), quote!(use #path;)))
        .collect();
    let imports = imports.into_values();
    let models = used.iter().map(|name| format_ident!("{name}"));
    let from = &scope.models;
    let models = (!used.is_empty()).then(|| quote!(use #from::{#(#models),*};));
    quote! {
        #(#imports)*
        #models
        #items
    }
}

pub(super) fn models() -> Scope {
    let mut scope = scope(quote!(super));
    scope.names.extend([
        ("Deserialize", quote!(serde::Deserialize)),
        ("Deserializer", quote!(serde::Deserializer)),
        ("FromObject", quote!(diptych_runtime::FromObject)),
        ("MapAccess", quote!(serde::de::MapAccess)),
        ("ObjectReader", quote!(diptych_runtime::ObjectReader)),
        ("ObjectWriter", quote!(diptych_runtime::ObjectWriter)),
        ("ParameterValue", quote!(diptych_runtime::ParameterValue)),
        ("ParameterValues", quote!(diptych_runtime::ParameterValues)),
        ("Redacted", quote!(diptych_runtime::Redacted)),
        ("Serialize", quote!(serde::Serialize)),
        ("Serializer", quote!(serde::Serializer)),
        ("fmt", quote!(std::fmt)),
        ("object", quote!(diptych_runtime::object)),
        ("open_enum", quote!(diptych_runtime::open_enum)),
        ("required", quote!(diptych_runtime::required)),
        ("union", quote!(diptych_runtime::union)),
    ]);
    scope
}

pub(super) fn requests() -> Scope {
    scope(quote!(super::super::models))
}

pub(super) fn operations() -> Scope {
    let mut scope = requests();
    scope.names.extend([
        ("Call", quote!(diptych_runtime::Call)),
        ("Method", quote!(diptych_runtime::http::Method)),
        ("Operation", quote!(diptych_runtime::Operation)),
        ("RequestBuilder", quote!(diptych_runtime::RequestBuilder)),
        ("read", quote!(diptych_runtime::read)),
        ("requests", quote!(super::super::requests)),
    ]);
    scope
}

pub(super) fn clients() -> Scope {
    let mut scope = requests();
    scope.names.extend([
        ("Error", quote!(diptych_runtime::Error)),
        ("operations", quote!(super::super::operations)),
        ("requests", quote!(super::super::requests)),
    ]);
    scope
}

/// What every kind of file may mention.
fn scope(models: TokenStream) -> Scope {
    let names = BTreeMap::from([
        ("BTreeMap", quote!(std::collections::BTreeMap)),
        ("DateTime", quote!(chrono::DateTime)),
        ("NaiveDate", quote!(chrono::NaiveDate)),
        ("Patch", quote!(diptych_runtime::Patch)),
        ("Secret", quote!(diptych_runtime::Secret)),
        ("Utc", quote!(chrono::Utc)),
        ("Uuid", quote!(uuid::Uuid)),
        ("Value", quote!(serde_json::Value)),
    ]);
    Scope { models, names }
}

/// The first identifiers of paths: what `::` leads to needs no import, and neither do fields or methods after a dot.
fn collect(tokens: TokenStream, mentioned: &mut BTreeSet<String>) {
    let mut before = ' ';
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                collect(group.stream(), mentioned);
                before = ' ';
            }
            TokenTree::Ident(ident) => {
                if before != ':' && before != '.' {
                    mentioned.insert(ident.to_string());
                }
                before = ' ';
            }
            TokenTree::Punct(punct) => {
                // A single colon before a type is `Alone`; only the second one of `::` counts.
                before = match (before, punct.as_char()) {
                    (';', ':') => ':',
                    (_, ':') if punct.spacing() == proc_macro2::Spacing::Joint => ';',
                    (_, '.') => '.',
                    _ => ' ',
                };
            }
            TokenTree::Literal(_) => before = ' ',
        }
    }
}
