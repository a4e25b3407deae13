//! What each client has beside the operations: its struct, and how it is made.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::faces::{keyword, track_caller, wait};
use super::signature::ident;
use super::{doc, security};
use crate::ir::Api;
use crate::plan::{Face, Plan};

/// The client's struct, with the tags' modules.
pub(super) fn root(face: Face, modules: &[&str], plan: &Plan<'_>) -> TokenStream {
    let api = plan.api;
    let client = ident(plan.clients.name(face));
    let modules = modules.iter().map(|module| format_ident!("{module}"));
    let runtime = format_ident!("{}", face.module());
    let how = match face {
        Face::Blocking => "Calls block the thread until the answer is there.",
        Face::Async => "Calls are futures that run on the caller's tokio.",
    };
    let client_docs = doc::attributes(&format!(
        "The client of {}. {how}\n\n`{}` has the same methods. Clones share their connections.\n\n# Errors\n\n\
         A call fails when the request can't be sent, the server can't be reached, it answers with a status that is no \
         success, or the answer can't be read.",
        api.title,
        plan.clients.name(face.other())
    ));

    let has_pages = plan.operations.iter().any(|plan| plan.pages.is_some());
    let face_of = has_pages.then(|| {
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

fn constructors(face: Face, client: &Ident, api: &Api) -> TokenStream {
    let of_security = security::constructors(api);
    let runtime = format_ident!("{}", face.module());
    let (keyword, wait, track) = (keyword(face), wait(face), track_caller(face));
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
