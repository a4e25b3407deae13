//! The ways to run a function, with its parameters spelt out.

use proc_macro2::{Ident, TokenStream as Tokens};
use quote::quote;

use super::background::background;
use super::parts::{fields, local, value_and_error};
use super::signature::Signature;
use super::submitted::submitted;
use super::written::Written;
use super::{Calls, Face, Kind};

pub(super) fn calls(kind: Kind, written: &Written, signature: &Signature) -> Tokens {
    match kind {
        Kind::Flow => of_flow(written, signature),
        Kind::Task => of_task(written, signature),
    }
}

/// What the names, and what stands before a function and in it behind a call, depend on.
struct Form {
    beginning: Tokens,
    given: Tokens,
    awaited: Tokens,
    /// What gives the flow or task itself.
    getter: Ident,
    call: Ident,
    call_with: Ident,
    return_state: Ident,
}

fn form(written: &Written, signature: &Signature, kind: Kind, calls: Calls) -> Form {
    let visibility = &written.visibility;
    let (value, error) = value_and_error(&signature.output);
    let given = quote!(::core::result::Result<#value, ::prefect_sdk::flows::RunFailed<#error>>);
    let (beginning, awaited) = match calls.face() {
        Face::Blocking => (quote!(#visibility fn), quote!()),
        Face::Async => (quote!(#visibility async fn), quote!(.await)),
    };
    Form {
        beginning,
        given,
        awaited,
        getter: calls.getter(kind),
        call: calls.name("call"),
        call_with: calls.name("call_with"),
        return_state: calls.name("return_state"),
    }
}

fn of_flow(written: &Written, signature: &Signature) -> Tokens {
    let own = flow_calls(written, signature, Calls::Own(signature.face));
    let graph = quote!(::core::result::Result<
        ::prefect_sdk::flows::FlowGraph,
        ::prefect_sdk::Error,
    >);
    let Form {
        beginning, awaited, ..
    } = form(written, signature, Kind::Flow, Calls::Own(signature.face));
    let (fields, types) = fields(&signature.parameters);
    let in_async = in_async(signature, || {
        flow_calls(written, signature, Calls::OnThreads)
    });
    quote! {
        #own

        /// Draws what the flow calls, and runs nothing of that.
        ///
        /// # Errors
        ///
        /// As those of the flow's own `visualize`.
        #beginning visualize(#(#fields: #types),*) -> #graph {
            Self::flow().visualize(&Self::parameters(#(#fields),*)) #awaited
        }

        #in_async
    }
}

fn flow_calls(written: &Written, signature: &Signature, calls: Calls) -> Tokens {
    let Form {
        beginning,
        given,
        awaited,
        getter,
        call,
        call_with,
        return_state,
    } = form(written, signature, Kind::Flow, calls);
    let (fields, types) = fields(&signature.parameters);
    let caller_type = caller_type(calls);
    let (caller, options) = (local("caller"), local("options"));
    let state = quote!(::core::result::Result<
        ::prefect_sdk::client::models::State,
        ::prefect_sdk::Error,
    >);
    let as_call = format!("As [`{call}`](Self::{call}), with what is optional about the run.");
    let as_those = format!("As those of [`{call}`](Self::{call}).");
    let but = format!(
        "As [`{call}`](Self::{call}), but gives the state that the run ends in, also where that is a failure."
    );
    quote! {
        /// Runs the flow now, in a run of its own, and gives what its function gives. Called with a run, it is a subflow.
        ///
        /// # Errors
        ///
        /// As those of the flow's own `call`.
        #beginning #call(#caller: &impl #caller_type, #(#fields: #types),*) -> #given {
            Self::#getter().call(#caller, &Self::parameters(#(#fields),*)) #awaited
        }

        #[doc = #as_call]
        ///
        /// # Errors
        ///
        #[doc = #as_those]
        #beginning #call_with(
            #caller: &impl #caller_type,
            #(#fields: #types,)*
            #options: &::prefect_sdk::flows::RunFlowOptions,
        ) -> #given {
            Self::#getter().call_with(#caller, &Self::parameters(#(#fields),*), #options) #awaited
        }

        #[doc = #but]
        ///
        /// # Errors
        ///
        /// As those of the flow's own `return_state`.
        #beginning #return_state(#caller: &impl #caller_type, #(#fields: #types),*) -> #state {
            Self::#getter().return_state(#caller, &Self::parameters(#(#fields),*)) #awaited
        }
    }
}

fn of_task(written: &Written, signature: &Signature) -> Tokens {
    let own = task_calls(written, signature, Calls::Own(signature.face));
    let in_async = in_async(signature, || {
        task_calls(written, signature, Calls::OnThreads)
    });
    let background = background(written, signature);
    quote!(#own #in_async #background)
}

fn task_calls(written: &Written, signature: &Signature, calls: Calls) -> Tokens {
    let Form {
        beginning,
        given,
        awaited,
        getter,
        call,
        return_state,
        ..
    } = form(written, signature, Kind::Task, calls);
    let (fields, types) = fields(&signature.parameters);
    let caller_type = caller_type(calls);
    let caller = local("caller");
    let submitted = submitted(written, signature, calls);
    let but = format!(
        "As [`{call}`](Self::{call}), but gives the state that the run ends in, also where that is a failure."
    );
    quote! {
        /// Runs the task now, and gives what its function gives. Called with a run, it runs within that; with a client, outside of
        /// flows.
        ///
        /// # Errors
        ///
        /// As those of the task's own `call`.
        #beginning #call(#caller: &impl #caller_type, #(#fields: #types),*) -> #given {
            Self::#getter().call(#caller, Self::parameters(#(#fields),*)) #awaited
        }

        #[doc = #but]
        #beginning #return_state(
            #caller: &impl #caller_type,
            #(#fields: #types),*
        ) -> ::prefect_sdk::client::models::State {
            Self::#getter().return_state(#caller, Self::parameters(#(#fields),*)) #awaited
        }

        #submitted
    }
}

/// What those are who call a flow or task.
fn caller_type(calls: Calls) -> Tokens {
    match calls.face() {
        Face::Blocking => quote!(::prefect_sdk::flows::Caller),
        Face::Async => quote!(::prefect_sdk::flows::AsyncCaller),
    }
}

/// What a blocking function has for async flows, where the crate has that face.
fn in_async(signature: &Signature, calls: impl FnOnce() -> Tokens) -> Tokens {
    match signature.face {
        Face::Async => quote!(),
        Face::Blocking => {
            let calls = calls();
            quote!(::prefect_sdk::generated::if_async! { #calls })
        }
    }
}
