//! How a field stands in its struct: must be there, may be absent, may be null, or always the same.

use crate::ir::{Api, Field, IntegerType, NumberType, Shape, Travel, TypeRef};
use crate::json::{Number, Value};

/// A field with how it stands.
pub(crate) struct Placed<'f> {
    pub(crate) field: &'f Field,
    pub(crate) presence: Presence,
    /// What it is where the server leaves it out.
    pub(crate) fallback: Option<Fallback<'f>>,
    /// What `new` fills in, as unions tell values of the type by it.
    pub(crate) tag: Option<Fallback<'f>>,
}

/// How a field stands in its struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
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

/// What a field is when the server leaves it out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fallback<'f> {
    List,
    Map,
    Flag(bool),
    Whole(&'f Number),
    Number(f64),
    Text(&'f str),
    /// A text of an enum.
    Variant(&'f str),
}

impl<'f> Placed<'f> {
    pub(super) fn new(field: &'f Field, travel: Travel, api: &Api) -> Self {
        let only_received = travel.received && !travel.sent;
        let may_be_absent = !field.required && !field.nullable && field.constant.is_none();
        let fallback = (only_received && may_be_absent)
            .then(|| fallback(field, api))
            .flatten();
        Self {
            field,
            presence: presence(field, travel, fallback.is_some()),
            fallback,
            tag: field.tag.as_deref().map(|tag| own_tag(tag, field, api)),
        }
    }

    /// Whether a struct of such fields has a `Default`.
    pub(crate) fn is_omittable(&self) -> bool {
        self.presence.is_omittable() && !self.field.asked && self.tag.is_none()
    }

    /// Whether it is no field of the struct.
    pub(crate) fn is_constant(&self) -> bool {
        self.presence == Presence::Constant
    }

    /// `Secret` redacts itself; other types that a person calls sensitive need help.
    pub(crate) fn is_redacted(&self) -> bool {
        self.field.secret && self.field.ty != TypeRef::Secret
    }
}

impl Presence {
    /// Whether a struct of such fields has a `Default`: nothing in it must be there.
    pub(crate) fn is_omittable(self) -> bool {
        matches!(self, Self::Optional | Self::Patch | Self::Constant)
    }
}

/// The one rule.
///
/// Absent and null are told apart in updates, and where a request's default is something else than null. What only
/// comes from the server is never absent when the description says what absence means.
fn presence(field: &Field, travel: Travel, has_fallback: bool) -> Presence {
    if field.constant.is_some() {
        return Presence::Constant;
    }
    match (field.required, field.nullable) {
        (true, true) => Presence::RequiredNullable,
        (true, false) => Presence::Required,
        (false, true) if travel.updates || !travel.received && has_default(field) => {
            Presence::Patch
        }
        (false, false) if has_fallback => Presence::Defaulted,
        (false, _) => Presence::Optional,
    }
}

fn has_default(field: &Field) -> bool {
    field.default.as_ref().is_some_and(|value| !value.is_null())
}

fn own_tag<'f>(tag: &'f str, field: &Field, api: &Api) -> Fallback<'f> {
    match api.resolved(&field.ty) {
        TypeRef::Text => Fallback::Text(tag),
        _ => Fallback::Variant(tag),
    }
}

/// The default of a plain type, or nothing in a collection.
fn fallback<'f>(field: &'f Field, api: &Api) -> Option<Fallback<'f>> {
    match (&field.ty, &field.default) {
        (TypeRef::List(_), None) => Some(Fallback::List),
        (TypeRef::List(_), Some(Value::Array(items))) if items.is_empty() => Some(Fallback::List),
        (TypeRef::Map(_), None) => Some(Fallback::Map),
        (TypeRef::Map(_), Some(Value::Object(map))) if map.is_empty() => Some(Fallback::Map),
        (TypeRef::Bool, Some(Value::Bool(flag))) => Some(Fallback::Flag(*flag)),
        (TypeRef::Integer(kind), Some(Value::Number(number))) => {
            is_value(*kind, number).then_some(Fallback::Whole(number))
        }
        (TypeRef::Number(kind), Some(Value::Number(number))) => {
            let value = number.as_f64().filter(|value| fits(*kind, *value))?;
            Some(Fallback::Number(value))
        }
        (TypeRef::Text, Some(Value::String(text))) => Some(Fallback::Text(text)),
        (TypeRef::Named(name), Some(Value::String(text))) => {
            let is_enum = matches!(api.types.get(name)?.shape, Shape::Enumeration(_));
            is_enum.then_some(Fallback::Variant(text))
        }
        _ => None,
    }
}

/// Whether the Rust type has the number; a literal that is none of its values would not compile.
fn is_value(kind: IntegerType, number: &Number) -> bool {
    let value = number.as_i64();
    match kind {
        IntegerType::U8 => value.is_some_and(|value| u8::try_from(value).is_ok()),
        IntegerType::I32 => value.is_some_and(|value| i32::try_from(value).is_ok()),
        IntegerType::I64 => value.is_some(),
        IntegerType::U64 => number.as_u64().is_some(),
        IntegerType::I128 => number.as_i128().is_some(),
        IntegerType::U128 => number.as_u128().is_some(),
    }
}

fn fits(kind: NumberType, value: f64) -> bool {
    match kind {
        NumberType::F32 => value.abs() <= f64::from(f32::MAX),
        NumberType::F64 => true,
    }
}
