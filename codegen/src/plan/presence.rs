//! How a field stands in its struct: must be there, may be absent, may be null, or always the same.

use super::travel::Travel;
use crate::ir::{Api, Field, IntegerType, NumberType, Shape, TypeRef};
use crate::json::{Number, Value};

/// A field with how it stands.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'f> {
    pub(crate) field: &'f Field,
    pub(crate) presence: Presence,
    /// Whether it must be there, whichever way it goes.
    pub(crate) required: bool,
    /// Whether it must be there in what is sent, and need not be in what comes.
    pub(crate) asked: bool,
    /// Whether it only comes from the server, in a type that is also sent.
    pub(crate) only_answered: bool,
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
    /// What an operation takes by itself.
    pub(super) fn argument(field: &'f Field, api: &Api) -> Self {
        Self::new(field, Standing::alone(field), Travel::SENT, api)
    }

    /// A field of a type that travels so, where it is one there.
    pub(super) fn member(field: &'f Field, travel: Travel, api: &Api) -> Option<Self> {
        let standing = Standing::member(field, travel)?;
        Some(Self::new(field, standing, travel, api))
    }

    fn new(field: &'f Field, standing: Standing, travel: Travel, api: &Api) -> Self {
        let Standing {
            required,
            asked,
            only_answered,
        } = standing;
        let only_received = travel.received && !travel.sent;
        let may_be_absent = !required && !field.nullable && field.constant.is_none();
        let fallback = (only_received && may_be_absent)
            .then(|| fallback(field, api))
            .flatten();
        Self {
            field,
            presence: presence(field, required, travel, fallback.is_some()),
            required,
            asked,
            only_answered,
            fallback,
            tag: field.tag.as_deref().map(|tag| own_tag(tag, field, api)),
        }
    }

    /// Whether a struct of such fields has a `Default`.
    pub(crate) fn is_omittable(&self) -> bool {
        self.presence.is_omittable() && !self.asked && self.tag.is_none()
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

/// Which ways a field goes.
#[derive(Clone, Copy)]
struct Standing {
    required: bool,
    asked: bool,
    only_answered: bool,
}

impl Standing {
    /// As its own schema says.
    fn alone(field: &Field) -> Self {
        Self {
            required: field.required,
            asked: false,
            only_answered: field.read_only,
        }
    }

    /// What only comes from the server (`readOnly`) is no part of a type that is only sent, and need not be there in one
    /// that goes both ways. What only goes to the server (`writeOnly`) need not be there in one that comes: some servers
    /// answer it all the same, masked.
    fn member(field: &Field, travel: Travel) -> Option<Self> {
        let Travel { sent, received, .. } = travel;
        if !sent && !received {
            return Some(Self::alone(field));
        }
        if field.read_only && !received {
            return None;
        }
        let only_answered = field.read_only && sent;
        let only_sent = field.write_only && received;
        Some(Self {
            required: field.required && !only_answered && !only_sent,
            asked: field.required && !field.nullable && sent && only_sent,
            only_answered,
        })
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
fn presence(field: &Field, required: bool, travel: Travel, has_fallback: bool) -> Presence {
    if field.constant.is_some() {
        return Presence::Constant;
    }
    match (required, field.nullable) {
        (true, true) => Presence::RequiredNullable,
        (true, false) => Presence::Required,
        (false, true) if travel.updates || !travel.received && field.has_default() => {
            Presence::Patch
        }
        (false, false) if has_fallback => Presence::Defaulted,
        (false, _) => Presence::Optional,
    }
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
