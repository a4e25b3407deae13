//! Branches of a union that are one Rust type under two names become one branch; a union of one branch is that type.

use std::collections::{BTreeMap, BTreeSet};

use crate::circles::{Graph, innermost_first};
use crate::ir::{Api, Shape, TypeRef, Union};

pub(super) fn merge(api: &mut Api) {
    // A union that becomes an alias can make two branches of another union equal. What a type is made of comes before
    // it, so one round finds all but what stands in circles; go on until nothing changes.
    while round(api) {}
}

/// Notes which branches of a union no other one has the type of: only their types turn into the union by themselves. What
/// names stand for is settled by then.
pub(super) fn set_apart(api: &mut Api) {
    let mut kinds = Kinds::default();
    let order: Vec<String> = order(api).into_iter().map(str::to_owned).collect();
    for name in &order {
        if let Some(Shape::Alias(target)) = api.types.get(name).map(|ty| &ty.shape) {
            let kind = kinds.of(target);
            kinds.of_names.insert(name.clone(), kind);
        }
    }
    for ty in api.types.values_mut() {
        if let Shape::Union(union) = &mut ty.shape {
            let of_branches = union.branches.iter().map(|branch| kinds.of(&branch.ty));
            let of_branches: Vec<usize> = of_branches.collect();
            for (branch, kind) in union.branches.iter_mut().zip(&of_branches) {
                branch.is_alone = of_branches.iter().filter(|other| *other == kind).count() == 1;
            }
        }
    }
}

fn round(api: &mut Api) -> bool {
    let order: Vec<String> = order(api).into_iter().map(str::to_owned).collect();
    let mut kinds = Kinds::default();
    let mut changed = false;
    for name in order {
        let Some(ty) = api.types.get_mut(&name) else {
            continue;
        };
        let kind = match &mut ty.shape {
            Shape::Alias(target) => kinds.of(target),
            Shape::Union(union) if union.tag.is_none() => {
                changed |= kinds.merge(union);
                let [only] = union.branches.as_slice() else {
                    continue;
                };
                let only = only.ty.clone();
                let kind = kinds.of(&only);
                ty.shape = Shape::Alias(only);
                kind
            }
            _ => continue,
        };
        kinds.of_names.insert(name, kind);
    }
    changed
}

/// Aliases and unions, each after those that it mentions.
fn order(api: &Api) -> Vec<&str> {
    let mut graph = Graph::new();
    for (name, ty) in &api.types {
        if !matches!(ty.shape, Shape::Alias(_) | Shape::Union(_)) {
            continue;
        }
        let mut names = Vec::new();
        for part in ty.shape.parts() {
            part.each_name(&mut |name| names.push(name));
        }
        graph.insert(name, names);
    }
    innermost_first(&graph)
}

/// Numbers for types, equal for those that Rust takes for one. A number stands for all that it is made of, as a type
/// written out in full can be longer than any memory.
#[derive(Default)]
struct Kinds {
    numbers: BTreeMap<Kind, usize>,
    of_names: BTreeMap<String, usize>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Plain(TypeRef),
    List(usize),
    Map(usize),
    Optional(usize),
    Boxed(usize),
    Tuple(Vec<usize>),
}

impl Kinds {
    fn of(&mut self, ty: &TypeRef) -> usize {
        let kind = match ty {
            TypeRef::Named(name) => match self.of_names.get(name) {
                Some(number) => return *number,
                None => Kind::Plain(ty.clone()),
            },
            TypeRef::List(inner) => Kind::List(self.of(inner)),
            TypeRef::Map(inner) => Kind::Map(self.of(inner)),
            TypeRef::Optional(inner) => Kind::Optional(self.of(inner)),
            TypeRef::Boxed(inner) => Kind::Boxed(self.of(inner)),
            TypeRef::Tuple(items) => Kind::Tuple(items.iter().map(|item| self.of(item)).collect()),
            plain => Kind::Plain(plain.clone()),
        };
        let next = self.numbers.len();
        *self.numbers.entry(kind).or_insert(next)
    }

    /// Keeps the first branch of each kind. The result is whether there were others.
    fn merge(&mut self, union: &mut Union) -> bool {
        let before = union.branches.len();
        let mut seen = BTreeSet::new();
        union
            .branches
            .retain(|branch| seen.insert(self.of(&branch.ty)));
        union.branches.len() < before
    }
}
