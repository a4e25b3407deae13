//! How a parameter's value becomes text where the description leaves it to its place: what is no plain text, such as an object or a
//! union, is written by a style, field by field.

use crate::ir::{Api, Parameter, ParameterPlace, Shape, Style, TypeRef};

pub(super) fn of(parameter: &Parameter, api: &Api) -> Style {
    match (parameter.style, parameter.place) {
        (Style::Usual, ParameterPlace::Cookie) => Style::FormExploded,
        (Style::Usual, _) if is_plain(&parameter.field.ty, api) => Style::Usual,
        (Style::Usual, ParameterPlace::Query) => Style::FormExploded,
        (Style::Usual, ParameterPlace::Path | ParameterPlace::Header) => Style::Simple,
        (said, _) => said,
    }
}

/// Whether the value is one text, or a list of them.
fn is_plain<'a>(mut ty: &'a TypeRef, api: &'a Api) -> bool {
    loop {
        match api.resolved(ty) {
            TypeRef::List(item) => ty = item,
            TypeRef::Named(name) => {
                let shape = api.types.get(name).map(|ty| &ty.shape);
                return matches!(shape, Some(Shape::Enumeration(_)));
            }
            TypeRef::Any
            | TypeRef::Map(_)
            | TypeRef::Tuple(_)
            | TypeRef::Optional(_)
            | TypeRef::Boxed(_) => return false,
            _ => return true,
        }
    }
}
