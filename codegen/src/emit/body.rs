//! The line of an operation's function that writes its body.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::multipart;
use super::signature::reference;
use super::values::{style_name, write_field};
use crate::ir::{BodyForm, Operation, PairStyle, RequestBody, TypeRef};
use crate::plan::{Destination, Input, OperationPlan, Plan, Presence};

/// `application/json` is what a body is where nothing else is said.
pub(super) fn whole_body(input: &Input<'_>, operation: &Operation, plan: &Plan<'_>) -> TokenStream {
    let Some(content) = &operation.content else {
        return TokenStream::new();
    };
    let media_type = &content.media_type;
    let line = |value: TokenStream| match content.form {
        BodyForm::Json if media_type == "application/json" => quote!(http.json(#value);),
        BodyForm::Json => quote!(http.json_as(#media_type, #value);),
        BodyForm::Form if content.styled.is_empty() => quote!(http.form(#value);),
        BodyForm::Form => {
            let pairs = styled_pairs(&content.styled);
            quote!(http.form_as(#value, &[#(#pairs),*]);)
        }
        BodyForm::Multipart => multipart::line(&value, &input.placed.field.ty, content, plan),
        BodyForm::Lines => quote!(http.lines(#media_type, #value);),
        BodyForm::Text if input.placed.field.ty == TypeRef::Text => {
            quote!(http.text(#media_type, #value);)
        }
        BodyForm::Text => quote!(http.plain(#media_type, #value);),
        BodyForm::Bytes => quote!(http.bytes(#media_type, #value);),
    };
    let value = reference(input);
    if input.is_argument() {
        return line(value);
    }
    if input.placed.presence == Presence::Patch {
        let (field, line) = (format_ident!("{}", input.placed.field.name), line(value));
        return quote!(if !request.#field.is_absent() { #line });
    }
    let line = line(quote!(body));
    quote!(if let Some(body) = #value { #line })
}

/// The names of a form that have a style of their own.
pub(super) fn styled_pairs(styled: &BTreeMap<String, PairStyle>) -> Vec<TokenStream> {
    let pairs = styled.iter().map(|(name, pair)| {
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
    pairs.collect()
}

/// The fields of a body that are arguments.
pub(super) fn embedded_body(plan: &OperationPlan<'_>) -> Option<TokenStream> {
    if !matches!(plan.operation.body, RequestBody::Embedded(_)) {
        return None;
    }
    let inputs = plan.inputs.iter();
    let fields = inputs.filter(|input| input.destination == Destination::BodyField);
    let lines = fields.map(|input| {
        let value = if input.placed.is_constant() {
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
