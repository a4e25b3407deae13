//! Lists and maps that hold only themselves, for which Rust has no alias: such a map is a type of its own, and what such a list
//! holds is read as anything.

use std::collections::BTreeSet;

use super::drafts::{Drafts, Object, Shape, aliases};
use crate::circles::circles;
use crate::ir::TypeRef;
use crate::loss::Loss;

/// How often the first name of each circle is cut, before all names of those that are left are.
const ROUNDS: usize = 20;

pub(super) fn cut(drafts: &mut Drafts<'_>, losses: &mut Vec<Loss>) {
    for round in 1..=ROUNDS {
        let names = on_circles(drafts, round == ROUNDS);
        if names.is_empty() {
            break;
        }
        for name in names {
            losses.extend(cut_at(drafts, &name));
        }
    }
}

/// The first map of each circle of aliases, or else its first name; or all of them. Objects and unions are types of their own and
/// end a chain.
fn on_circles(drafts: &Drafts<'_>, all: bool) -> BTreeSet<String> {
    let graph = aliases(drafts);
    let is_map = |name: &str| matches!(drafts[name].shape, Shape::Alias(TypeRef::Map(_)));
    let mut names = BTreeSet::new();
    for circle in circles(&graph) {
        let first = circle.iter().find(|name| is_map(name)).or(circle.first());
        if all {
            names.extend(circle.iter().map(|name| (*name).to_owned()));
        } else {
            names.extend(first.map(|name| (*name).to_owned()));
        }
    }
    names
}

/// What is lost by it, where anything is.
fn cut_at(drafts: &mut Drafts<'_>, name: &str) -> Option<Loss> {
    let draft = drafts.get_mut(name)?;
    let Shape::Alias(target) = &mut draft.shape else {
        return None;
    };
    let cut = match target {
        TypeRef::Map(entry) => {
            draft.shape = Shape::Object(Object {
                members: Vec::new(),
                additional: Some((**entry).clone()),
                additional_part: None,
            });
            return None;
        }
        TypeRef::List(_) => TypeRef::List(Box::new(TypeRef::Any)),
        _ => TypeRef::Any,
    };
    draft.shape = Shape::Alias(cut);
    Some(Loss {
        pointer: draft.source.clone(),
        what: "the type of what it holds".to_owned(),
        why: "it holds only itself, for which Rust has no alias; it is read as anything".to_owned(),
    })
}
