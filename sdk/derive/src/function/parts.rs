//! What several of the written items have in them.

use proc_macro2::{Ident, Span, TokenStream as Tokens};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, LitStr};

use super::signature::{Output, Parameter};

/// A name that no parameter has, whatever it is called.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The types of the value and of the error.
pub(super) fn value_and_error(output: &Output) -> (Tokens, Tokens) {
    if let Some((value, error)) = &output.parts {
        return (quote!(#value), quote!(#error));
    }
    let whole = &output.whole;
    let part = |name: &str| {
        let name = format_ident!("{name}");
        quote!(<#whole as ::prefect_sdk::generated::Outcome>::#name)
    };
    (part("Value"), part("Error"))
}

/// The names of the parameters, and their types.
pub(super) fn fields(parameters: &[Parameter]) -> (Vec<&Ident>, Vec<&syn::Type>) {
    let parameters = parameters.iter();
    parameters
        .map(|parameter| (&parameter.ident, &parameter.ty))
        .unzip()
}

/// Names, as what is wrong tells them.
pub(super) fn listed(names: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let names = names.into_iter().map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}

/// The name that a parameter has for Prefect.
pub(super) fn name(parameter: &Parameter) -> String {
    let renamed = parameter.attributes.iter().find_map(renamed);
    renamed.unwrap_or_else(|| parameter.ident.unraw().to_string())
}

fn renamed(attribute: &Attribute) -> Option<String> {
    let mut name = None;
    if attribute.path().is_ident("serde") {
        // What serde does not take, it says itself.
        drop(attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        }));
    }
    name
}

#[cfg(test)]
mod tests {
    use proc_macro2::Ident;
    use syn::parse_quote;

    use super::*;

    fn parameter(attributes: Vec<Attribute>, ident: Ident) -> Parameter {
        Parameter {
            ident,
            ty: parse_quote!(u32),
            attributes,
            default: None,
        }
    }

    #[test]
    fn a_parameter_has_the_name_that_travels() {
        let plain = parameter(Vec::new(), parse_quote!(r#type));
        assert_eq!(name(&plain), "type");
        let attributes = vec![
            parse_quote!(#[doc = "One."]),
            parse_quote!(#[serde(default = "one", rename = "kind")]),
        ];
        assert_eq!(name(&parameter(attributes, parse_quote!(type_))), "kind");
    }
}
