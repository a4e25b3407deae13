//! The ways to submit a task to the background, and to execute what was submitted, with its parameters spelt out.

use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};

use super::Face;
use super::parts::{fields, local, value_and_error};
use super::signature::Signature;
use super::written::Written;

pub(super) fn background(written: &Written, signature: &Signature) -> Tokens {
    let visibility = &written.visibility;
    let (client_type, future, beginning, awaited) = match signature.face {
        Face::Blocking => (
            quote!(PrefectClient),
            quote!(DistributedFuture),
            quote!(#visibility fn),
            quote!(),
        ),
        Face::Async => (
            quote!(AsyncPrefectClient),
            quote!(AsyncDistributedFuture),
            quote!(#visibility async fn),
            quote!(.await),
        ),
    };
    let (value, _) = value_and_error(&signature.output);
    let future = quote!(::prefect_sdk::task_worker::#future<#value>);
    let given = |gives: Tokens| quote!(::core::result::Result<#gives, ::prefect_sdk::Error>);
    let (one, all, nothing) = (
        given(quote!(#future)),
        given(quote!(::std::vec::Vec<#future>)),
        given(quote!(())),
    );
    let (fields, types) = fields(&signature.parameters);
    let (client, options, runs) = (local("client"), local("options"), local("runs"));
    let parameters = format_ident!(
        "{}_parameters",
        syn::ext::IdentExt::unraw(&signature.ident),
        span = signature.ident.span()
    );
    quote! {
        /// Submits a run to the background, for a worker that serves the task, and gives a future of it.
        ///
        /// # Errors
        ///
        /// As those of the task's own `delay`.
        #beginning delay(
            #client: &::prefect_sdk::client::#client_type,
            #(#fields: #types),*
        ) -> #one
        where
            for<'any> #parameters: ::prefect_sdk::generated::Delayed<'any>,
        {
            Self::task().delay(#client, &Self::parameters(#(#fields),*)) #awaited
        }

        /// As [`delay`](Self::delay), with what is optional about the run.
        ///
        /// # Errors
        ///
        /// As those of [`delay`](Self::delay).
        #beginning delay_with(
            #client: &::prefect_sdk::client::#client_type,
            #(#fields: #types,)*
            #options: &::prefect_sdk::task_worker::DelayOptions,
        ) -> #one
        where
            for<'any> #parameters: ::prefect_sdk::generated::Delayed<'any>,
        {
            Self::task().delay_with(#client, &Self::parameters(#(#fields),*), #options) #awaited
        }

        /// Submits a run to the background for each of the [`parameters`](Self::parameters), and gives the futures in that order.
        ///
        /// # Errors
        ///
        /// As those of [`delay`](Self::delay); what was submitted before stays submitted.
        #beginning delay_each(
            #client: &::prefect_sdk::client::#client_type,
            #runs: &[#parameters],
            #options: &::prefect_sdk::task_worker::DelayOptions,
        ) -> #all
        where
            for<'any> #parameters: ::prefect_sdk::generated::Delayed<'any>,
        {
            Self::task().delay_each(#client, #runs, #options) #awaited
        }

        /// Executes the runs of this task that are submitted to the background, until the process is told to stop. All of its
        /// parameters are of types that can be read again.
        ///
        /// # Errors
        ///
        /// As those of the task's own `serve`.
        #beginning serve(#client: &::prefect_sdk::client::#client_type) -> #nothing
        where
            for<'any> #parameters: ::prefect_sdk::generated::Served<'any>,
        {
            Self::task().serve(#client) #awaited
        }
    }
}
