//! The two clients: the same methods over the same operations, so that neither can drift.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::arguments::{inputs, names, parameters};
use super::operation::{answer_type, mention};
use super::{doc, pages};
use crate::config::Config;
use crate::ir::{Api, Operation};

/// One of the two faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// Calls block the thread.
    Blocking,
    /// Calls are futures.
    Async,
}

impl Face {
    /// The module that the face lives in.
    pub(super) fn module(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Async => "asynchronous",
        }
    }

    fn client(self, config: &Config) -> &str {
        match self {
            Self::Blocking => &config.client.blocking,
            Self::Async => &config.client.asynchronous,
        }
    }
}

/// The methods of one tag.
pub(super) fn block(
    face: Face,
    operations: &[&Operation],
    api: &Api,
    config: &Config,
    used: &mut BTreeSet<String>,
) -> TokenStream {
    let client = format_ident!("{}", face.client(config));
    let methods: TokenStream = operations
        .iter()
        .map(|operation| method(face, operation, api, used))
        .collect();
    if used.contains(face.client(config)) {
        return quote!(impl super::#client { #methods });
    }
    quote! {
        use super::#client;
        impl #client {
            #methods
        }
    }
}

/// The signature without its body: `fn read_flow(&self, id: Uuid) -> Result<Flow, Error>`.
pub(super) fn signature(face: Face, operation: &Operation, api: &Api) -> TokenStream {
    let inputs = inputs(operation, api);
    let name = format_ident!("{}", operation.name);
    let parameters = parameters(operation, &inputs, api);
    let answer = answer_type(operation);
    let keyword = (face == Face::Async).then(|| quote!(async));
    quote!(#keyword fn #name(&self #(, #parameters)*) -> Result<#answer, Error>)
}

fn method(
    face: Face,
    operation: &Operation,
    api: &Api,
    used: &mut BTreeSet<String>,
) -> TokenStream {
    let inputs = inputs(operation, api);
    mention(operation, &inputs, used);
    let docs = doc::attributes(&documentation(operation));
    let deprecated = operation
        .deprecated
        .then(|| quote!(#[deprecated = "The description calls it deprecated."]));
    let signature = signature(face, operation, api);
    let (name, arguments) = (format_ident!("{}", operation.name), names(&inputs));
    let wait = (face == Face::Async).then(|| quote!(.await));
    let track = track_caller(face);
    let pages = pages::method(face, operation, api, used);
    quote! {
        #docs
        #deprecated
        #track
        pub #signature {
            self.inner.execute(operations::#name(#(#arguments),*)) #wait
        }
        #pages
    }
}

/// A blocking call knows where it was made, so that one made in async code can be named.
fn track_caller(face: Face) -> Option<TokenStream> {
    (face == Face::Blocking).then(|| quote!(#[track_caller]))
}

fn documentation(operation: &Operation) -> String {
    let mut text = format!(
        "{}\n\n`{} {}`",
        operation.doc, operation.method, operation.path
    );
    text.push_str("\n\n# Errors\n\nWhen the request can't be sent, the server can't be reached, it answers with ");
    let named: Vec<&str> = operation.errors.keys().map(String::as_str).collect();
    text.push_str("a status that is no success");
    if !named.is_empty() {
        text.extend([" (the description names ", &named.join(", "), ")"]);
    }
    text.push_str(", or the answer can't be read.");
    text
}

/// The client's struct, with the tags' modules.
pub(super) fn root(face: Face, modules: &[String], api: &Api, config: &Config) -> TokenStream {
    let client = format_ident!("{}", face.client(config));
    let modules = modules.iter().map(|module| format_ident!("{module}"));
    let runtime = format_ident!("{}", face.module());
    let (how, other) = match face {
        Face::Blocking => (
            "Calls block the thread until the answer is there.",
            Face::Async,
        ),
        Face::Async => (
            "Calls are futures that run on the caller's tokio.",
            Face::Blocking,
        ),
    };
    let client_docs = doc::attributes(&format!(
        "The client of {}. {how}\n\n`{}` has the same methods. Clones share their connections.",
        api.title,
        other.client(config)
    ));

    let pages = api
        .operations
        .values()
        .any(|operation| operation.paging.is_some());
    let face_of = pages.then(|| {
        quote! {
            impl diptych_runtime::pages::Face for #client {
                type Sender = diptych_runtime::#runtime::Client;
                fn sender(&self) -> &Self::Sender {
                    &self.inner
                }
            }
        }
    });
    quote! {
        use diptych_runtime::{Call, Config, Error};
        #(mod #modules;)*
        #client_docs
        #[derive(Clone, Debug)]
        pub struct #client {
            inner: diptych_runtime::#runtime::Client,
        }
        #face_of
    }
    .into_iter()
    .chain(constructors(face, &client))
    .collect()
}

fn constructors(face: Face, client: &proc_macro2::Ident) -> TokenStream {
    let runtime = format_ident!("{}", face.module());
    let (keyword, wait) = match face {
        Face::Blocking => (None, None),
        Face::Async => (Some(quote!(async)), Some(quote!(.await))),
    };
    let track = track_caller(face);
    quote! {
        impl #client {
            /// A client with this configuration. Nothing is sent yet.
            ///
            /// # Errors
            ///
            /// When the configuration can't be used, such as TLS roots that can't be read.
            pub fn from_config(config: Config) -> Result<Self, Error> {
                let inner = diptych_runtime::#runtime::Client::new(config)?;
                Ok(Self { inner })
            }
            /// The configuration that the client was built with.
            #[must_use]
            pub fn config(&self) -> &Config {
                self.inner.config()
            }
            /// Sends a call that was built with one of the operations' functions.
            ///
            /// # Errors
            ///
            /// As the client's methods.
            #track
            pub #keyword fn execute<T>(&self, call: Call<T>) -> Result<T, Error> {
                self.inner.execute(call) #wait
            }
        }
    }
}
