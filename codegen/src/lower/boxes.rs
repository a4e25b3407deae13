//! Puts a value on the heap where a type would hold itself, as its size would have no end.
//!
//! The types are walked in depth, by name; where the walk comes back to a type that it has not left, there the box is. A type
//! that holds too many others, one in the other, has boxes too: neither the compiler nor the stack has room for any number.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{Draft, Drafts, Shape, aliases};
use crate::circles::innermost_first;
use crate::ir::TypeRef;

/// The types that each type holds without the heap in between.
type Holds<'d> = BTreeMap<&'d str, Vec<&'d str>>;

/// One type and one that it holds.
type Edge<'d> = (&'d str, &'d str);

/// Which values of each type are boxes: its fields or branches, by their number.
pub(super) struct Boxes(BTreeMap<String, BTreeSet<usize>>);

impl Boxes {
    pub(super) fn find(drafts: &Drafts<'_>) -> Self {
        let aliases = held_by_aliases(drafts);
        let mut holds: Holds<'_> = drafts
            .iter()
            .map(|(name, draft)| (name.as_str(), held_by(draft, &aliases)))
            .collect();
        let mut edges = edges_back(&holds);
        for (name, held) in &mut holds {
            held.retain(|target| !edges.contains(&(*name, *target)));
        }
        edges.extend(edges_too_far(&holds));
        let mut boxes: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (owner, _) in &edges {
            boxes.entry((*owner).to_owned()).or_default();
        }
        for (owner, indexes) in &mut boxes {
            for (index, part) in sized(&drafts[owner].shape) {
                let mut held = Vec::new();
                directly(part, &aliases, &mut held);
                if held.iter().any(|target| edges.contains(&(owner, *target))) {
                    indexes.insert(index);
                }
            }
        }
        Self(boxes)
    }

    /// The type of the field or branch of this number.
    pub(super) fn around(&self, owner: &str, index: usize, ty: TypeRef) -> TypeRef {
        let is_boxed = self.0.get(owner).is_some_and(|all| all.contains(&index));
        if is_boxed { boxed(ty) } else { ty }
    }
}

/// The fields and branches that add to the size of a type, with their numbers.
fn sized<'d>(shape: &'d Shape<'_>) -> Vec<(usize, &'d TypeRef)> {
    match shape {
        Shape::Object(object) => {
            let members = object.members.iter().enumerate();
            let members = members.filter(|(_, member)| !member.is_constant());
            members.map(|(index, member)| (index, &member.ty)).collect()
        }
        Shape::Union(union) => {
            let types = union.branches.iter().map(|branch| &branch.ty);
            types.enumerate().collect()
        }
        Shape::Alias(_) | Shape::Enumeration(_) | Shape::Outcomes(_) => Vec::new(),
    }
}

fn boxed(ty: TypeRef) -> TypeRef {
    match ty {
        TypeRef::Optional(inner) => TypeRef::Optional(Box::new(boxed(*inner))),
        ty => TypeRef::Boxed(Box::new(ty)),
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
fn edges_too_far<'d>(holds: &Holds<'d>) -> BTreeSet<Edge<'d>> {
    let mut far = BTreeSet::new();
    let mut extents: BTreeMap<&str, Extent> = BTreeMap::new();
    for name in innermost_first(holds) {
        let mut own = Extent { depth: 1, count: 1 };
        for target in holds.get(name).into_iter().flatten() {
            let inner = extents.get(target).copied().unwrap_or_default();
            let is_too_much = own.count.saturating_add(inner.count) > SEVERAL * MOST;
            if inner.depth >= DEEPEST || inner.count >= MOST || is_too_much {
                far.insert((name, *target));
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
fn held_by_aliases<'d>(drafts: &'d Drafts<'_>) -> Holds<'d> {
    let mut held = Holds::new();
    for name in innermost_first(&aliases(drafts)) {
        if let Shape::Alias(target) = &drafts[name].shape {
            let mut names = Vec::new();
            directly(target, &held, &mut names);
            let mut seen = BTreeSet::new();
            names.retain(|name| seen.insert(*name));
            held.insert(name, names);
        }
    }
    held
}

fn held_by<'d>(draft: &'d Draft<'_>, aliases: &Holds<'d>) -> Vec<&'d str> {
    let mut held = Vec::new();
    // An alias has no size of its own: it is looked through where it is used.
    if !matches!(draft.shape, Shape::Alias(_)) {
        for part in draft.shape.parts() {
            directly(part, aliases, &mut held);
        }
    }
    held
}

/// The names that stand in the type itself. Lists and maps keep what they hold on the heap, as boxes do.
fn directly<'d>(ty: &'d TypeRef, aliases: &Holds<'d>, names: &mut Vec<&'d str>) {
    match ty {
        TypeRef::Named(name) => match aliases.get(name.as_str()) {
            Some(held) => names.extend_from_slice(held),
            None => names.push(name),
        },
        TypeRef::Optional(inner) => directly(inner, aliases, names),
        TypeRef::Tuple(items) => items.iter().for_each(|item| directly(item, aliases, names)),
        _ => {}
    }
}

/// The edges that close a circle. The walk keeps its own stack: a chain of types may be longer than a thread's.
fn edges_back<'d>(holds: &Holds<'d>) -> BTreeSet<Edge<'d>> {
    let mut back = BTreeSet::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in holds.keys() {
        let mut active: BTreeSet<&str> = BTreeSet::new();
        let mut stack: Vec<(&str, std::slice::Iter<'_, &str>)> = Vec::new();
        let mut next = Some(*start);
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
                Some(target) if active.contains(target) => {
                    back.insert((*name, *target));
                }
                Some(target) => next = Some(*target),
                None => {
                    active.remove(*name);
                    stack.pop();
                }
            }
        }
    }
    back
}
