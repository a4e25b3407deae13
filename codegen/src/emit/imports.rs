//! The `use` lines of a file: exactly what its tokens mention.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream};
use quote::{format_ident, quote};

use crate::format::{Kind, Tokens};

/// What a file may use, by the name in the code, and where its models come from.
pub(super) struct Scope {
    models: TokenStream,
    names: BTreeMap<&'static str, TokenStream>,
}

/// The names that the items of a file mention.
#[derive(Default)]
pub(super) struct Mentioned(BTreeSet<String>);

impl Mentioned {
    /// Adds those of some items.
    pub(super) fn by(&mut self, items: &Tokens) {
        collect(items, &mut self.0);
    }
}

/// The imports of what is mentioned; `used` are the models among it.
pub(super) fn of(
    Mentioned(mentioned): &Mentioned,
    used: &BTreeSet<impl AsRef<str>>,
    scope: &Scope,
) -> TokenStream {
    let wanted = scope
        .names
        .iter()
        .filter(|(name, _)| mentioned.contains(**name));
    // By path, so that what comes from one crate stands together.
    let imports: BTreeMap<String, TokenStream> = wanted
        .map(|(_, path)| (path.to_string(), quote!(use #path;)))
        .collect();
    let imports = imports.into_values();
    let models = used.iter().map(|name| format_ident!("{}", name.as_ref()));
    let from = &scope.models;
    let models = (!used.is_empty()).then(|| quote!(use #from::{#(#models),*};));
    quote! {
        #(#imports)*
        #models
    }
}

/// The scopes of all files, by what they hold.
pub(super) struct Scopes {
    pub(super) models: Scope,
    pub(super) requests: Scope,
    pub(super) operations: Scope,
    pub(super) clients: Scope,
}

impl Scopes {
    pub(super) fn new() -> Self {
        Self {
            models: models(),
            requests: requests(),
            operations: operations(),
            clients: clients(),
        }
    }
}

fn models() -> Scope {
    let mut scope = scope(quote!(super));
    scope.names.extend([
        ("Deserialize", quote!(serde::Deserialize)),
        ("Deserializer", quote!(serde::Deserializer)),
        ("FromObject", quote!(diptych_runtime::generated::FromObject)),
        ("MapAccess", quote!(serde::de::MapAccess)),
        (
            "ObjectReader",
            quote!(diptych_runtime::generated::ObjectReader),
        ),
        (
            "ObjectWriter",
            quote!(diptych_runtime::generated::ObjectWriter),
        ),
        (
            "ParameterValue",
            quote!(diptych_runtime::generated::ParameterValue),
        ),
        (
            "ParameterValues",
            quote!(diptych_runtime::generated::ParameterValues),
        ),
        ("Redacted", quote!(diptych_runtime::generated::Redacted)),
        ("Serialize", quote!(serde::Serialize)),
        ("Serializer", quote!(serde::Serializer)),
        ("fmt", quote!(std::fmt)),
        ("object", quote!(diptych_runtime::generated::object)),
        ("open_enum", quote!(diptych_runtime::generated::open_enum)),
        ("read", quote!(diptych_runtime::generated::read)),
        ("required", quote!(diptych_runtime::generated::required)),
        ("union", quote!(diptych_runtime::generated::union)),
    ]);
    scope
}

fn requests() -> Scope {
    let mut scope = beside_models();
    scope
        .names
        .extend([("models", quote!(super::super::models))]);
    scope
}

fn beside_models() -> Scope {
    let mut scope = scope(quote!(super::super::models));
    scope.names.extend([
        ("Redacted", quote!(diptych_runtime::generated::Redacted)),
        ("fmt", quote!(std::fmt)),
    ]);
    scope
}

fn operations() -> Scope {
    let mut scope = beside_models();
    scope.names.extend([
        ("AnswerForm", quote!(diptych_runtime::AnswerForm)),
        ("Call", quote!(diptych_runtime::Call)),
        ("Method", quote!(diptych_runtime::http::Method)),
        ("Operation", quote!(diptych_runtime::Operation)),
        ("pages", quote!(diptych_runtime::pages)),
        (
            "RequestBuilder",
            quote!(diptych_runtime::generated::RequestBuilder),
        ),
        (
            "ParameterStyle",
            quote!(diptych_runtime::generated::ParameterStyle),
        ),
        ("StyledPair", quote!(diptych_runtime::generated::StyledPair)),
        ("TypedOperation", quote!(diptych_runtime::TypedOperation)),
        ("read", quote!(diptych_runtime::generated::read)),
        ("requests", quote!(super::super::requests)),
    ]);
    scope
}

fn clients() -> Scope {
    let mut scope = beside_models();
    scope.names.extend([
        ("Error", quote!(diptych_runtime::Error)),
        ("operations", quote!(super::super::operations)),
        ("pages", quote!(diptych_runtime::pages)),
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
/// A module or function is mentioned where `::` or arguments follow, so that a field may be called as it is.
fn collect(tokens: &Tokens, mentioned: &mut BTreeSet<String>) {
    let mut before = Before::Other;
    for at in 0..tokens.list().len() {
        let next = tokens.kind(at + 1);
        before = match tokens.kind(at) {
            Some(Kind::Close(Delimiter::Bracket)) => Before::Attribute,
            Some(Kind::Word) => {
                let name = tokens.word(at);
                let is_type = name.starts_with(|c: char| c.is_uppercase());
                let is_variant =
                    before == Before::Attribute && matches!(next, Some(Kind::Punct(',', _)));
                let is_open = matches!(before, Before::Other | Before::Attribute) && !is_variant;
                if is_open && (is_type || leads_on(next)) && !mentioned.contains(name) {
                    mentioned.insert(name.to_owned());
                }
                if name == "fn" {
                    Before::Member
                } else {
                    Before::Other
                }
            }
            Some(Kind::Punct(character, is_joint)) => match (before, character) {
                // A single colon before a type is `Alone`; only the second one of `::` counts.
                (Before::Colon, ':') | (_, '.') => Before::Member,
                (_, ':') if is_joint => Before::Colon,
                _ => Before::Other,
            },
            _ => Before::Other,
        };
    }
}

/// What stands before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The first colon of `::`.
    Colon,
    /// `::`, a dot or `fn`: a name behind it needs no import.
    Member,
    /// An attribute: a name behind it that ends there is a variant of an enum.
    Attribute,
    Other,
}

fn leads_on(next: Option<Kind>) -> bool {
    matches!(
        next,
        Some(Kind::Open(Delimiter::Parenthesis) | Kind::Punct(':', true))
    )
}
