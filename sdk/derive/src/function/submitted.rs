//! The ways to submit a task, with its parameters spelt out.

use proc_macro2::TokenStream as Tokens;
use quote::quote;

use super::parts::{fields, local, name, value_and_error};
use super::signature::{Parameter, Signature};
use super::written::Written;
use super::{Calls, Face, Kind};

/// What is written of the parameters of one or of many runs.
struct Given<'a> {
    /// `Argument` or `Each`, and the value of it that all are added to.
    wrapper: Tokens,
    nothing: Tokens,
    parameters: &'a [Parameter],
}

pub(super) fn submitted(written: &Written, signature: &Signature, calls: Calls) -> Tokens {
    let visibility = &written.visibility;
    let (enclosing, future) = match calls.face() {
        Face::Blocking => (quote!(EnclosingRun), quote!(TaskFuture)),
        Face::Async => (quote!(AsyncEnclosingRun), quote!(AsyncTaskFuture)),
    };
    let (value, error) = value_and_error(&signature.output);
    let future = quote!(::prefect_sdk::tasks::#future<#value, #error>);
    let run = local("run");
    let of_one = Given {
        wrapper: quote!(::prefect_sdk::tasks::Argument),
        nothing: quote!(::prefect_sdk::tasks::Argument::from(())),
        parameters: &signature.parameters,
    };
    let (arguments, all) = (of_one.arguments(), of_one.all());
    let map = many(visibility, &enclosing, &future, signature, calls);
    let (submit, getter) = (calls.name("submit"), calls.getter(Kind::Task));
    quote! {
        /// Submits the task, to run beside the caller within that run, and gives a future of it. What it is given are values,
        /// or futures of other task runs, for which it waits.
        #visibility fn #submit(
            #run: &impl ::prefect_sdk::flows::#enclosing,
            #(#arguments),*
        ) -> #future {
            Self::#getter().submit(#run, #all)
        }

        #map
    }
}

/// One without parameters says nowhere how many runs there are to be.
fn many(
    visibility: &syn::Visibility,
    enclosing: &Tokens,
    future: &Tokens,
    signature: &Signature,
    calls: Calls,
) -> Tokens {
    if signature.parameters.is_empty() {
        return quote!();
    }
    let of_many = Given {
        wrapper: quote!(::prefect_sdk::tasks::Each),
        nothing: quote!(::prefect_sdk::tasks::unmapped(())),
        parameters: &signature.parameters,
    };
    let (arguments, all, run) = (of_many.arguments(), of_many.all(), local("run"));
    let (map, getter) = (calls.name("map"), calls.getter(Kind::Task));
    quote! {
        /// Submits the task once for each, and gives the futures in that order. What it is given are iterables, or what is
        /// the same for all runs (`unmapped`).
        ///
        /// # Errors
        ///
        /// All is the same for all runs, or iterables have different lengths.
        #visibility fn #map(
            #run: &impl ::prefect_sdk::flows::#enclosing,
            #(#arguments),*
        ) -> ::core::result::Result<::std::vec::Vec<#future>, ::prefect_sdk::Error> {
            Self::#getter().map(#run, #all)
        }
    }
}

impl Given<'_> {
    fn arguments(&self) -> impl Iterator<Item = Tokens> {
        let wrapper = &self.wrapper;
        self.parameters.iter().map(move |parameter| {
            let (ident, ty) = (&parameter.ident, &parameter.ty);
            quote!(#ident: impl ::core::convert::Into<#wrapper<#ty>>)
        })
    }

    /// All parameters as one.
    fn all(&self) -> Tokens {
        let (wrapper, nothing) = (&self.wrapper, &self.nothing);
        let (fields, types) = fields(self.parameters);
        let names = self.parameters.iter().map(name);
        let taken: Tokens = fields
            .iter()
            .fold(quote!(()), |all, field| quote!((#all, #field)));
        quote! {
            #nothing
                #(.zip(::core::convert::Into::<#wrapper<#types>>::into(#fields).named(#names)))*
                .map(|#taken| Self::parameters(#(#fields),*))
        }
    }
}
