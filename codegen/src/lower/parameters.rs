//! Parameters travel as text: what has no one text, such as an object or a union, is given as text by the caller.

use crate::ir::{Api, Shape, TypeRef};
use crate::notes::Loss;

pub(super) fn settle(api: &mut Api) {
    let types = &api.types;
    let is_text = |name: &str| match types.get(name).map(|ty| &ty.shape) {
        Some(Shape::Enumeration(_)) => Settled::Kept,
        Some(Shape::Alias(target)) => Settled::Alias(target),
        _ => Settled::Text,
    };
    for operation in api.operations.values_mut() {
        for parameter in &mut operation.parameters {
            let field = &mut parameter.field;
            let settled = as_text(&field.ty, &is_text, types.len());
            if settled == field.ty {
                continue;
            }
            api.losses.push(Loss {
                pointer: field.source.clone(),
                what: "the type of the parameter".to_owned(),
                why: "a value of this form has no one text; the caller gives the text".to_owned(),
            });
            field.ty = settled;
        }
    }
}

/// What a name means to a parameter.
enum Settled<'t> {
    Kept,
    Alias(&'t TypeRef),
    Text,
}

/// The type itself where it travels as text. `steps` ends a chain of aliases that leads nowhere.
fn as_text<'t>(ty: &TypeRef, named: &dyn Fn(&str) -> Settled<'t>, steps: usize) -> TypeRef {
    match ty {
        TypeRef::Named(name) => match named(name) {
            Settled::Kept => ty.clone(),
            Settled::Alias(target) if steps > 0 => {
                let settled = as_text(target, named, steps - 1);
                if settled == *target {
                    ty.clone()
                } else {
                    settled
                }
            }
            Settled::Alias(_) | Settled::Text => TypeRef::Text,
        },
        TypeRef::List(inner) => TypeRef::List(Box::new(as_text(inner, named, steps))),
        TypeRef::Optional(inner) | TypeRef::Boxed(inner) => as_text(inner, named, steps),
        TypeRef::Any | TypeRef::Map(_) | TypeRef::Tuple(_) => TypeRef::Text,
        _ => ty.clone(),
    }
}
