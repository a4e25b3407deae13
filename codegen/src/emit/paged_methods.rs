//! The methods that read an operation page by page.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::doc;
use super::faces::deprecated;
use super::rust_type::owned;
use super::signature::{Signature, ident};
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

/// The signature without its body, the same in both clients.
pub(super) fn plain(pages: &PagesPlan<'_>, signature: &Signature) -> TokenStream {
    signed(pages, &ident(&pages.name), signature, None)
}

/// The signature of the method that takes what is optional too, where anything is.
pub(super) fn with_request(pages: &PagesPlan<'_>, signature: &Signature) -> Option<TokenStream> {
    let request = &signature.request.as_ref()?.name;
    let name = ident(&pages.with);
    Some(signed(pages, &name, signature, Some(request)))
}

/// The same of a method of that name, with what is optional in the request struct of the other name.
pub(super) fn signed(
    pages: &PagesPlan<'_>,
    name: &Ident,
    signature: &Signature,
    request: Option<&Ident>,
) -> TokenStream {
    let item = owned(pages.paging.item);
    let parameters = &signature.parameters;
    let request = request.map(|request| quote!(, request: requests::#request));
    quote!(fn #name(&self #(, #parameters)* #request) -> pages::Pages<Self, #item>)
}
