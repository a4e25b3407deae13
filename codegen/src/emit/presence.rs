//! How a field stands in its struct: must be there, may be absent, may be null, or always the same.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value;

use super::rust_type::owned;
use crate::ir::{Api, Field, IntegerType, NumberType, Shape, Travel, TypeRef};

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
        (false, false) if only_received && fallback(field, api).is_some() => Presence::Defaulted,
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

/// What a field is when the server leaves it out.
pub(super) enum Fallback {
    /// `false`, no text, nothing in a collection: what the type has as its default.
    Empty(TokenStream),
    /// A value that costs nothing.
    Plain(TokenStream),
    /// A value that is made.
    Made(TokenStream),
}

impl Fallback {
    /// The value itself.
    pub(super) fn value(&self) -> TokenStream {
        match self {
            Self::Empty(value) | Self::Plain(value) | Self::Made(value) => value.clone(),
        }
    }

    /// The method of an `Option` that puts the value where there is none.
    pub(super) fn of_option(&self) -> TokenStream {
        match self {
            Self::Empty(_) => quote!(unwrap_or_default()),
            Self::Plain(value) => quote!(unwrap_or(#value)),
            Self::Made(value) => quote!(unwrap_or_else(|| #value)),
        }
    }
}

/// The default of a plain type, or nothing in a collection.
pub(super) fn fallback(field: &Field, api: &Api) -> Option<Fallback> {
    match (&field.ty, &field.default) {
        (TypeRef::List(_), None) => Some(Fallback::Empty(quote!(Vec::new()))),
        (TypeRef::List(_), Some(Value::Array(items))) if items.is_empty() => {
            Some(Fallback::Empty(quote!(Vec::new())))
        }
        (TypeRef::Map(_), None) => Some(Fallback::Empty(quote!(BTreeMap::new()))),
        (TypeRef::Map(_), Some(Value::Object(map))) if map.is_empty() => {
            Some(Fallback::Empty(quote!(BTreeMap::new())))
        }
        (TypeRef::Bool, Some(Value::Bool(false))) => Some(Fallback::Empty(quote!(false))),
        (TypeRef::Bool, Some(Value::Bool(true))) => Some(Fallback::Plain(quote!(true))),
        (TypeRef::Integer(kind), Some(Value::Number(number))) => {
            let value = whole(*kind, number)?;
            Some(Fallback::Plain(quote!(#value)))
        }
        (TypeRef::Number(kind), Some(Value::Number(number))) => {
            let value = number.as_f64().filter(|value| fits(*kind, *value))?;
            let value = Literal::f64_unsuffixed(value);
            Some(Fallback::Plain(quote!(#value)))
        }
        (TypeRef::Text, Some(Value::String(text))) if text.is_empty() => {
            Some(Fallback::Empty(quote!(String::new())))
        }
        (TypeRef::Text, Some(Value::String(text))) => {
            Some(Fallback::Made(quote!(#text.to_owned())))
        }
        (TypeRef::Named(name), Some(Value::String(text))) => {
            let is_enum = matches!(api.types.get(name)?.shape, Shape::Enumeration(_));
            is_enum.then(|| Fallback::Made(quote!(#text.into())))
        }
        _ => None,
    }
}

/// The number as the Rust type has it; a literal that is none of its values would not compile.
fn whole(kind: IntegerType, number: &serde_json::Number) -> Option<Literal> {
    let value = number.as_i64();
    match kind {
        IntegerType::U8 => value?.try_into().ok().map(Literal::u8_unsuffixed),
        IntegerType::I32 => value?.try_into().ok().map(Literal::i32_unsuffixed),
        IntegerType::I64 => value.map(Literal::i64_unsuffixed),
        IntegerType::U64 => number.as_u64().map(Literal::u64_unsuffixed),
        IntegerType::I128 => number.as_i128().map(Literal::i128_unsuffixed),
        IntegerType::U128 => number.as_u128().map(Literal::u128_unsuffixed),
    }
}

fn fits(kind: NumberType, value: f64) -> bool {
    match kind {
        NumberType::F32 => value.abs() <= f64::from(f32::MAX),
        NumberType::F64 => true,
    }
}

/// Whether a struct of such fields has a `Default`: nothing in it must be there.
pub(super) fn is_omittable(presence: Presence) -> bool {
    matches!(
        presence,
        Presence::Optional | Presence::Patch | Presence::Constant
    )
}
