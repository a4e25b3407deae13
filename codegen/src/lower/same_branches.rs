//! Branches of a union that are one Rust type under two names become one branch; a union of one branch is that type.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{Branch, Drafts, Shape, Union};
use crate::circles::{Graph, innermost_first};
use crate::ir::TypeRef;

pub(super) fn merge(drafts: &mut Drafts<'_>) {
    // A union that becomes an alias can make two branches of another union equal. What a type is made of comes before
    // it, so one round finds all but what stands in circles; go on until nothing changes.
    while round(drafts) {}
}

fn round(drafts: &mut Drafts<'_>) -> bool {
    let order = order(drafts);
    let mut kinds = Kinds::default();
    let mut changed = false;
    for name in order {
        let Some(draft) = drafts.get_mut(&name) else {
            continue;
        };
        let kind = match &mut draft.shape {
            Shape::Alias(target) => kinds.of(target),
            Shape::Union(union) if union.tag.is_none() => {
                changed |= kinds.merge(union);
                let [only] = union.branches.as_slice() else {
                    continue;
                };
                let only = only.ty.clone();
                let kind = kinds.of(&only);
                draft.shape = Shape::Alias(only);
                kind
            }
            _ => continue,
        };
        kinds.of_names.insert(name, kind);
    }
    changed
}

/// Aliases and unions, each after those that it mentions.
fn order(drafts: &Drafts<'_>) -> Vec<String> {
    let mut graph = Graph::new();
    for (name, draft) in drafts {
        if !matches!(draft.shape, Shape::Alias(_) | Shape::Union(_)) {
            continue;
        }
        let mut names = Vec::new();
        for part in draft.shape.parts() {
            part.each_name(&mut |name| names.push(name));
        }
        graph.insert(name, names);
    }
    innermost_first(&graph)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// Numbers for types, equal for those that Rust takes for one. A number stands for all that it is made of, as a type
/// written out in full can be longer than any memory.
#[derive(Default)]
pub(super) struct Kinds {
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
    /// Of a description in which what names stand for is settled.
    pub(super) fn settled(drafts: &Drafts<'_>) -> Self {
        let mut kinds = Self::default();
        for name in order(drafts) {
            if let Some(Shape::Alias(target)) = drafts.get(&name).map(|draft| &draft.shape) {
                let kind = kinds.of(target);
                kinds.of_names.insert(name, kind);
            }
        }
        kinds
    }

    /// Whether no other branch is of the type of each.
    pub(super) fn are_alone(&mut self, branches: &[Branch]) -> Vec<bool> {
        let kinds: Vec<usize> = branches.iter().map(|branch| self.of(&branch.ty)).collect();
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for kind in &kinds {
            *counts.entry(*kind).or_default() += 1;
        }
        kinds.iter().map(|kind| counts[kind] == 1).collect()
    }

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
