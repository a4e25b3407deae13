//! Puts a value on the heap where a type would hold itself, as its size would have no end.
//!
//! The types are walked in depth, by name; where the walk comes back to a type that it has not left, there the box is.

use std::collections::{BTreeMap, BTreeSet};

use crate::circles::{Graph, innermost_first};
use crate::ir::{Api, Shape, Type, TypeRef};

/// The types that each type holds without the heap in between.
type Holds = BTreeMap<String, Vec<String>>;

/// One type and one that it holds.
type Edge = (String, String);

pub(super) fn put(api: &mut Api) {
    let aliases = held_by_aliases(&api.types);
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

/// What stands in each alias, looked through to the end.
fn held_by_aliases(types: &BTreeMap<String, Type>) -> Holds {
    let mut graph = Graph::new();
    for (name, ty) in types {
        if let Shape::Alias(target) = &ty.shape {
            let mut names = Vec::new();
            target.each_name(&mut |name| names.push(name));
            graph.insert(name, names);
        }
    }
    let mut held = Holds::new();
    for name in innermost_first(&graph) {
        if let Shape::Alias(target) = &types[name].shape {
            let mut names = Vec::new();
            directly(target, &held, &mut names);
            let mut seen = BTreeSet::new();
            names.retain(|name| seen.insert(name.clone()));
            held.insert(name.to_owned(), names);
        }
    }
    held
}

fn held_by(ty: &Type, aliases: &Holds) -> Vec<String> {
    let mut held = Vec::new();
    // An alias has no size of its own: it is looked through where it is used.
    if !matches!(ty.shape, Shape::Alias(_)) {
        for part in ty.shape.parts() {
            directly(part, aliases, &mut held);
        }
    }
    held
}

/// The names that stand in the type itself. Lists and maps keep what they hold on the heap, as boxes do.
fn directly(ty: &TypeRef, aliases: &Holds, names: &mut Vec<String>) {
    match ty {
        TypeRef::Named(name) => match aliases.get(name) {
            Some(held) => names.extend_from_slice(held),
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
        Shape::Alias(_) | Shape::Enumeration(_) | Shape::Outcomes(_) => Vec::new(),
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
