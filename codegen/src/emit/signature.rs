//! What the functions and the methods of an operation take and give, written once for all of them.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::faces::keyword;
use super::rust_type::{answered, borrowed, is_copy};
use crate::plan::{Face, Input, OperationPlan, Presence};

/// What the functions and the methods of an operation take and give.
pub(super) struct Signature {
    /// What must be given: `id: Uuid`, `state: &StateCreate`.
    pub(super) parameters: Vec<TokenStream>,
    /// The names of the parameters, to pass them on.
    pub(super) names: Vec<Ident>,
    /// What a success gives.
    pub(super) answer: TokenStream,
    /// The request struct, where anything is optional, and what takes it.
    pub(super) request: Option<Request>,
}

/// What is optional about an operation.
pub(super) struct Request {
    /// The name of the struct.
    pub(super) name: Ident,
    /// What the function and the methods are called that take it.
    pub(super) with: Ident,
}

impl Signature {
    pub(super) fn of(plan: &OperationPlan<'_>) -> Self {
        Self {
            parameters: plan.arguments().map(parameter).collect(),
            names: plan.arguments().map(|input| ident(&input.name)).collect(),
            answer: answer(plan),
            request: plan.request.map(|name| Request {
                name: ident(name),
                with: ident(&plan.with),
            }),
        }
    }

    /// A client's method of that name without its body, with what is optional in the request struct of the other name.
    pub(super) fn method(&self, face: Face, name: &Ident, request: Option<&Ident>) -> TokenStream {
        let Self {
            parameters, answer, ..
        } = self;
        let keyword = keyword(face);
        let request = request.map(|name| quote!(, request: &requests::#name));
        quote!(#keyword fn #name(&self #(, #parameters)* #request) -> Result<#answer, Error>)
    }
}

pub(super) fn ident(name: &str) -> Ident {
    format_ident!("{name}")
}

/// What a success gives.
fn answer(plan: &OperationPlan<'_>) -> TokenStream {
    let answer = plan.operation.answer.as_ref();
    answer.map_or_else(|| quote!(()), |answer| answered(answer.kind, &answer.ty))
}

fn parameter(input: &Input<'_>) -> TokenStream {
    let name = ident(&input.name);
    let ty = borrowed(&input.placed.field.ty);
    if input.placed.presence == Presence::RequiredNullable {
        return quote!(#name: Option<#ty>);
    }
    quote!(#name: #ty)
}

/// A reference to the value inside the operation's function.
pub(super) fn reference(input: &Input<'_>) -> TokenStream {
    if !input.is_argument() {
        let field = ident(&input.placed.field.name);
        return quote!(&request.#field);
    }
    let name = ident(&input.name);
    if input.placed.presence == Presence::RequiredNullable || is_copy(&input.placed.field.ty) {
        return quote!(&#name);
    }
    name.into_token_stream()
}
