//! The ways to run a function, with its parameters spelt out.

use proc_macro2::TokenStream as Tokens;
use quote::quote;

use super::parts::{fields, local, value_and_error};
use super::signature::Signature;
use super::submitted::submitted;
use super::written::Written;
use super::{Face, Kind};

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
    let caller_type = match signature.face {
        Face::Blocking => quote!(::prefect_sdk::flows::Caller),
        Face::Async => quote!(::prefect_sdk::flows::AsyncCaller),
    };
    let (caller, options) = (local("caller"), local("options"));
    let graph = quote!(::core::result::Result<
        ::prefect_sdk::flows::FlowGraph,
        ::prefect_sdk::Error,
    >);
    let state = quote!(::core::result::Result<
        ::prefect_sdk::client::models::State,
        ::prefect_sdk::Error,
    >);
    quote! {
        /// Runs the flow now, in a run of its own, and gives what its function gives. Called with a run, it is a subflow.
        ///
        /// # Errors
        ///
        /// As those of the flow's own `call`.
        #beginning call(#caller: &impl #caller_type, #(#fields: #types),*) -> #given {
            Self::flow().call(#caller, &Self::parameters(#(#fields),*)) #awaited
        }

        /// As [`call`](Self::call), with what is optional about the run.
        ///
        /// # Errors
        ///
        /// As those of [`call`](Self::call).
        #beginning call_with(
            #caller: &impl #caller_type,
            #(#fields: #types,)*
            #options: &::prefect_sdk::flows::RunFlowOptions,
        ) -> #given {
            Self::flow().call_with(#caller, &Self::parameters(#(#fields),*), #options) #awaited
        }

        /// As [`call`](Self::call), but gives the state that the run ends in, also where that is a failure.
        ///
        /// # Errors
        ///
        /// As those of the flow's own `return_state`.
        #beginning return_state(#caller: &impl #caller_type, #(#fields: #types),*) -> #state {
            Self::flow().return_state(#caller, &Self::parameters(#(#fields),*)) #awaited
        }

        /// Draws what the flow calls, and runs nothing of that.
        ///
        /// # Errors
        ///
        /// As those of the flow's own `visualize`.
        #beginning visualize(#(#fields: #types),*) -> #graph {
            Self::flow().visualize(&Self::parameters(#(#fields),*)) #awaited
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

        /// As [`call`](Self::call), but gives the state that the run ends in, also where that is a failure.
        #beginning return_state(
            #run: &impl #enclosing,
            #(#fields: #types),*
        ) -> ::prefect_sdk::client::models::State {
            Self::task().return_state(#run, Self::parameters(#(#fields),*)) #awaited
        }

        #submitted
    }
}
