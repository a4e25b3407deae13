//! Schemas that are a part of themselves: their unions would be split again and again.
//!
//! What splitting resolves is no circle: a branch that takes its union over has what stands beside it, and no more.

use std::collections::{BTreeMap, BTreeSet};

use crate::circles::{Graph, circles};
use crate::error::{Problems, Result};
use crate::json::{Map, Value};
use crate::normalise::references::{A_PART_OF_ITSELF, component_name, parts};
use crate::pointer::Pointer;

const UNIONS: &[&str] = &["oneOf", "anyOf"];

/// How many components are looked at for what takes over what.
const STEPS: usize = 1_000_000;

/// Refuses the schemas that no split would end for.
pub(super) fn check(root: &Value) -> Result<()> {
    let schemas = root.pointer("/components/schemas");
    let Some(schemas) = schemas.and_then(Value::as_object) else {
        return Ok(());
    };
    let mut graph = Graph::new();
    for (name, schema) in schemas {
        let mut found = Vec::new();
        parts(schema, &mut found);
        graph.insert(name, found);
    }
    let mut problems = Problems::default();
    for names in circles(&graph) {
        let rest = unresolved(&names, &graph, schemas);
        for name in circles(&rest).into_iter().flatten() {
            problems.add(Pointer::schema(name), A_PART_OF_ITSELF);
        }
    }
    problems.into_result()
}

/// The part of the graph that is a circle, without the branches that take over what they are branches of.
fn unresolved<'g>(names: &BTreeSet<&'g str>, graph: &Graph<'g>, schemas: &'g Map) -> Graph<'g> {
    let heirs = heirs(names, schemas);
    let mut steps = STEPS;
    let mut within = |name: &'g str| {
        let branches = branches(&schemas[name]);
        let below = if branches.is_empty() {
            BTreeSet::new()
        } else {
            below(name, &heirs, &mut steps)
        };
        let is_left = |target: &&str| {
            names.contains(target) && !(below.contains(target) && branches.contains(target))
        };
        let targets = graph[name].iter().copied().filter(is_left);
        (name, targets.collect())
    };
    names.iter().map(|name| within(name)).collect()
}

/// The components that take each one over, as one of the parts of their `allOf`.
fn heirs<'g>(names: &BTreeSet<&'g str>, schemas: &'g Map) -> BTreeMap<&'g str, Vec<&'g str>> {
    let mut heirs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        let parts = schemas[*name]["allOf"].as_array().into_iter().flatten();
        for target in parts.filter_map(|part| component_name(part["$ref"].as_str()?)) {
            heirs.entry(target).or_default().push(name);
        }
    }
    heirs
}

/// All that take over a component with something beside a union, also by one another.
fn below<'g>(
    name: &'g str,
    heirs: &BTreeMap<&'g str, Vec<&'g str>>,
    steps: &mut usize,
) -> BTreeSet<&'g str> {
    let (mut below, mut open) = (BTreeSet::new(), vec![name]);
    while let (Some(next), Some(left)) = (open.pop(), steps.checked_sub(1)) {
        *steps = left;
        for heir in heirs.get(next).into_iter().flatten() {
            if below.insert(*heir) {
                open.push(heir);
            }
        }
    }
    below
}

/// The components that are branches of a schema's own union, where something stands beside that.
fn branches(schema: &Value) -> BTreeSet<&str> {
    let beside = ["properties", "allOf", "additionalProperties", "$ref"];
    if !beside.iter().any(|key| schema.get(key).is_some()) {
        return BTreeSet::new();
    }
    let branches = UNIONS.iter().filter_map(|key| schema[*key].as_array());
    let targets = branches
        .flatten()
        .filter_map(|branch| branch["$ref"].as_str());
    targets.filter_map(component_name).collect()
}
