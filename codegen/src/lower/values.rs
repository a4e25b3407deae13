//! Schemas where they are used: the type of a value.

use super::members;
use super::reader::{Placed, Reader, reference};
use crate::ir::{IntegerType, NumberType, TypeRef};
use crate::json::Value;
use crate::pointer::Pointer;

impl<'c> Reader<'c> {
    /// The type of a value that may be null where the schema says so.
    pub(super) fn value_or_null(&mut self, schema: &'c Value, place: &Pointer) -> TypeRef {
        let ty = self.value(schema, place);
        if self.note(place).nullable {
            TypeRef::Optional(Box::new(ty))
        } else {
            ty
        }
    }

    /// The type of a value that is not null.
    pub(super) fn value(&mut self, schema: &'c Value, place: &Pointer) -> TypeRef {
        if let Some(name) = reference(schema) {
            if self.component(name).is_null() {
                self.lose(place, "the type", "what it refers to is no component");
                return TypeRef::Any;
            }
            return TypeRef::Named(name.to_owned());
        }
        let note = self.note(place);
        if let Some(carrier) = &note.tuple {
            return self.tuple(carrier);
        }
        let telling = members::telling(schema, place);
        if !telling.is_empty() {
            return self.parts(&telling);
        }
        let format = schema["format"].as_str();
        match schema["type"].as_str() {
            Some("string") if note.file => TypeRef::File,
            Some("string") if note.secret && !is_typed(format) => TypeRef::Secret,
            Some("string") => text(format),
            Some("integer") => TypeRef::Integer(integer(format)),
            Some("number") => TypeRef::Number(number(format)),
            Some("boolean") => TypeRef::Bool,
            Some("array") => self.list(schema, place),
            Some("object") => self.map(schema, place),
            _ => self.untyped(schema, place),
        }
    }

    fn untyped(&mut self, schema: &'c Value, place: &Pointer) -> TypeRef {
        if schema["items"].is_object() {
            return self.list(schema, place);
        }
        let has_entries = schema["additionalProperties"].is_object();
        if has_entries || schema["properties"].is_object() {
            return self.map(schema, place);
        }
        TypeRef::Any
    }

    fn list(&mut self, schema: &'c Value, place: &Pointer) -> TypeRef {
        let item = match schema.get("items") {
            Some(items) => self.value_or_null(items, &place.child("items")),
            None => TypeRef::Any,
        };
        TypeRef::List(Box::new(item))
    }

    fn map(&mut self, schema: &'c Value, place: &Pointer) -> TypeRef {
        let entry = match schema.get("additionalProperties") {
            Some(entry @ Value::Object(_)) => {
                self.value_or_null(entry, &place.child("additionalProperties"))
            }
            _ => TypeRef::Any,
        };
        TypeRef::Map(Box::new(entry))
    }

    /// The items are the properties `item0`, `item1`, … of a component that nothing else uses.
    fn tuple(&mut self, carrier: &str) -> TypeRef {
        let place = Pointer::schema(carrier).child("properties");
        let properties = &self.component(carrier)["properties"];
        let count = properties.as_object().map_or(0, crate::json::Map::len);
        let items = (0..count).map(|index| {
            let name = format!("item{index}");
            self.value_or_null(&properties[&name], &place.child(&name))
        });
        TypeRef::Tuple(items.collect())
    }

    /// Several parts that are no object with fields are what the narrowest says, and of others the first one.
    fn parts(&mut self, parts: &[Placed<'c>]) -> TypeRef {
        let mut narrowest: Option<TypeRef> = None;
        for (part, place) in parts {
            let ty = self.value(part, place);
            let known = narrowest.get_or_insert_with(|| ty.clone());
            if self.narrows(&ty, known) {
                *known = ty;
            } else if *known != ty && !self.narrows(known, &ty) {
                self.lose(
                    place,
                    "a part of an `allOf`",
                    "it narrows another part in a way that Rust can't say",
                );
            }
        }
        narrowest.unwrap_or(TypeRef::Any)
    }

    /// Whether what is of the one type is of the other, wider one too, as far as the two say it.
    fn narrows(&self, ty: &TypeRef, wide: &TypeRef) -> bool {
        let is = |name: &str, kind: &str| self.component(name)["type"] == kind;
        match (ty, wide) {
            (TypeRef::Any, _) => false,
            (_, TypeRef::Any)
            | (TypeRef::Integer(_), TypeRef::Number(_))
            | (
                TypeRef::Uuid | TypeRef::Date | TypeRef::DateTime | TypeRef::Secret,
                TypeRef::Text,
            ) => true,
            (TypeRef::List(item), TypeRef::List(wide))
            | (TypeRef::Map(item), TypeRef::Map(wide)) => self.narrows(item, wide),
            (TypeRef::Named(name), TypeRef::List(item)) => {
                **item == TypeRef::Any && is(name, "array")
            }
            (TypeRef::Named(name), TypeRef::Map(item)) => {
                **item == TypeRef::Any && is(name, "object")
            }
            (TypeRef::Named(name), TypeRef::Text) => is(name, "string"),
            _ => false,
        }
    }
}

/// The type of a value that is no object, and of a list of these.
pub(super) fn plain(schema: &Value) -> TypeRef {
    let format = schema["format"].as_str();
    match schema["type"].as_str() {
        Some("string") => text(format),
        Some("integer") => TypeRef::Integer(integer(format)),
        Some("number") => TypeRef::Number(number(format)),
        Some("boolean") => TypeRef::Bool,
        Some("array") => TypeRef::List(Box::new(plain(&schema["items"]))),
        _ => TypeRef::Any,
    }
}

fn is_typed(format: Option<&str>) -> bool {
    text(format) != TypeRef::Text
}

fn text(format: Option<&str>) -> TypeRef {
    match format {
        Some("uuid") => TypeRef::Uuid,
        Some("date-time") => TypeRef::DateTime,
        Some("date") => TypeRef::Date,
        _ => TypeRef::Text,
    }
}

fn integer(format: Option<&str>) -> IntegerType {
    match format {
        Some("int32") => IntegerType::I32,
        Some("uint64") => IntegerType::U64,
        Some("int128") => IntegerType::I128,
        Some("uint128") => IntegerType::U128,
        _ => IntegerType::I64,
    }
}

fn number(format: Option<&str>) -> NumberType {
    match format {
        Some("float") => NumberType::F32,
        _ => NumberType::F64,
    }
}
