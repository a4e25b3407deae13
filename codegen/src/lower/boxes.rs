//! Puts a value on the heap where a type would hold itself, as its size would have no end.
//!
//! The types are walked in depth, by name; where the walk comes back to a type that it has not left, there the box is.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Api, Shape, Type, TypeRef};

/// The types that each type holds without the heap in between.
type Holds = BTreeMap<String, Vec<String>>;

/// One type and one that it holds.
type Edge = (String, String);

pub(super) fn put(api: &mut Api) {
    let aliases: BTreeMap<String, TypeRef> = aliases(&api.types);
    let holds: Holds = api
        .types
        .iter()
        .map(|(name, ty)| (name.clone(), held_by(ty, &aliases)))
        .collect();
    let back = edges_back(&holds);
    let sources: BTreeSet<&String> = back.iter().map(|(from, _)| from).collect();
    for (name, ty) in &mut api.types {
        if !sources.contains(name) {
            continue;
        }
        for part in parts(&mut ty.shape) {
            let mut held = Vec::new();
            directly(part, &aliases, &mut held);
            if held
                .into_iter()
                .any(|target| back.contains(&(name.clone(), target)))
            {
                put_box(part);
            }
        }
    }
}

fn aliases(types: &BTreeMap<String, Type>) -> BTreeMap<String, TypeRef> {
    let aliases = types.iter().filter_map(|(name, ty)| match &ty.shape {
        Shape::Alias(target) => Some((name.clone(), target.clone())),
        _ => None,
    });
    aliases.collect()
}

fn held_by(ty: &Type, aliases: &BTreeMap<String, TypeRef>) -> Vec<String> {
    let mut held = Vec::new();
    // An alias has no size of its own: it is looked through where it is used.
    if !matches!(ty.shape, Shape::Alias(_)) {
        for part in ty.shape.parts() {
            directly(part, aliases, &mut held);
        }
    }
    held
}

/// The names that stand in the type itself. Lists and maps keep what they hold on the heap, as boxes do. Aliases of
/// themselves were cut, so this ends.
fn directly(ty: &TypeRef, aliases: &BTreeMap<String, TypeRef>, names: &mut Vec<String>) {
    match ty {
        TypeRef::Named(name) => match aliases.get(name) {
            Some(target) => directly(target, aliases, names),
            None => names.push(name.clone()),
        },
        TypeRef::Optional(inner) => directly(inner, aliases, names),
        TypeRef::Tuple(items) => items.iter().for_each(|item| directly(item, aliases, names)),
        _ => {}
    }
}

/// The edges that close a circle. The walk keeps its own stack: a chain of types may be longer than a thread's.
fn edges_back(holds: &Holds) -> BTreeSet<Edge> {
    let mut back = BTreeSet::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in holds.keys() {
        let mut active: BTreeSet<&str> = BTreeSet::new();
        let mut stack: Vec<(&str, std::slice::Iter<'_, String>)> = Vec::new();
        let mut next = Some(start.as_str());
        loop {
            if let Some(name) = next.take()
                && done.insert(name)
                && let Some(held) = holds.get(name)
            {
                active.insert(name);
                stack.push((name, held.iter()));
            }
            let Some((name, held)) = stack.last_mut() else {
                break;
            };
            match held.next() {
                Some(target) if active.contains(target.as_str()) => {
                    back.insert(((*name).to_owned(), target.clone()));
                }
                Some(target) => next = Some(target),
                None => {
                    active.remove(*name);
                    stack.pop();
                }
            }
        }
    }
    back
}

fn parts(shape: &mut Shape) -> Vec<&mut TypeRef> {
    match shape {
        Shape::Object(object) => {
            let fields = object.fields.iter_mut();
            let fields = fields.filter(|field| field.constant.is_none());
            fields.map(|field| &mut field.ty).collect()
        }
        Shape::Union(union) => {
            let branches = union.branches.iter_mut();
            branches.map(|branch| &mut branch.ty).collect()
        }
        Shape::Alias(_) | Shape::Enumeration(_) => Vec::new(),
    }
}

fn put_box(ty: &mut TypeRef) {
    match ty {
        TypeRef::Optional(inner) => put_box(inner),
        ty => {
            let inner = std::mem::replace(ty, TypeRef::Any);
            *ty = TypeRef::Boxed(Box::new(inner));
        }
    }
}
