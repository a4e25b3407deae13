//! The one place that names operations.
//!
//! 1. A name from `diptych.toml` wins.
//! 2. Else it is the operation id in snake case, without `FastAPI`'s suffix `_{path}_{method}`; without an id it is
//!    the method and the path: `get_pets_id` for `GET /pets/{id}`.
//! 3. Operations of different tags that then share a name are settled by tag: the one whose name holds its own tag keeps it
//!    (`read_work_queue` under Work Queues), each other one says its tag (`read_work_queue_in_work_pool`).
//! 4. One that equals what the clients derive from another one's name (`read_flows_with`, `read_flows_pages_with`) gets a
//!    `_`, whether or not anything is optional about that one now: else the first optional parameter would rename it.
//! 5. What still collides, with another operation or with a method of the clients, gets a number, in the order of the
//!    paths.
//! 6. A variant is called after the operation that it is a variant of, and its media type: `add_pet_from_form`,
//!    `read_report_as_csv`.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::error::Problems;
use crate::ir::SecurityScheme;
use crate::json::Value;
use crate::naming::{Numbers, derived_name, module_name, singular, value_name};
use crate::normalise::media_types::word;
use crate::pointer::Pointer;
use crate::walk::{VARIANT, each_operation, method_name, method_of};

/// Finds the names that were chosen for operations that are not there.
pub(super) fn check_choices(root: &mut Value, config: &Config, stale: &mut Problems) {
    let there: BTreeSet<String> = collect(root, config)
        .into_iter()
        .map(|one| one.key)
        .collect();
    for key in config
        .names
        .operations
        .keys()
        .filter(|key| !there.contains(*key))
    {
        stale.add(
            Pointer::root().child("paths"),
            format!("diptych.toml names the operation `{key}`, which is not in the description"),
        );
    }
}

/// What each operation is called by itself, whatever the others are called.
pub(crate) fn own_names(root: &mut Value, config: &Config) -> BTreeMap<Pointer, String> {
    let candidates = collect(root, config).into_iter();
    candidates.map(|one| (one.place, one.name)).collect()
}

struct Candidate {
    place: Pointer,
    key: String,
    name: String,
    tag: String,
    chosen: bool,
}

pub(super) fn settle(
    root: &mut Value,
    config: &Config,
    security: &[SecurityScheme],
    problems: &mut Problems,
) -> BTreeMap<Pointer, String> {
    let mut candidates = collect(root, config);
    let tags = tags(&candidates);
    for candidate in candidates
        .iter_mut()
        .filter(|candidate| tags[&candidate.name].len() > 1)
    {
        let tag = singular(&module_name(&candidate.tag));
        if !candidate.chosen && !candidate.name.contains(&tag) {
            candidate.name = derived_name(&candidate.name, &format!("in_{tag}"));
        }
    }
    make_way(&mut candidates);
    let mut taken = tell_apart(&mut candidates, security, problems);
    let mut names: BTreeMap<Pointer, String> = candidates
        .into_iter()
        .map(|candidate| (candidate.place, candidate.name))
        .collect();
    variants(root, &mut names, &mut taken);
    names
}

/// Names the variants after the operations beside them.
fn variants(root: &mut Value, names: &mut BTreeMap<Pointer, String>, taken: &mut Taken) {
    let mut numbers = Numbers::default();
    each_operation(root, &mut |place, _| {
        let keys: Vec<String> = place.keys().collect();
        let Some((way, media_type)) = variant_of(&keys[2]) else {
            return;
        };
        let path = Pointer::root().child("paths").child(&keys[1]);
        let Some(name) = names.get(&path.child(method_of(&keys[2]))) else {
            return;
        };
        let suffix = value_name(&format!("{way} {}", word(media_type)));
        let free = numbers.free_after(&derived_name(name, &suffix), "_", |name| {
            !taken.is_free(name)
        });
        taken.take(&free);
        names.insert(place.clone(), free);
    });
}

/// The way and the media type of a variant, by its key.
fn variant_of(key: &str) -> Option<(&str, &str)> {
    let (_, rest) = key.strip_prefix(VARIANT)?.split_once(' ')?;
    rest.split_once(' ')
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

/// Chosen names are given first, and must differ; each other name gives way to those before it.
fn tell_apart(
    candidates: &mut [Candidate],
    security: &[SecurityScheme],
    problems: &mut Problems,
) -> Taken {
    let mut taken = Taken::default();
    taken
        .0
        .extend(security.iter().map(SecurityScheme::constructor));
    for candidate in candidates.iter().filter(|candidate| candidate.chosen) {
        if taken.take(&candidate.name) {
            continue;
        }
        let rule = format!(
            "`{}` is a method already; give this one another name in diptych.toml: [names.operations] \"{}\" = \"…\"",
            candidate.name, candidate.key
        );
        problems.add(candidate.place.child("operationId"), rule);
    }
    let mut numbers = Numbers::default();
    for candidate in candidates.iter_mut().filter(|candidate| !candidate.chosen) {
        let free = numbers.free_after(&candidate.name, "_", |name| !taken.is_free(name));
        taken.take(&free);
        candidate.name = free;
    }
    taken
}

/// The methods that the clients have.
struct Taken(BTreeSet<String>);

impl Default for Taken {
    /// What every client has, and what would hide a method of a trait that users call.
    fn default() -> Self {
        const OWN: &[&str] = &[
            "clone",
            "config",
            "execute",
            "execute_with_answer",
            "from_config",
            "new",
            "with",
        ];
        Self(OWN.iter().map(|name| (*name).to_owned()).collect())
    }
}

impl Taken {
    /// Takes the name, and the one that the same operation has with options of the call.
    fn take(&mut self, name: &str) -> bool {
        let is_free = self.is_free(name);
        if is_free {
            self.0.extend([name.to_owned(), derived_name(name, "with")]);
        }
        is_free
    }

    fn is_free(&self, name: &str) -> bool {
        !self.0.contains(name) && !self.0.contains(&derived_name(name, "with"))
    }
}

fn collect(root: &mut Value, config: &Config) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    each_operation(root, &mut |place, operation| {
        let keys: Vec<String> = place.keys().collect();
        let (path, method) = (&keys[1], &keys[2]);
        if variant_of(method).is_some() {
            return;
        }
        let key = format!("{} {path}", method_name(method));
        let name = config.names.operations.get(&key).cloned();
        let tag = operation.get("tags").and_then(|tags| tags[0].as_str());
        let id = operation.get("operationId").and_then(Value::as_str);
        candidates.push(Candidate {
            place: place.clone(),
            chosen: name.is_some(),
            name: name.unwrap_or_else(|| own_name(id, path, &method_name(method).to_lowercase())),
            tag: tag.unwrap_or(&config.client.untagged).to_owned(),
            key,
        });
    });
    candidates
}

fn own_name(id: Option<&str>, path: &str, method: &str) -> String {
    let words = id.map(|id| without_suffix(id, path, method));
    let words = words.filter(|words| words.contains(char::is_alphanumeric));
    let name = match words {
        Some(words) => value_name(words),
        None => value_name(&format!("{method} {path}")),
    };
    // The constant of an operation is its name in capitals, which a script without case does not have.
    if name.to_uppercase() == name {
        format!("{method}_{name}")
    } else {
        name
    }
}

/// The tags of the operations that share each name.
fn tags(candidates: &[Candidate]) -> BTreeMap<String, BTreeSet<String>> {
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for candidate in candidates {
        let of_name = tags.entry(candidate.name.clone()).or_default();
        of_name.insert(candidate.tag.clone());
    }
    tags
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
    use super::{own_name, without_suffix};

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

    #[test]
    fn what_has_no_id_is_named_by_method_and_path() {
        let name = |id, path| own_name(id, path, "get");
        assert_eq!(name(None, "/accounts"), "get_accounts");
        assert_eq!(
            name(None, "/accounts/{accountId}/keys"),
            "get_accounts_account_id_keys"
        );
        assert_eq!(name(None, "/"), "get");
        assert_eq!(name(Some(""), "/a"), "get_a");
        assert_eq!(name(Some("-"), "/a"), "get_a");
        assert_eq!(name(Some("本を取得"), "/本"), "get_本を取得");
        assert_eq!(name(None, "/本"), "get_本");
    }
}
