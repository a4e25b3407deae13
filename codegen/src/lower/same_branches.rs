//! Branches of a union that are one Rust type under two names become one branch; a union of one branch is that type.

use std::collections::BTreeMap;

use crate::ir::{Api, Shape, Type, TypeRef};

pub(super) fn merge(api: &mut Api) {
    // A union that becomes an alias can make two branches of another union equal, so go on until nothing changes.
    while step(api) {}
}

fn step(api: &mut Api) -> bool {
    let aliases = aliases(&api.types);
    let mut changed = false;
    for ty in api.types.values_mut() {
        let Shape::Union(union) = &mut ty.shape else {
            continue;
        };
        if union.tag.is_some() {
            continue;
        }
        let before = union.branches.len();
        let mut seen = Vec::new();
        union.branches.retain(|branch| {
            let expanded = expand(&branch.ty, &aliases);
            let new = !seen.contains(&expanded);
            seen.push(expanded);
            new
        });
        changed |= union.branches.len() < before;
        if let [only] = union.branches.as_slice() {
            ty.shape = Shape::Alias(only.ty.clone());
        }
    }
    changed
}

fn aliases(types: &BTreeMap<String, Type>) -> BTreeMap<String, TypeRef> {
    let aliases = types.iter().filter_map(|(name, ty)| match &ty.shape {
        Shape::Alias(target) => Some((name.clone(), target.clone())),
        _ => None,
    });
    aliases.collect()
}

fn expand(ty: &TypeRef, aliases: &BTreeMap<String, TypeRef>) -> TypeRef {
    let inner = |ty: &TypeRef| Box::new(expand(ty, aliases));
    match ty {
        TypeRef::Named(name) => match aliases.get(name) {
            // Aliases of themselves were cut, so this ends.
            Some(target) => expand(target, aliases),
            None => ty.clone(),
        },
        TypeRef::List(ty) => TypeRef::List(inner(ty)),
        TypeRef::Map(ty) => TypeRef::Map(inner(ty)),
        TypeRef::Optional(ty) => TypeRef::Optional(inner(ty)),
        TypeRef::Boxed(ty) => TypeRef::Boxed(inner(ty)),
        TypeRef::Tuple(items) => {
            TypeRef::Tuple(items.iter().map(|ty| expand(ty, aliases)).collect())
        }
        other => other.clone(),
    }
}
