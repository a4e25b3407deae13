//! Lists and maps that hold only themselves: Rust has no alias for them, so what they hold is read as anything.

use std::collections::BTreeSet;

use crate::ir::{Api, Shape, TypeRef};
use crate::notes::Loss;

pub(super) fn cut(api: &mut Api) {
    let names: Vec<String> = api.types.keys().cloned().collect();
    for name in names {
        if !holds_itself(api, &name) {
            continue;
        }
        let Some(ty) = api.types.get_mut(&name) else {
            continue;
        };
        if let Shape::Alias(target) = &mut ty.shape {
            *target = match target {
                TypeRef::List(_) => TypeRef::List(Box::new(TypeRef::Any)),
                TypeRef::Map(_) => TypeRef::Map(Box::new(TypeRef::Any)),
                _ => TypeRef::Any,
            };
        }
        api.losses.push(Loss {
            pointer: ty.source.clone(),
            what: "the type of what it holds".to_owned(),
            why: "it holds only itself, for which Rust has no alias; it is read as anything"
                .to_owned(),
        });
    }
}

/// Whether a chain of aliases leads back to the name. Objects and unions are types of their own and end it.
fn holds_itself(api: &Api, start: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![start.to_owned()];
    while let Some(name) = open.pop() {
        let Some(Shape::Alias(target)) = api.types.get(&name).map(|ty| &ty.shape) else {
            continue;
        };
        let mut back = false;
        target.names(&mut |name| {
            back |= name == start;
            if seen.insert(name.to_owned()) {
                open.push(name.to_owned());
            }
        });
        if back {
            return true;
        }
    }
    false
}
