//! The one place that names operations.
//!
//! 1. A name from `diptych.toml` wins.
//! 2. Else it is the operation id in snake case, without `FastAPI`'s suffix `_{path}_{method}`.
//! 3. Operations that then share a name are settled by tag: the one whose name holds its own tag keeps it
//!    (`read_work_queue` under Work Queues), each other one says its tag (`read_work_queue_in_work_pool`).
//! 4. One that equals what the clients derive from another one's name (`read_flows_with`, `read_flows_pages_with`) gets a
//!    `_`, whether or not anything is optional about that one now: else the first optional parameter would rename it.
//! 5. What still collides is an error that asks for a name in `diptych.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::config::Config;
use crate::error::Problems;
use crate::naming::{derived_name, module_name, singular, value_name};
use crate::pointer::Pointer;
use crate::walk::each_operation;

struct Candidate {
    place: Pointer,
    key: String,
    name: String,
    tag: String,
    chosen: bool,
}

pub(super) fn settle(
    root: &Value,
    config: &Config,
    problems: &mut Problems,
) -> BTreeMap<Pointer, String> {
    let mut candidates = collect(root, config, problems);
    let counts = count(&candidates);
    for candidate in candidates
        .iter_mut()
        .filter(|candidate| counts[&candidate.name] > 1)
    {
        let tag = singular(&module_name(&candidate.tag));
        if !candidate.chosen && !candidate.name.contains(&tag) {
            candidate.name = format!("{}_in_{tag}", candidate.name);
        }
    }
    make_way(&mut candidates);
    let counts = count(&candidates);
    for candidate in candidates
        .iter()
        .filter(|candidate| counts[&candidate.name] > 1)
    {
        problems.add(
            candidate.place.child("operationId"),
            format!(
                "another operation is called `{}` too; name this one in diptych.toml: [names.operations] \"{}\" = \"…\"",
                candidate.name, candidate.key
            ),
        );
    }
    let named = candidates
        .into_iter()
        .map(|candidate| (candidate.place, candidate.name));
    named.collect()
}

fn collect(root: &Value, config: &Config, problems: &mut Problems) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let mut ids: BTreeMap<String, Pointer> = BTreeMap::new();
    let mut chosen = config.names.operations.clone();
    each_operation(&mut root.clone(), &mut |place, operation| {
        let id_place = place.child("operationId");
        let Some(id) = operation.get("operationId").and_then(Value::as_str) else {
            problems.add(
                id_place,
                "every operation needs an `operationId`: it names the method",
            );
            return;
        };
        if let Some(first) = ids.insert(id.to_owned(), id_place.clone()) {
            problems.add(
                id_place,
                format!("the operation id `{id}` is used twice, first at {first}"),
            );
            return;
        }
        let keys: Vec<String> = place.keys().collect();
        let (path, method) = (&keys[1], &keys[2]);
        let key = format!("{} {path}", method.to_uppercase());
        let name = chosen.remove(&key);
        let tag = operation.get("tags").and_then(|tags| tags[0].as_str());
        candidates.push(Candidate {
            place: place.clone(),
            chosen: name.is_some(),
            name: free(name.unwrap_or_else(|| value_name(without_suffix(id, path, method)))),
            tag: tag.unwrap_or(&config.client.untagged).to_owned(),
            key,
        });
    });
    for key in chosen.keys() {
        problems.add(
            Pointer::root().child("paths"),
            format!("diptych.toml names the operation `{key}`, which is not in the description"),
        );
    }
    candidates
}

/// The clients have a few methods of their own.
fn free(name: String) -> String {
    match name.as_str() {
        "execute" | "from_config" => format!("{name}_"),
        _ => name,
    }
}

/// The methods that take what is optional are called after their operation, so no other operation may be.
fn make_way(candidates: &mut [Candidate]) {
    let derived: BTreeSet<String> = candidates
        .iter()
        .flat_map(|one| {
            let pages = derived_name(&one.name, "pages");
            [&one.name, &pages].map(|name| derived_name(name, "with"))
        })
        .collect();
    for candidate in candidates {
        if derived.contains(&candidate.name) {
            candidate.name.push('_');
        }
    }
}

fn count(candidates: &[Candidate]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for candidate in candidates {
        *counts.entry(candidate.name.clone()).or_default() += 1;
    }
    counts
}

/// `FastAPI`'s id is `{function}{path}_{method}` with every other character than letters and digits as `_`.
fn without_suffix<'i>(id: &'i str, path: &str, method: &str) -> &'i str {
    let path: String = path
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    match id.strip_suffix(&format!("{path}_{method}")) {
        Some(function) if !function.is_empty() => function,
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::without_suffix;

    #[test]
    fn fastapis_suffix_goes_and_other_ids_stay() {
        let short = |id, path| without_suffix(id, path, "get");
        assert_eq!(
            short("read_flow_flows__id__get", "/flows/{id}"),
            "read_flow"
        );
        assert_eq!(
            short("graph_v2_runs__id__graph_v2_get", "/runs/{id}/graph-v2"),
            "graph_v2"
        );
        assert_eq!(short("listPets", "/pets"), "listPets");
        assert_eq!(short("_pets_get", "/pets"), "_pets_get");
    }
}
