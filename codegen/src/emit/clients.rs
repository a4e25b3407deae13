//! The two clients: the same methods over the same operations, so that neither can drift.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::arguments::{Input, inputs, names, parameters, request_name, with_request};
use super::operation::{answer_type, mention};
use super::{access, doc, pages, streams};
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
    let name = format_ident!("{}", operation.name);
    signed(face, operation, &name, &parameters(&inputs(operation, api)))
}

/// The signature of the method that takes what is optional too, where anything is.
pub(super) fn signature_with(face: Face, operation: &Operation, api: &Api) -> Option<TokenStream> {
    let inputs = inputs(operation, api);
    let request = format_ident!("{}", request_name(operation, &inputs)?);
    let mut parameters = parameters(&inputs);
    parameters.push(quote!(request: &requests::#request));
    let name = with_request(&operation.name);
    Some(signed(face, operation, &name, &parameters))
}

fn signed(
    face: Face,
    operation: &Operation,
    name: &Ident,
    parameters: &[TokenStream],
) -> TokenStream {
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
    let with = signature_with(face, operation, api);
    let docs = documentation(operation, with.is_some());
    let (name, arguments) = (format_ident!("{}", operation.name), names(&inputs));
    let plain = sending(
        face,
        operation,
        &docs,
        &signature(face, operation, api),
        &quote!(operations::#name(#(#arguments),*)),
    );
    let with = with.map(|signature| {
        let docs = documentation_with(operation, &inputs);
        let name = with_request(&operation.name);
        let call = quote!(operations::#name(#(#arguments,)* request));
        sending(face, operation, &docs, &signature, &call)
    });
    let pages = pages::methods(face, operation, api, used);
    let streams = streams::methods(face, operation, api);
    quote!(#plain #with #pages #streams)
}

/// A method that sends a call.
fn sending(
    face: Face,
    operation: &Operation,
    docs: &TokenStream,
    signature: &TokenStream,
    call: &TokenStream,
) -> TokenStream {
    let deprecated = deprecated(operation);
    let track = track_caller(face);
    let wait = (face == Face::Async).then(|| quote!(.await));
    quote! {
        #docs
        #deprecated
        #track
        pub #signature {
            self.inner.execute(#call) #wait
        }
    }
}

/// The attribute of what the description calls deprecated.
pub(super) fn deprecated(operation: &Operation) -> Option<TokenStream> {
    operation
        .deprecated
        .then(|| quote!(#[deprecated = "The description calls it deprecated."]))
}

/// A blocking call knows where it was made, so that one made in async code can be named.
pub(super) fn track_caller(face: Face) -> Option<TokenStream> {
    (face == Face::Blocking).then(|| quote!(#[track_caller]))
}

/// What the description says, then where the rest is told once.
fn documentation(operation: &Operation, has_options: bool) -> TokenStream {
    let mut own = format!("\n`{} {}`", operation.method, doc::code(&operation.path));
    if has_options {
        let with = with_request(&operation.name).to_string();
        own.extend([
            "\n\nWhat is optional about it takes [`",
            &with,
            "`](Self::",
            &with,
            ").",
        ]);
    }
    if !operation.answer_headers.is_empty() {
        let names: Vec<&str> = operation
            .answer_headers
            .iter()
            .map(|header| header.wire.as_str())
            .collect();
        own.extend([
            "\n\n[`execute_with_answer`](Self::execute_with_answer) also gives the answer, whose `",
            &names.join("`, `"),
            "` the type `headers::",
            &operation.request_type,
            "` reads.",
        ]);
    }
    own.push_str("\n\n# Errors\n\nAs [every call](Self#errors)");
    let named: Vec<&str> = operation.errors.keys().map(String::as_str).collect();
    if !named.is_empty() {
        own.extend(["; the description names ", &named.join(", ")]);
    }
    own.push('.');
    let described = doc::attributes(&operation.doc);
    let own = doc::own(&own);
    quote!(#described #own)
}

/// What is optional about a call is told beside the method that takes it.
fn documentation_with(operation: &Operation, inputs: &[Input<'_>]) -> TokenStream {
    let request = request_name(operation, inputs).unwrap_or_default();
    doc::own(&format!(
        "[`{name}`](Self::{name}) with what is optional about it: see [`{request}`](requests::{request}).\n\n\
         `{} {}`\n\n# Errors\n\nAs [every call](Self#errors).",
        operation.method,
        doc::code(&operation.path),
        name = operation.name,
    ))
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
        "The client of {}. {how}\n\n`{}` has the same methods. Clones share their connections.\n\n# Errors\n\n\
         A call fails when the request can't be sent, the server can't be reached, it answers with a status that is no \
         success, or the answer can't be read.",
        api.title,
        other.client(config)
    ));

    let pages = api
        .operations
        .values()
        .any(|operation| operation.paging.is_some());
    let face_of = pages.then(|| {
        quote! {
            impl diptych_runtime::pages::Caller for #client {
                type Sender = diptych_runtime::#runtime::Client;
                fn sender(&self) -> &Self::Sender {
                    &self.inner
                }
            }
        }
    });
    quote! {
        use diptych_runtime::{Answer, Call, CallOptions, Config, Error};
        #(mod #modules;)*
        #client_docs
        #[derive(Clone, Debug)]
        pub struct #client {
            inner: diptych_runtime::#runtime::Client,
        }
        #face_of
    }
    .into_iter()
    .chain(constructors(face, &client, api))
    .collect()
}

fn constructors(face: Face, client: &proc_macro2::Ident, api: &Api) -> TokenStream {
    let of_security = access::constructors(api);
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
            #of_security
            /// The same client for calls that do otherwise: a view that shares everything with it.
            #[must_use]
            pub fn with(&self, options: CallOptions) -> Self {
                Self { inner: self.inner.with(options) }
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
            /// As [`execute`](Self::execute), with the whole answer beside the value: its status and headers.
            ///
            /// # Errors
            ///
            /// As the client's methods.
            #track
            pub #keyword fn execute_with_answer<T>(&self, call: Call<T>) -> Result<(T, Answer), Error> {
                self.inner.execute_with_answer(call) #wait
            }
        }
    }
}
