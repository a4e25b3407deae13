//! The modules that hold the others together, and one model by its shape.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::faces::renamed;
use super::{doc, enumeration, object, outcomes, rust_type, union};
use crate::ir::Shape;
use crate::plan::{Plan, TypePlan};

/// One model.
pub(super) fn model(plan: &TypePlan<'_>, all: &Plan<'_>) -> TokenStream {
    let former = plan.former.iter();
    let former = former.map(|former| alias(former, &plan.ty.name));
    let model = by_shape(plan, all);
    quote!(#model #(#former)*)
}

/// The former name of a type.
pub(super) fn alias(former: &str, name: &str) -> TokenStream {
    let docs = doc::own(&format!("{}.", doc::link_to(name)));
    let deprecated = renamed(name);
    let (former, name) = (format_ident!("{former}"), format_ident!("{name}"));
    quote!(#docs #deprecated pub type #former = #name;)
}

fn by_shape(plan: &TypePlan<'_>, all: &Plan<'_>) -> TokenStream {
    let ty = plan.ty;
    match &ty.shape {
        Shape::Object(object) => object::emit(plan, object),
        Shape::Enumeration(values) => enumeration::emit(ty, values),
        Shape::Union(union) => union::emit(ty, union, all),
        Shape::Outcomes(outcomes) => outcomes::emit(ty, outcomes),
        Shape::Alias(target) => {
            let (docs, name) = (doc::attributes(&ty.doc), format_ident!("{}", ty.name));
            let target = rust_type::owned(target);
            quote!(#docs pub type #name = #target;)
        }
    }
}

/// The module of constructors for tests, whose modules name nothing new.
pub(super) fn testing(modules: &[&str]) -> TokenStream {
    let docs = inner_doc("How tests make what otherwise only the server does.");
    let names = modules.iter().map(|module| format_ident!("{module}"));
    quote! {
        #docs
        #![allow(clippy::new_without_default, reason = "only tests make them, and by name")]
        #(mod #names;)*
    }
}

/// A module of modules whose items are all reached through it.
pub(super) fn index(text: &str, modules: &[&str]) -> TokenStream {
    let docs = inner_doc(text);
    let names: Vec<_> = modules
        .iter()
        .map(|module| format_ident!("{module}"))
        .collect();
    quote! {
        #docs
        #(mod #names;)*
        #(pub use #names::*;)*
    }
}

/// The root of everything generated.
pub(super) fn generated(plan: &Plan<'_>) -> TokenStream {
    let api = plan.api;
    let docs = inner_doc(&format!("The client of {} {}.", api.title, api.version));
    let version = &api.version;
    let testing = plan.testing.map(|feature| {
        quote!(
            #[cfg(feature = #feature)]
            mod testing;
        )
    });
    let security = (!api.security.is_empty()).then(|| {
        quote!(
            pub mod security;
        )
    });
    let servers = (!api.servers.is_empty()).then(|| {
        quote!(
            pub mod servers;
        )
    });
    let headers = api
        .operations
        .values()
        .any(|operation| !operation.answer_headers.is_empty())
        .then(|| {
            quote!(
                /// What answers have in their headers, as types by operation.
                pub mod headers;
            )
        });
    quote! {
        #docs
        #![allow(
            clippy::disallowed_names,
            clippy::doc_lazy_continuation,
            clippy::large_enum_variant,
            clippy::module_inception,
            clippy::should_implement_trait,
            clippy::too_many_arguments,
            clippy::type_complexity,
            reason = "names, and how much is said of one thing, are the description's choice"
        )]
        #[cfg(feature = "async")]
        mod asynchronous;
        #[cfg(feature = "blocking")]
        mod blocking;
        #headers
        pub mod models;
        pub mod operations;
        pub mod requests;
        #security
        #servers
        #testing
        #[cfg(feature = "async")]
        pub use asynchronous::*;
        #[cfg(feature = "blocking")]
        pub use blocking::*;
        /// The version of the API that the description is of.
        pub const DESCRIPTION_VERSION: &str = #version;
    }
}

fn inner_doc(text: &str) -> TokenStream {
    let line = format!(" {text}");
    quote!(#![doc = #line])
}
