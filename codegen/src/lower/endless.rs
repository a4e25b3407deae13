//! Lists and maps that hold only themselves, for which Rust has no alias: such a map is a type of its own, and what such a list
//! holds is read as anything.

use std::collections::BTreeSet;

use crate::circles::{Graph, circles};
use crate::ir::{Api, Object, Shape, TypeRef};
use crate::loss::Loss;

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

/// The first map of each circle of aliases, or else its first name; or all of them. Objects and unions are types of their own and
/// end a chain.
fn on_circles(api: &Api, all: bool) -> BTreeSet<String> {
    let mut graph = Graph::new();
    for (name, ty) in &api.types {
        if let Shape::Alias(target) = &ty.shape {
            let mut names = Vec::new();
            target.each_name(&mut |name| names.push(name));
            graph.insert(name, names);
        }
    }
    let is_map = |name: &str| matches!(api.types[name].shape, Shape::Alias(TypeRef::Map(_)));
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

fn cut_at(api: &mut Api, name: &str) {
    let Some(ty) = api.types.get_mut(name) else {
        return;
    };
    if let Shape::Alias(TypeRef::Map(entry)) = &ty.shape {
        ty.shape = Shape::Object(Object {
            fields: Vec::new(),
            additional: Some((**entry).clone()),
            additional_part: None,
        });
        return;
    }
    if let Shape::Alias(target) = &mut ty.shape {
        *target = match target {
            TypeRef::List(_) => TypeRef::List(Box::new(TypeRef::Any)),
            _ => TypeRef::Any,
        };
    }
    api.losses.push(Loss {
        pointer: ty.source.clone(),
        what: "the type of what it holds".to_owned(),
        why: "it holds only itself, for which Rust has no alias; it is read as anything".to_owned(),
    });
}
