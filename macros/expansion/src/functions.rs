//! One function in both faces.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Block, ImplItemFn, Signature, Token, TraitItemFn, Visibility};

use crate::body::{Blocking, Bound, checks};
use crate::callers::track;
use crate::docs::{Link, adapt, outer};
use crate::face::Face;
use crate::marks::Keep;
use crate::refusals::Refusals;
use crate::signature::make_blocking;
use crate::table::Table;

/// A function, a method, or a method of a trait, with or without a body.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    visibility: Visibility,
    defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
    body: Option<Block>,
}

impl Parse for Function {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let defaultness = input.parse()?;
        let signature = input.parse()?;
        if input.parse::<Option<Token![;]>>()?.is_some() {
            return Ok(Self {
                attributes,
                visibility,
                defaultness,
                signature,
                body: None,
            });
        }
        let content;
        let brace_token = syn::braced!(content in input);
        attributes.extend(content.call(Attribute::parse_inner)?);
        let body = Some(Block {
            brace_token,
            stmts: content.call(Block::parse_within)?,
        });
        Ok(Self {
            attributes,
            visibility,
            defaultness,
            signature,
            body,
        })
    }
}

impl From<ImplItemFn> for Function {
    fn from(item: ImplItemFn) -> Self {
        Self {
            attributes: item.attrs,
            visibility: item.vis,
            defaultness: item.modifiers.defaultness,
            signature: item.sig,
            body: Some(item.block),
        }
    }
}

impl From<TraitItemFn> for Function {
    fn from(item: TraitItemFn) -> Self {
        Self {
            attributes: item.attrs,
            visibility: Visibility::Inherited,
            defaultness: item.modifiers.defaultness,
            signature: item.sig,
            body: item.default,
        }
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.pound_token.to_tokens(tokens);
            let bracket = attribute.bracket_token;
            bracket.surround(tokens, |tokens| attribute.meta.to_tokens(tokens));
        }
        self.visibility.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        match &self.body {
            Some(body) => body.to_tokens(tokens),
            None => <Token![;]>::default().to_tokens(tokens),
        }
    }
}

/// Lints that only the twin meets: four that Clippy looks for in signatures of blocking functions, and not of async
/// ones, and one for the closures that stand for async blocks.
fn allowed_lints() -> TokenStream {
    quote! {
        #[allow(
            clippy::must_use_candidate,
            clippy::needless_pass_by_value,
            clippy::redundant_closure_call,
            clippy::trivially_copy_pass_by_ref,
            clippy::unnecessary_wraps,
            reason = "this face is as the async one is written"
        )]
    }
}

impl Function {
    /// The async face: as written, without what only the blocking one has.
    pub(crate) fn asynchronous(
        mut self,
        twin: &str,
        link: &Link,
        table: &Table,
        refusals: &mut Refusals,
    ) -> Self {
        if let Some(body) = &mut self.body {
            Keep {
                face: Face::Async,
                refusals,
            }
            .visit_block_mut(body);
        }
        adapt(&mut self.attributes, Face::Async, table, link, twin);
        self
    }

    /// The blocking twin, before names are replaced.
    pub(crate) fn blocking(
        mut self,
        twin: &Ident,
        link: &Link,
        table: &Table,
        refusals: &mut Refusals,
    ) -> Self {
        let own = self.signature.ident.to_string();
        if let Some(body) = &mut self.body {
            Keep {
                face: Face::Blocking,
                refusals,
            }
            .visit_block_mut(body);
        }
        let was_async = self.signature.asyncness.is_some();
        let returned_future = make_blocking(&mut self.signature, &table.names, refusals);
        self.signature.ident = twin.clone();
        self.block(returned_future, table, refusals);
        adapt(&mut self.attributes, Face::Blocking, table, link, &own);
        if was_async || returned_future {
            self.attributes.extend(outer(allowed_lints()));
            track(&mut self.attributes, &self.signature);
        }
        self
    }

    fn block(&mut self, returned_future: bool, table: &Table, refusals: &mut Refusals) {
        let Some(body) = &mut self.body else { return };
        if returned_future {
            Blocking::unwrap_tail(body);
        }
        let bound = Bound::of(&self.signature, body, table, refusals);
        let mut blocking = Blocking {
            table,
            bound: &bound,
            refusals,
            awaited: false,
        };
        blocking.visit_block_mut(body);
        if blocking.awaited {
            let statements = std::mem::take(&mut body.stmts);
            body.stmts = checks(proc_macro2::Span::call_site());
            body.stmts.extend(statements);
        }
    }
}
