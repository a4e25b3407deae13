//! The ways to run a function, with its parameters spelt out.

use proc_macro2::{Ident, Span, TokenStream as Tokens};
use quote::quote;

use super::definition::{fields, value_and_error};
use super::signature::Signature;
use super::submitted::submitted;
use super::written::Written;
use super::{Face, Kind};

/// A name that no parameter has, whatever it is called.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

pub(super) fn calls(kind: Kind, written: &Written, signature: &Signature) -> Tokens {
    match kind {
        Kind::Flow => of_flow(written, signature),
        Kind::Task => of_task(written, signature),
    }
}

/// What stands before and behind a function, and in it behind a call.
struct Form {
    beginning: Tokens,
    given: Tokens,
    awaited: Tokens,
}

fn form(written: &Written, signature: &Signature) -> Form {
    let visibility = &written.visibility;
    let (value, error) = value_and_error(&signature.output);
    let given = quote!(::core::result::Result<#value, ::prefect_sdk::flows::RunFailed<#error>>);
    let (beginning, awaited) = match signature.face {
        Face::Blocking => (quote!(#visibility fn), quote!()),
        Face::Async => (quote!(#visibility async fn), quote!(.await)),
    };
    Form {
        beginning,
        given,
        awaited,
    }
}

fn of_flow(written: &Written, signature: &Signature) -> Tokens {
    let Form {
        beginning,
        given,
        awaited,
    } = form(written, signature);
    let (fields, types) = fields(&signature.parameters);
    let client_type = match signature.face {
        Face::Blocking => quote!(::prefect_sdk::client::PrefectClient),
        Face::Async => quote!(::prefect_sdk::client::AsyncPrefectClient),
    };
    let (client, options) = (local("client"), local("options"));
    quote! {
        /// Runs the flow now, in a run of its own, and gives what its function gives.
        ///
        /// # Errors
        ///
        /// As those of the flow's own `call`.
        #beginning call(#client: &#client_type, #(#fields: #types),*) -> #given {
            Self::flow().call(#client, &Self::parameters(#(#fields),*)) #awaited
        }

        /// As [`call`](Self::call), with what is optional about the run.
        ///
        /// # Errors
        ///
        /// As those of [`call`](Self::call).
        #beginning call_with(
            #client: &#client_type,
            #(#fields: #types,)*
            #options: &::prefect_sdk::flows::RunFlowOptions,
        ) -> #given {
            Self::flow().call_with(#client, &Self::parameters(#(#fields),*), #options) #awaited
        }
    }
}

fn of_task(written: &Written, signature: &Signature) -> Tokens {
    let Form {
        beginning,
        given,
        awaited,
    } = form(written, signature);
    let (fields, types) = fields(&signature.parameters);
    let enclosing = match signature.face {
        Face::Blocking => quote!(::prefect_sdk::flows::EnclosingRun),
        Face::Async => quote!(::prefect_sdk::flows::AsyncEnclosingRun),
    };
    let run = local("run");
    let submitted = submitted(written, signature);
    quote! {
        /// Runs the task now, within that run, and gives what its function gives.
        ///
        /// # Errors
        ///
        /// As those of the task's own `call`.
        #beginning call(#run: &impl #enclosing, #(#fields: #types),*) -> #given {
            Self::task().call(#run, Self::parameters(#(#fields),*)) #awaited
        }

        #submitted
    }
}
