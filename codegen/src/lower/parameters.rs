//! Values of parameters that are no plain text, such as an object or a union, are written by a style, field by field.

use crate::ir::{Api, ParameterPlace, Shape, Style, TypeRef};

pub(super) fn settle(api: &mut Api) {
    let types = &api.types;
    let is_text = |name: &str| match types.get(name).map(|ty| &ty.shape) {
        Some(Shape::Enumeration(_)) => Named::Text,
        Some(Shape::Alias(target)) => Named::Alias(target),
        _ => Named::Other,
    };
    for operation in api.operations.values_mut() {
        for parameter in &mut operation.parameters {
            // No style has a null: a parameter that may be null is not there then.
            let must_be_said = parameter.field.required && parameter.style != Style::Json;
            parameter.field.nullable &= !must_be_said;
            let is_usual = parameter.style == Style::Usual;
            if is_usual && parameter.place == ParameterPlace::Cookie {
                parameter.style = Style::FormExploded;
            } else if is_usual && !is_plain(&parameter.field.ty, &is_text, LINKS) {
                parameter.style = match parameter.place {
                    ParameterPlace::Query | ParameterPlace::Cookie => Style::FormExploded,
                    ParameterPlace::Path | ParameterPlace::Header => Style::Simple,
                };
            }
        }
    }
}

/// The longest chain of aliases that is followed.
const LINKS: usize = 100;

/// What a name means to a parameter.
enum Named<'t> {
    Text,
    Alias(&'t TypeRef),
    Other,
}

/// Whether the value is one text, or a list of them. `steps` ends a chain of aliases that leads nowhere.
fn is_plain<'t>(ty: &TypeRef, named: &dyn Fn(&str) -> Named<'t>, steps: usize) -> bool {
    match ty {
        TypeRef::Named(name) => match named(name) {
            Named::Text => true,
            Named::Alias(target) => steps > 0 && is_plain(target, named, steps - 1),
            Named::Other => false,
        },
        TypeRef::List(inner) => is_plain(inner, named, steps),
        TypeRef::Any
        | TypeRef::Map(_)
        | TypeRef::Tuple(_)
        | TypeRef::Optional(_)
        | TypeRef::Boxed(_) => false,
        _ => true,
    }
}
