//! Where the choices of `diptych.toml` stand in this description.
//!
//! A choice follows its schema where that is halved: `FastAPI` writes `X` as `X-Input` and `X-Output` as soon as the ways in
//! and out differ anywhere below it.

use std::collections::BTreeMap;

use super::twins::halved;
use crate::config::Config;
use crate::json::Value;
use crate::pointer::Pointer;

/// The choices at the places where their schemas are now.
pub(super) fn settle(root: &Value, config: &Config) -> Config {
    let mut settled = config.clone();
    let types = config.names.types.iter();
    settled.names.types = types
        .map(|(pointer, name)| (follow(root, pointer), name.clone()))
        .collect();
    let sensitive = config.sensitive.iter();
    settled.sensitive = sensitive.map(|pointer| follow(root, pointer)).collect();
    settled
}

/// How far one comes in the description as it was given, for each choice that leads nowhere in it.
pub(super) fn ends(root: &Value, config: &Config) -> BTreeMap<Pointer, String> {
    let pointers = config.names.types.keys().chain(&config.sensitive);
    pointers
        .filter_map(|pointer| Some((pointer.clone(), end(root, pointer)?)))
        .collect()
}

fn end(root: &Value, pointer: &Pointer) -> Option<String> {
    let mut here = Pointer::root();
    for key in pointer.keys() {
        let next = here.child(&key);
        if root.pointer(next.as_str()).is_none() {
            let value = root.pointer(here.as_str()).unwrap_or(&Value::Null);
            return Some(missing(value, &here, &key));
        }
        here = next;
    }
    None
}

/// The same place in the half of the schema that takes its place, or in the whole of what was a half.
fn follow(root: &Value, pointer: &Pointer) -> Pointer {
    let keys: Vec<String> = pointer.keys().collect();
    let [components, schemas, name, below @ ..] = keys.as_slice() else {
        return pointer.clone();
    };
    let known = &root[components.as_str()][schemas.as_str()];
    if (components.as_str(), schemas.as_str()) != ("components", "schemas")
        || known.get(name).is_some()
    {
        return pointer.clone();
    }
    let base = halved(name).unwrap_or(name);
    let halves = [
        format!("{base}-Input"),
        format!("{base}-Output"),
        base.to_owned(),
    ];
    let found = halves.iter().find(|half| known.get(half).is_some());
    found.map_or_else(
        || pointer.clone(),
        |half| {
            below
                .iter()
                .fold(Pointer::schema(half), |place, key| place.child(key))
        },
    )
}

/// What to say of a key that is not there.
fn missing(value: &Value, here: &Pointer, key: &str) -> String {
    let missing = format!("`{here}` has no `{key}`");
    let others = match value {
        Value::Object(map) => alike(key, map.keys()),
        Value::Array(items) => return format!("{missing}: it has {} items", items.len()),
        _ => Vec::new(),
    };
    if others.is_empty() {
        return missing;
    }
    format!("{missing}; it has `{}`", others.join("`, `"))
}

/// Up to three of the others that one may have become: those that hold its letters, or whose letters it holds.
fn alike<'k>(key: &str, others: impl Iterator<Item = &'k str>) -> Vec<&'k str> {
    let bare = |text: &str| -> String {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let wanted = bare(key);
    let is_alike = |other: &&str| {
        let other = bare(other);
        other.contains(&wanted) || (other.len() > 3 && wanted.contains(&other))
    };
    let mut alike: Vec<&str> = others.filter(is_alike).collect();
    alike.sort_by_key(|other| other.len().abs_diff(key.len()));
    alike.truncate(3);
    alike
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn description() -> Value {
        json!({"components": {"schemas": {
            "Trigger-Input": {"properties": {"match": {"anyOf": [{}, {}]}}},
            "Trigger-Output": {},
            "Whole": {"properties": {"mode": {}}},
            "OrchestrationResultDetails": {},
        }}})
    }

    #[test]
    fn a_choice_follows_its_schema_into_the_halves_and_back() {
        let found = |text: &str| follow(&description(), &text.into()).as_str().to_owned();
        let half = "/components/schemas/Trigger-Input/properties/match/anyOf/1";
        assert_eq!(
            found("/components/schemas/Trigger/properties/match/anyOf/1"),
            half
        );
        assert_eq!(found(half), half);
        let whole = "/components/schemas/Whole/properties/mode";
        assert_eq!(
            found("/components/schemas/Whole-Output/properties/mode"),
            whole
        );
    }

    #[test]
    fn what_is_not_there_says_how_far_one_comes_and_what_is_like_it() {
        let end = |text: &str| end(&description(), &text.into()).unwrap();
        assert_eq!(
            end("/components/schemas/Trigger-Input/properties/match/anyOf/2"),
            "`/components/schemas/Trigger-Input/properties/match/anyOf` has no `2`: it has 2 items"
        );
        assert_eq!(
            end("/components/schemas/Whole/properties/modes"),
            "`/components/schemas/Whole/properties` has no `modes`; it has `mode`"
        );
        assert_eq!(
            end("/components/schemas/OrchestrationResult"),
            "`/components/schemas` has no `OrchestrationResult`; it has `OrchestrationResultDetails`"
        );
        assert_eq!(end("/nowhere/x"), "`/` has no `nowhere`");
    }
}
