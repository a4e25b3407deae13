//! An operation as data: the function that builds its request.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::arguments::{
    self, Destination, Input, inputs, is_argument, names, parameters, reference, request_name,
    with_request,
};
use super::object::{literal, write_field};
use super::presence::Presence;
use super::{access, doc, multipart, rust_type};
use crate::config::AnswerKind;
use crate::ir::{Api, BodyForm, Operation, Style, TypeRef};

pub(super) fn emit(operation: &Operation, api: &Api, used: &mut BTreeSet<String>) -> TokenStream {
    let inputs = inputs(operation, api);
    mention(operation, &inputs, used);
    let constant = constant(operation);
    let (text, path, tag) = (&operation.name, &operation.path, &operation.tag);
    let method = format_ident!("{}", operation.method);
    let static_docs = doc::attributes(&format!("`{} {}`.", operation.method, operation.path));
    let answer = answer_type(operation);
    let form = form(operation);
    let repeatable = operation.repeatable.then(|| quote!(.repeatable()));
    let asking = operation.asks.as_deref().map(access::asking);
    let functions = functions(operation, &inputs, api);
    let pages = super::pages::sequences(operation, api, used);
    quote! {
        #static_docs
        pub static #constant: TypedOperation<#answer> =
            Operation::new(#text, Method::#method, #path, #tag) #repeatable #asking .answering(AnswerForm::#form);
        #functions
        #pages
    }
}

/// The function that takes what is required, and the one that takes what is optional too.
fn functions(operation: &Operation, inputs: &[Input<'_>], api: &Api) -> TokenStream {
    let name = format_ident!("{}", operation.name);
    let (parameters, answer) = (parameters(inputs), answer_type(operation));
    let target = format!("`{} {}`", operation.method, operation.path);
    let built = built(operation, inputs, api);
    let Some(request) = request_name(operation, inputs) else {
        let docs = doc::attributes(&format!("Builds {target}."));
        return quote! {
            #docs
            pub fn #name(#(#parameters),*) -> Call<#answer> {
                #built
            }
        };
    };
    let (request, with) = (format_ident!("{request}"), with_request(&operation.name));
    let names = names(inputs);
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

fn built(operation: &Operation, inputs: &[Input<'_>], api: &Api) -> TokenStream {
    let constant = constant(operation);
    let lines = inputs
        .iter()
        .filter(|input| input.destination != Destination::BodyField)
        .map(|input| line(input, operation, api));
    let body = embedded_body(inputs, operation);
    let read = reader(operation);
    let accept = operation
        .accept
        .as_ref()
        .map(|media_type| quote!(http.accept(#media_type);));
    let is_changed = !inputs.is_empty() || body.is_some() || accept.is_some();
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

/// What a success gives.
pub(super) fn answer_type(operation: &Operation) -> TokenStream {
    if let Some(answer) = &operation.answer {
        rust_type::answered(answer.kind, &answer.ty)
    } else {
        quote!(())
    }
}

/// Notes the models that the signature mentions.
pub(super) fn mention(operation: &Operation, inputs: &[Input<'_>], used: &mut BTreeSet<String>) {
    let answer = operation.answer.iter().map(|answer| &answer.ty);
    for ty in arguments::mentioned(inputs).chain(answer) {
        ty.names(&mut |name| {
            used.insert(name.to_owned());
        });
    }
}

fn line(input: &Input<'_>, operation: &Operation, api: &Api) -> TokenStream {
    let value = reference(input);
    match (input.destination, input.style) {
        (destination, style)
            if input.placed.presence == Presence::Constant
                && destination != Destination::BodyField =>
        {
            constant_line(input, style)
        }
        (Destination::Body | Destination::BodyField, _) => whole_body(input, operation, api),
        (_, Style::Usual) => usual_line(input, &value),
        (_, style) if is_argument(input) => styled_line(input, style, &value),
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
    let method = match (input.destination, is_argument(input)) {
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

/// `application/json` is what a body is where nothing else is said.
fn whole_body(input: &Input<'_>, operation: &Operation, api: &Api) -> TokenStream {
    let Some(content) = &operation.content else {
        return TokenStream::new();
    };
    let media_type = &content.media_type;
    let line = |value: TokenStream| match content.form {
        BodyForm::Json if media_type == "application/json" => quote!(http.json(#value);),
        BodyForm::Json => quote!(http.json_as(#media_type, #value);),
        BodyForm::Form if content.styled.is_empty() => quote!(http.form(#value);),
        BodyForm::Form => {
            let pairs = content.styled.iter().map(|(name, pair)| {
                let style = style_name(pair.style);
                let new = format_ident!(
                    "{}",
                    if pair.allow_reserved {
                        "reserved"
                    } else {
                        "new"
                    }
                );
                quote!(StyledPair::#new(#name, ParameterStyle::#style))
            });
            quote!(http.form_as(#value, &[#(#pairs),*]);)
        }
        BodyForm::Multipart => multipart::line(&value, &input.placed.field.ty, content, api),
        BodyForm::Text => quote!(http.text(#media_type, #value);),
        BodyForm::Bytes => quote!(http.bytes(#media_type, #value);),
    };
    let value = reference(input);
    if is_argument(input) {
        return line(value);
    }
    let line = line(quote!(body));
    quote!(if let Some(body) = #value { #line })
}

/// What the runtime calls a style.
fn style_name(style: Style) -> Ident {
    format_ident!("{style:?}")
}

fn embedded_body(inputs: &[Input<'_>], operation: &Operation) -> Option<TokenStream> {
    if !matches!(operation.body, crate::ir::RequestBody::Embedded(_)) {
        return None;
    }
    let fields = inputs
        .iter()
        .filter(|input| input.destination == Destination::BodyField);
    let lines = fields.map(|input| {
        let value = if input.placed.presence == Presence::Constant {
            quote!()
        } else {
            reference(input)
        };
        write_field(&quote!(body), &input.placed, &value)
    });
    let lines: Vec<TokenStream> = lines.collect();
    let argument = if lines.is_empty() {
        quote!(_)
    } else {
        quote!(body)
    };
    Some(quote!(http.json_object(|#argument| { #(#lines)* });))
}

fn reader(operation: &Operation) -> TokenStream {
    match &operation.answer {
        None => quote!(read::nothing),
        Some(answer) if answer.by_status => {
            let ty = rust_type::owned(&answer.ty);
            quote!(#ty::read)
        }
        Some(answer) => match answer.kind {
            AnswerKind::Lines => quote!(read::lines),
            AnswerKind::Events => {
                let read = format_ident!("{}", events_reader(&answer.ty));
                quote!(read::#read)
            }
            AnswerKind::Text if answer.may_be_empty => quote!(read::text_or_nothing),
            AnswerKind::Bytes if answer.may_be_empty => quote!(read::bytes_or_nothing),
            AnswerKind::Text => quote!(read::text),
            AnswerKind::Bytes => quote!(read::bytes),
            AnswerKind::Json if answer.may_be_empty => quote!(read::json_or_nothing),
            AnswerKind::Json if answer.ty == TypeRef::Any => quote!(read::any),
            AnswerKind::Json if matches!(answer.ty, TypeRef::List(_)) => quote!(read::list),
            AnswerKind::Json => quote!(read::json),
        },
    }
}

/// What reads the events whose data is of these types.
pub(super) fn events_reader(data: &TypeRef) -> &'static str {
    match data {
        TypeRef::List(data) if **data == TypeRef::Text => "text_events",
        _ => "events",
    }
}

/// How the success travels: what a server that is not there writes it with.
fn form(operation: &Operation) -> Ident {
    let form = match operation.answer.as_ref().map(|answer| answer.kind) {
        None => "Nothing",
        Some(AnswerKind::Text | AnswerKind::Lines | AnswerKind::Events) => "Text",
        Some(AnswerKind::Bytes) => "Bytes",
        Some(AnswerKind::Json) => "Json",
    };
    format_ident!("{form}")
}
