//! Values as Rust writes them, and the lines that write them as JSON.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use crate::ir::{IntegerType, Style, TypeRef};
use crate::json::Value;
use crate::plan::{Fallback, Placed, Presence};

/// Writes one field with a body writer or an object writer called `writer`; `value` is a reference to it.
pub(super) fn write_field(
    writer: &TokenStream,
    placed: &Placed<'_>,
    value: &TokenStream,
) -> TokenStream {
    let wire = &placed.field.wire;
    match placed.presence {
        Presence::Constant => {
            let constant = literal(placed.field.constant.as_ref());
            quote!(#writer.field(#wire, #constant);)
        }
        Presence::Required | Presence::RequiredNullable | Presence::Defaulted => {
            quote!(#writer.field(#wire, #value);)
        }
        Presence::Optional => quote!(#writer.optional(#wire, #value);),
        Presence::Patch => quote!(#writer.patch(#wire, #value);),
    }
}

/// A constant as a reference.
pub(super) fn literal(value: Option<&Value>) -> TokenStream {
    match value {
        Some(Value::String(text)) => quote!(#text),
        Some(Value::Bool(value)) => quote!(&#value),
        Some(Value::Number(value)) => {
            let number = number(value);
            quote!(&#number)
        }
        Some(value @ (Value::Array(_) | Value::Object(_))) => {
            let value = json(value);
            quote!(&serde_json::json!(#value))
        }
        _ => quote!(&()),
    }
}

/// A value as the macro `json` takes it.
fn json(value: &Value) -> TokenStream {
    match value {
        Value::Null => quote!(null),
        Value::Array(items) => {
            let items = items.iter().map(json);
            quote!([#(#items),*])
        }
        Value::Object(map) => {
            let (names, values) = (map.keys(), map.values().map(json));
            quote!({ #(#names: #values),* })
        }
        Value::String(text) => quote!(#text),
        Value::Bool(flag) => quote!(#flag),
        Value::Number(value) => {
            let number = number(value);
            quote!(#number)
        }
    }
}

pub(super) fn number(value: &crate::json::Number) -> Literal {
    match (value.as_u64(), value.as_i64()) {
        (Some(number), _) => Literal::u64_suffixed(number),
        (None, Some(number)) => Literal::i64_suffixed(number),
        (None, None) => Literal::f64_suffixed(value.as_f64().unwrap_or_default()),
    }
}

/// What the runtime calls a style.
pub(super) fn style_name(style: Style) -> Ident {
    format_ident!("{style:?}")
}

/// What a field is where the server leaves it out.
pub(super) fn fallback(placed: &Placed<'_>) -> TokenStream {
    let Some(fallback) = &placed.fallback else {
        return quote!(Default::default());
    };
    match fallback {
        Fallback::List => quote!(Vec::new()),
        Fallback::Map => quote!(BTreeMap::new()),
        Fallback::Text("") => quote!(String::new()),
        fallback => said(fallback, &placed.field.ty),
    }
}

/// The method of an `Option` that puts it where there is none.
pub(super) fn or_fallback(placed: &Placed<'_>) -> TokenStream {
    match &placed.fallback {
        None
        | Some(Fallback::List | Fallback::Map | Fallback::Text("") | Fallback::Flag(false)) => {
            quote!(unwrap_or_default())
        }
        Some(fallback) => {
            let value = said(fallback, &placed.field.ty);
            let is_made = matches!(fallback, Fallback::Text(_) | Fallback::Variant(_));
            if is_made {
                quote!(unwrap_or_else(|| #value))
            } else {
                quote!(unwrap_or(#value))
            }
        }
    }
}

pub(super) fn said(fallback: &Fallback<'_>, ty: &TypeRef) -> TokenStream {
    match fallback {
        Fallback::List | Fallback::Map => quote!(Default::default()),
        Fallback::Flag(flag) => quote!(#flag),
        Fallback::Number(number) => {
            let number = Literal::f64_unsuffixed(*number);
            quote!(#number)
        }
        Fallback::Whole(number) => {
            let number = whole(number, ty);
            quote!(#number)
        }
        Fallback::Text(text) => quote!(#text.to_owned()),
        Fallback::Variant(text) => quote!(#text.into()),
    }
}

/// The number as its type has it.
fn whole(number: &crate::json::Number, ty: &TypeRef) -> Literal {
    match ty {
        TypeRef::Integer(IntegerType::U128) => {
            Literal::u128_unsuffixed(number.as_u128().unwrap_or_default())
        }
        TypeRef::Integer(IntegerType::I128) => {
            Literal::i128_unsuffixed(number.as_i128().unwrap_or_default())
        }
        TypeRef::Integer(IntegerType::U64) => {
            Literal::u64_unsuffixed(number.as_u64().unwrap_or_default())
        }
        _ => Literal::i64_unsuffixed(number.as_i64().unwrap_or_default()),
    }
}
