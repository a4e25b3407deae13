//! Puts a value on the heap where a type would hold itself, as its size would have no end.
//!
//! The types are walked in depth, by name; where the walk comes back to a type that it has not left, there the box is. A type
//! that holds too many others, one in the other, has boxes too: neither the compiler nor the stack has room for any number.

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
    put_at(api, &aliases, &back);
    let mut left = holds;
    for (name, held) in &mut left {
        held.retain(|target| !back.contains(&(name.clone(), target.clone())));
    }
    put_at(api, &aliases, &edges_too_far(&left));
}

fn put_at(api: &mut Api, aliases: &Holds, edges: &BTreeSet<Edge>) {
    let sources: BTreeSet<&String> = edges.iter().map(|(from, _)| from).collect();
    for (name, ty) in &mut api.types {
        if !sources.contains(name) {
            continue;
        }
        for part in parts(&mut ty.shape) {
            let mut held = Vec::new();
            directly(part, aliases, &mut held);
            let mut held = held.into_iter();
            if held.any(|target| edges.contains(&(name.clone(), target))) {
                put_box(part);
            }
        }
    }
}

/// How many types may stand one in the other. The compiler follows 128 steps, of which each takes two, or three.
const DEEPEST: usize = 24;

/// How many types a type may hold in all: about 40 kB.
const MOST: usize = 1_000;

/// How many such types stand beside each other in one.
const SEVERAL: usize = 4;

/// How far a type goes down, and how many types it holds.
#[derive(Clone, Copy, Default)]
struct Extent {
    depth: usize,
    count: usize,
}

/// The edges that lead to types which hold too many others. There are no circles any more.
fn edges_too_far(holds: &Holds) -> BTreeSet<Edge> {
    let mut far = BTreeSet::new();
    let mut extents: BTreeMap<&str, Extent> = BTreeMap::new();
    let graph: Graph<'_> = holds
        .iter()
        .map(|(name, held)| (name.as_str(), held.iter().map(String::as_str).collect()))
        .collect();
    for name in innermost_first(&graph) {
        let mut own = Extent { depth: 1, count: 1 };
        for target in holds.get(name).into_iter().flatten() {
            let inner = extents.get(target.as_str()).copied().unwrap_or_default();
            let is_too_much = own.count.saturating_add(inner.count) > SEVERAL * MOST;
            if inner.depth >= DEEPEST || inner.count >= MOST || is_too_much {
                far.insert((name.to_owned(), target.clone()));
                continue;
            }
            own.depth = own.depth.max(inner.depth + 1);
            own.count = own.count.saturating_add(inner.count);
        }
        extents.insert(name, own);
    }
    far
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
