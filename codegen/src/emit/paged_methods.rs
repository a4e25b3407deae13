//! The methods that read an operation page by page.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::doc;
use super::faces::{deprecated, renamed};
use super::rust_type::owned;
use super::signature::{Signature, ident};
use crate::naming::derived_name;
use crate::plan::{Face, OperationPlan, PagesPlan};

/// The methods of a client.
pub(super) fn methods(
    face: Face,
    plan: &OperationPlan<'_>,
    pages: &PagesPlan<'_>,
    signature: &Signature,
) -> TokenStream {
    let operation = plan.operation;
    let (name, arguments) = (ident(&pages.name), &signature.names);
    let kind = match face {
        Face::Blocking => "an iterator",
        Face::Async => "a stream",
    };
    let docs = doc::attributes(&format!(
        "Every item that `{}` answers with, page after page: {kind} of items, or of whole pages.\n\n`{} {}`",
        operation.name,
        operation.method,
        doc::code(&operation.path)
    ));
    let deprecated = deprecated(operation);
    let method = plain(pages, signature);
    let with = with_request(pages, signature).map(|signature| {
        let with = ident(&pages.with);
        let docs = doc::own(&format!(
            "[`{name}`](Self::{name}) with what is optional about each request.\n\n`{} {}`",
            operation.method,
            doc::code(&operation.path)
        ));
        quote! {
            #docs
            #deprecated
            pub #signature {
                pages::Pages::new(self.clone(), operations::#with(#(#arguments,)* request))
            }
        }
    });
    quote! {
        #docs
        #deprecated
        pub #method {
            pages::Pages::new(self.clone(), operations::#name(#(#arguments),*))
        }
        #with
    }
}

/// The methods by the names that the operation had.
pub(super) fn former(
    plan: &OperationPlan<'_>,
    pages: &PagesPlan<'_>,
    signature: &Signature,
) -> TokenStream {
    let method = |old: &str, new: &str, request: Option<&Ident>| {
        let docs = doc::own(&format!("[`{new}`](Self::{new})."));
        let (deprecated, names) = (renamed(new), &signature.names);
        let (old, new) = (ident(old), ident(new));
        let argument = request.map(|_| quote!(request));
        let arguments = names.iter().map(|name| quote!(#name)).chain(argument);
        let request = request.map(|request| quote!(, request: requests::#request));
        let method = signed(pages, &old, signature, request.as_ref());
        quote! {
            #docs
            #deprecated
            pub #method {
                self.#new(#(#arguments),*)
            }
        }
    };
    let all = plan.operation.former.iter().map(|former| {
        let old = derived_name(&former.name, "pages");
        let without = method(&old, &pages.name, None);
        let request = signature.request.as_ref();
        let with = request.map(|request| {
            let old = derived_name(&old, "with");
            method(&old, &pages.with, Some(&request.name))
        });
        quote!(#without #with)
    });
    all.collect()
}

/// The signature without its body, the same in both clients.
pub(super) fn plain(pages: &PagesPlan<'_>, signature: &Signature) -> TokenStream {
    signed(pages, &ident(&pages.name), signature, None)
}

/// The signature of the method that takes what is optional too, where anything is.
pub(super) fn with_request(pages: &PagesPlan<'_>, signature: &Signature) -> Option<TokenStream> {
    let request = &signature.request.as_ref()?.name;
    let request = quote!(, request: requests::#request);
    let name = ident(&pages.with);
    Some(signed(pages, &name, signature, Some(&request)))
}

fn signed(
    pages: &PagesPlan<'_>,
    name: &Ident,
    signature: &Signature,
    request: Option<&TokenStream>,
) -> TokenStream {
    let item = owned(&pages.paging.item);
    let parameters = &signature.parameters;
    quote!(fn #name(&self #(, #parameters)* #request) -> pages::Pages<Self, #item>)
}
