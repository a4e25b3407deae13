//! Lists and maps that hold only themselves: Rust has no alias for them, so what they hold is read as anything.

use std::collections::BTreeSet;

use crate::circles::{Graph, circles};
use crate::ir::{Api, Shape, TypeRef};
use crate::notes::Loss;

/// How often the first name of each circle is cut, before all names of those that are left are.
const ROUNDS: usize = 20;

pub(super) fn cut(api: &mut Api) {
    for round in 1..=ROUNDS {
        let names = on_circles(api, round == ROUNDS);
        if names.is_empty() {
            break;
        }
        for name in names {
            cut_at(api, &name);
        }
    }
}

/// The first name of each circle of aliases, or all of them. Objects and unions are types of their own and end a chain.
fn on_circles(api: &Api, all: bool) -> BTreeSet<String> {
    let mut graph = Graph::new();
    for (name, ty) in &api.types {
        if let Shape::Alias(target) = &ty.shape {
            let mut names = Vec::new();
            target.each_name(&mut |name| names.push(name));
            graph.insert(name, names);
        }
    }
    let circles = circles(&graph).into_iter();
    let most = if all { usize::MAX } else { 1 };
    circles
        .flat_map(|circle| circle.into_iter().take(most))
        .map(str::to_owned)
        .collect()
}

fn cut_at(api: &mut Api, name: &str) {
    let Some(ty) = api.types.get_mut(name) else {
        return;
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
        why: "it holds only itself, for which Rust has no alias; it is read as anything".to_owned(),
    });
}
