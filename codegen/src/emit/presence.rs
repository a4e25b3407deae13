//! How a field stands in its struct: must be there, may be absent, may be null, or always the same.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::rust_type::owned;
use crate::ir::{Api, Field, Shape, Travel, TypeRef};

/// How a field stands in its struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Always the same value: sent, but no field.
    Constant,
    /// A value.
    Required,
    /// A value or null.
    RequiredNullable,
    /// Absent or a value.
    Optional,
    /// Absent, null or a value.
    Patch,
    /// A value; what the description says when the server leaves it out.
    Defaulted,
}

/// The one rule.
///
/// Absent and null are told apart in updates, and where a request's default is something else than null. What only
/// comes from the server is never absent when the description says what absence means.
pub(super) fn presence(field: &Field, travel: Travel, api: &Api) -> Presence {
    if field.constant.is_some() {
        return Presence::Constant;
    }
    let only_received = travel.received && !travel.sent;
    match (field.required, field.nullable) {
        (true, true) => Presence::RequiredNullable,
        (true, false) => Presence::Required,
        (false, true) if travel.updates || !travel.received && has_default(field) => {
            Presence::Patch
        }
        (false, false) if only_received && default_value(field, api).is_some() => {
            Presence::Defaulted
        }
        (false, _) => Presence::Optional,
    }
}

/// The field's type in its struct.
pub(super) fn field_type(field: &Field, presence: Presence) -> TokenStream {
    let ty = owned(&field.ty);
    match presence {
        Presence::Required | Presence::Defaulted | Presence::Constant => ty,
        Presence::RequiredNullable | Presence::Optional => quote!(Option<#ty>),
        Presence::Patch => quote!(Patch<#ty>),
    }
}

fn has_default(field: &Field) -> bool {
    field.default.as_ref().is_some_and(|value| !value.is_null())
}

/// What a field is when the server leaves it out: the default of a plain type, or nothing in a collection.
#[expect(
    clippy::match_same_arms,
    reason = "each arm is a pair of a type and a default, and they read best in the types' order"
)]
pub(super) fn default_value(field: &Field, api: &Api) -> Option<TokenStream> {
    match (&field.ty, &field.default) {
        (TypeRef::List(_) | TypeRef::Map(_), None) => Some(quote!(unwrap_or_default())),
        (TypeRef::List(_), Some(Value::Array(items))) if items.is_empty() => {
            Some(quote!(unwrap_or_default()))
        }
        (TypeRef::Map(_), Some(Value::Object(map))) if map.is_empty() => {
            Some(quote!(unwrap_or_default()))
        }
        (TypeRef::Bool, Some(Value::Bool(false))) => Some(quote!(unwrap_or_default())),
        (TypeRef::Bool, Some(Value::Bool(true))) => Some(quote!(unwrap_or(true))),
        (TypeRef::Integer(name) | TypeRef::Number(name), Some(Value::Number(number)))
            if !fits(name, number) =>
        {
            None
        }
        (TypeRef::Integer(_), Some(Value::Number(number))) => {
            let value = proc_macro2::Literal::i64_unsuffixed(number.as_i64()?);
            Some(quote!(unwrap_or(#value)))
        }
        (TypeRef::Number(_), Some(Value::Number(number))) => {
            let value = proc_macro2::Literal::f64_unsuffixed(number.as_f64()?);
            Some(quote!(unwrap_or(#value)))
        }
        (TypeRef::Text, Some(Value::String(text))) if text.is_empty() => {
            Some(quote!(unwrap_or_default()))
        }
        (TypeRef::Text, Some(Value::String(text))) => {
            Some(quote!(unwrap_or_else(|| #text.to_owned())))
        }
        (TypeRef::Named(name), Some(Value::String(text))) => {
            let is_enum = matches!(api.types.get(name)?.shape, Shape::Enumeration(_));
            is_enum.then(|| quote!(unwrap_or_else(|| #text.into())))
        }
        _ => None,
    }
}

/// Whether a number is one of the Rust type's; a literal that is not would not compile.
fn fits(name: &str, number: &serde_json::Number) -> bool {
    let text = number.to_string();
    match name {
        "i8" => text.parse::<i8>().is_ok(),
        "i16" => text.parse::<i16>().is_ok(),
        "i32" => text.parse::<i32>().is_ok(),
        "u8" => text.parse::<u8>().is_ok(),
        "u16" => text.parse::<u16>().is_ok(),
        "u32" => text.parse::<u32>().is_ok(),
        "u64" => text.parse::<u64>().is_ok(),
        "f32" => text.parse::<f32>().is_ok_and(f32::is_finite),
        _ => true,
    }
}

/// Whether a struct of such fields has a `Default`: nothing in it must be there.
pub(super) fn is_omittable(presence: Presence) -> bool {
    matches!(
        presence,
        Presence::Optional | Presence::Patch | Presence::Constant
    )
}
