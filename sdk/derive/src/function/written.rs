//! A function as it is written. Its body is nobody's business.

use proc_macro2::TokenStream as Tokens;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Expr, ExprLit, Lit, Meta, Visibility, token};

pub(super) struct Written {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: syn::Signature,
    body: Tokens,
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let text =
            "flows and tasks are functions: this attribute is put on a `fn` or an `async fn`";
        let signature = input
            .parse()
            .map_err(|error: Error| Error::new(error.span(), format!("{text} ({error})")))?;
        if !input.peek(token::Brace) {
            return Err(input.error("a flow or a task has a body"));
        }
        Ok(Self {
            attributes,
            visibility,
            signature,
            body: input.parse()?,
        })
    }
}

/// The function as it was, but for what clippy would have against the form that all flows and tasks have: they own their
/// parameters, give a `Result`, and are async where that is wanted.
impl ToTokens for Written {
    fn to_tokens(&self, tokens: &mut Tokens) {
        let (attributes, visibility) = (&self.attributes, &self.visibility);
        let (signature, body) = (&self.signature, &self.body);
        // Whatever the user says of these lints stands behind this, and so counts.
        tokens.extend(quote! {
            #[allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps, clippy::unused_async)]
            #(#attributes)*
            #visibility #signature #body
        });
    }
}

impl Written {
    /// What its docs say before the first heading.
    pub(super) fn description(&self) -> Option<String> {
        let lines = self.attributes.iter().filter_map(doc_of);
        let lines: Vec<String> = lines
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .take_while(|line| !line.trim_start().starts_with('#'))
            .map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned())
            .collect();
        let text = lines.join("\n").trim().to_owned();
        (!text.is_empty()).then_some(text)
    }
}

fn doc_of(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    match &meta.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if meta.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}
