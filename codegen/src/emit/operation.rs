//! An operation as data: the function that builds its request.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::body::{embedded_body, styled_pairs, whole_body};
use super::doc;
use super::former;
use super::pages;
use super::reader::{form, reader};
use super::security;
use super::signature::{Request, Signature, ident, reference};
use super::values::{literal, style_name};
use crate::ir::{Api, Operation, Style};
use crate::plan::{Destination, Input, OperationPlan, Plan};

pub(super) fn emit(plan: &OperationPlan<'_>, all: &Plan<'_>, signature: &Signature) -> TokenStream {
    let operation = plan.operation;
    let constant = constant(operation);
    let described = described(operation);
    let static_docs = doc::attributes(&format!("`{} {}`.", operation.method, operation.path));
    let answer = &signature.answer;
    let form = form(operation);
    let repeatable = operation.repeatable.then(|| quote!(.repeatable()));
    let asking = operation.asks.as_deref().map(security::asking);
    let functions = functions(plan, all, signature);
    let pages = plan.pages.as_ref();
    let pages = pages.map(|pages| pages::sequences(plan, pages, signature));
    let former = former::functions(plan, signature);
    quote! {
        #static_docs
        pub static #constant: TypedOperation<#answer> =
            #described #repeatable #asking .answering(AnswerForm::#form);
        #functions
        #pages
        #former
    }
}

/// What is fixed about an operation; not every method has a constant.
fn described(operation: &Operation) -> TokenStream {
    const CONSTANTS: &[&str] = &[
        "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
    ];
    let (text, path, tag) = (&operation.name, &operation.path, &operation.tag);
    let method = &operation.method;
    if CONSTANTS.contains(&method.as_str()) {
        let method = ident(method);
        quote!(Operation::new(#text, Method::#method, #path, #tag))
    } else {
        quote!(Operation::with_method(#text, #method, #path, #tag))
    }
}

/// The function that takes what is required, and the one that takes what is optional too.
fn functions(plan: &OperationPlan<'_>, all: &Plan<'_>, signature: &Signature) -> TokenStream {
    let operation = plan.operation;
    let Signature {
        parameters,
        names,
        answer,
        request,
    } = signature;
    let name = ident(&operation.name);
    let target = format!("`{} {}`", operation.method, operation.path);
    let built = built(plan, all);
    let Some(Request {
        name: request,
        with,
    }) = request
    else {
        let docs = doc::attributes(&format!("Builds {target}."));
        return quote! {
            #docs
            pub fn #name(#(#parameters),*) -> Call<#answer> {
                #built
            }
        };
    };
    let docs = doc::attributes(&format!("Builds {target} with what is required."));
    let with_docs = doc::attributes(&format!("Builds {target}."));
    quote! {
        #docs
        pub fn #name(#(#parameters),*) -> Call<#answer> {
            #with(#(#names,)* &requests::#request::new())
        }
        #with_docs
        pub fn #with(#(#parameters,)* request: &requests::#request) -> Call<#answer> {
            #built
        }
    }
}

fn built(plan: &OperationPlan<'_>, all: &Plan<'_>) -> TokenStream {
    let operation = plan.operation;
    let constant = constant(operation);
    let inputs = plan.inputs.iter();
    let lines = inputs
        .filter(|input| input.destination != Destination::BodyField)
        .map(|input| line(input, operation, all));
    let body = embedded_body(plan);
    let read = reader(operation);
    let accept = operation
        .accept
        .as_ref()
        .map(|media_type| quote!(http.accept(#media_type);));
    let is_changed = !plan.inputs.is_empty() || body.is_some() || accept.is_some();
    let mutable = is_changed.then(|| quote!(mut));
    quote! {
        let #mutable http = RequestBuilder::new(&#constant);
        #accept
        #(#lines)*
        #body
        http.answer(#read)
    }
}

/// Every operation in one list.
pub(super) fn all(api: &Api) -> TokenStream {
    let constants = api.operations.values().map(constant);
    quote! {
        /// Every operation of the description, by name: for inventories, for doubles of the server, for metrics.
        pub static ALL: &[&diptych_runtime::Operation] = &[#(#constants.untyped()),*];
    }
}

/// The operation's constant; `ALL` is the list of them.
pub(super) fn constant(operation: &Operation) -> Ident {
    match operation.name.to_uppercase().as_str() {
        "ALL" => format_ident!("ALL_"),
        name => format_ident!("{name}"),
    }
}

fn line(input: &Input<'_>, operation: &Operation, all: &Plan<'_>) -> TokenStream {
    let value = reference(input);
    match (input.destination, input.style) {
        (destination, style)
            if input.placed.is_constant() && destination != Destination::BodyField =>
        {
            constant_line(input, style)
        }
        (Destination::Body | Destination::BodyField, _) => whole_body(input, operation, all),
        (_, Style::Usual) => usual_line(input, &value),
        (_, style) if input.is_argument() => styled_line(input, style, &value),
        (_, style) => {
            let line = styled_line(input, style, &quote!(value));
            quote!(if let Some(value) = #value { #line })
        }
    }
}

/// A parameter that has one value, and must be there, is sent by itself.
fn constant_line(input: &Input<'_>, style: Style) -> TokenStream {
    let value = literal(input.placed.field.constant.as_ref());
    let wire = &input.placed.field.wire;
    match (input.destination, style) {
        (Destination::Path, Style::Usual) => quote!(http.path(#wire, #value);),
        (Destination::Query, Style::Usual) => quote!(http.query(#wire, #value);),
        (Destination::Header, Style::Usual) => quote!(http.header(#wire, #value);),
        _ => styled_line(input, style, &value),
    }
}

fn usual_line(input: &Input<'_>, value: &TokenStream) -> TokenStream {
    let wire = &input.placed.field.wire;
    let method = match (input.destination, input.is_argument()) {
        (Destination::Path, _) => "path",
        (Destination::Query, true) => "query",
        (Destination::Query, false) => "optional_query",
        (_, true) => "header",
        (_, false) => "optional_header",
    };
    let method = format_ident!("{method}");
    quote!(http.#method(#wire, #value);)
}

fn styled_line(input: &Input<'_>, style: Style, value: &TokenStream) -> TokenStream {
    let wire = &input.placed.field.wire;
    match style {
        Style::WholeForm => {
            let pairs = input.styled.map(styled_pairs).unwrap_or_default();
            if pairs.is_empty() {
                return quote!(http.query_form(#wire, #value););
            }
            return quote!(http.query_form_as(#wire, #value, &[#(#pairs),*]););
        }
        Style::WholeJson => return quote!(http.query_json(#wire, #value);),
        _ => {}
    }
    let style = style_name(style);
    let method = match input.destination {
        Destination::Path => "styled_path",
        Destination::Query if input.allow_reserved => "reserved_query",
        Destination::Query => "styled_query",
        Destination::Cookie if input.allow_reserved => "plain_cookie",
        Destination::Cookie => "cookie",
        _ => "styled_header",
    };
    let method = format_ident!("{method}");
    quote!(http.#method(#wire, ParameterStyle::#style, #value);)
}
