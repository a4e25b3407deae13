//! Puts a branch of a union on the heap where the branch holds the union itself: its size would have no end.
//!
//! typify breaks such a cycle somewhere along it, which may be at the union's variant, whose own type is not read.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Api, Shape, Type, TypeRef};

pub(super) fn cut(api: &mut Api) {
    let types = api.types.clone();
    for (name, ty) in &mut api.types {
        let Shape::Union(union) = &mut ty.shape else {
            continue;
        };
        for branch in &mut union.branches {
            if holds(&branch.ty, name, &types) {
                let inner = std::mem::replace(&mut branch.ty, TypeRef::Any);
                branch.ty = TypeRef::Boxed(Box::new(inner));
            }
        }
    }
}

/// Whether a value of the type holds one of the named type without the heap in between.
fn holds(ty: &TypeRef, target: &str, types: &BTreeMap<String, Type>) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = Vec::new();
    directly(ty, &mut open);
    while let Some(name) = open.pop() {
        if name == target {
            return true;
        }
        if let Some(ty) = types.get(&name).filter(|_| seen.insert(name)) {
            for part in ty.shape.parts() {
                directly(part, &mut open);
            }
        }
    }
    false
}

/// The names that stand in the type itself. Lists and maps keep what they hold on the heap, as boxes do.
fn directly(ty: &TypeRef, names: &mut Vec<String>) {
    match ty {
        TypeRef::Named(name) => names.push(name.clone()),
        TypeRef::Optional(inner) => directly(inner, names),
        TypeRef::Tuple(items) => items.iter().for_each(|item| directly(item, names)),
        _ => {}
    }
}
