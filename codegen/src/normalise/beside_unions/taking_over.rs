//! Which components take over one that is split, through `allOf`, and what they take over then.

use std::collections::{BTreeMap, BTreeSet};

use super::super::references::component;
use super::{Base, DEPTH, Split, reference};
use crate::json::{Map, Value};
use crate::walk::Place;

impl Split<'_> {
    /// Whether a component takes another one over through `allOf`; those on the way are collected.
    pub(super) fn takes_over(&self, name: &str, owner: &str, below: &mut BTreeSet<String>) -> bool {
        self.leads(name, owner, below, &mut BTreeSet::new(), DEPTH)
    }

    fn leads(
        &self,
        name: &str,
        owner: &str,
        below: &mut BTreeSet<String>,
        seen: &mut BTreeSet<String>,
        depth: usize,
    ) -> bool {
        let Some(left) = self.steps.get().checked_sub(1) else {
            return false;
        };
        self.steps.set(left);
        if below.contains(name) {
            return true;
        }
        if depth == 0 || !seen.insert(name.to_owned()) {
            return false;
        }
        let parts = self.schemas[name]["allOf"].items();
        let mut leads = false;
        for target in parts.filter_map(|part| component(part["$ref"].as_str()?)) {
            leads |= target == owner || self.leads(&target, owner, below, seen, depth - 1);
        }
        if leads {
            below.insert(name.to_owned());
        }
        leads
    }
}

/// What takes over a component that was split, takes over what it has beside its union; and its union too, unless the
/// component is one of its branches.
pub(super) fn take_over(place: &Place<'_>, schema: &mut Map, bases: &BTreeMap<String, Base>) {
    let owns = ["properties", "additionalProperties"];
    let owns = owns.iter().any(|key| schema.contains_key(key));
    let name = place.component();
    let Some(Value::Array(parts)) = schema.get_mut("allOf") else {
        return;
    };
    let is_only_a_name = parts.len() == 1 && !owns;
    let mut taken = Vec::new();
    for part in std::mem::take(parts) {
        let target = part["$ref"].as_str().and_then(component);
        let base = target.and_then(|target| bases.get(&target));
        let is_below = |base: &Base| name.is_some_and(|name| base.below.contains(name));
        match base {
            Some(base) if is_below(base) => taken.push(reference(&base.name)),
            Some(base) if !is_only_a_name => taken.extend([reference(&base.name), part]),
            _ => taken.push(part),
        }
    }
    *parts = taken;
}
