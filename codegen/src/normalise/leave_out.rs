//! Leaves out what breaks a rule, where the rest does not need it: an operation, or a schema, which is anything then.
//!
//! What is left out is a warning with its place. A choice in `diptych.toml` that breaks a rule is always an error.

use super::Document;
use crate::error::{Error, Problem, Problems, Result};
use crate::json::{Value, json};
use crate::loss::Loss;
use crate::pointer::Pointer;
use crate::walk::{as_described, is_method};

/// The passes that look at the description alone, and may look again.
const PASSES: &[&str] = &[
    "forms",
    "beside_unions",
    "references",
    "parts",
    "operations",
];

/// Leaves out what the problems stand in. What has no such part is the error.
pub(super) fn run(document: &mut Document, pass: &str, error: Error) -> Result<()> {
    if !PASSES.contains(&pass) {
        return Err(error);
    }
    let mut rest = Problems::default();
    let mut skipped = Vec::new();
    for problem in error.problems() {
        match part(&problem.pointer) {
            Some(part) => skipped.push((part, problem)),
            None => rest.add(problem.pointer.clone(), problem.rule.clone()),
        }
    }
    rest.into_result()?;
    let before = document.skipped.len();
    for (part, problem) in skipped {
        if part.take(&mut document.root) {
            document.losses.push(part.loss(problem));
            document.skipped.push(problem.clone());
        }
    }
    if document.skipped.len() == before {
        return Err(error);
    }
    Ok(())
}

/// A part that the rest does not need.
#[derive(Debug, PartialEq)]
enum Part {
    /// One that is removed: an operation, a path, a shared part, a webhook.
    Entry(Pointer),
    /// A schema that others may refer to: it is anything.
    Schema(Pointer),
}

fn part(pointer: &Pointer) -> Option<Part> {
    let keys: Vec<String> = pointer.keys().collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let entry = |keys: &[&str]| {
        let root = Pointer::root();
        let place = keys.iter().fold(root, |place, key| place.child(key));
        Some(Part::Entry(place))
    };
    match keys.as_slice() {
        ["paths", path, method, ..] if is_method(method) => entry(&["paths", path, method]),
        ["paths", path, ..] => entry(&["paths", path]),
        ["components", "schemas", name, below @ ..] => {
            Some(Part::Schema(innermost(Pointer::schema(name), below)))
        }
        ["components", kind, name, ..] => entry(&["components", kind, name]),
        ["components", kind] if *kind != "schemas" => entry(&["components", kind]),
        ["webhooks", ..] => entry(&["webhooks"]),
        _ => None,
    }
}

/// The innermost schema that the keys lead into.
fn innermost(component: Pointer, mut keys: &[&str]) -> Pointer {
    let mut schema = component;
    while let Some((key, below)) = keys.split_first() {
        let through: &[&str] = match *key {
            "$defs" | "definitions" | "patternProperties" | "properties" | "allOf" | "anyOf"
            | "oneOf" | "prefixItems" => match below.first() {
                Some(name) => &[key, name],
                None => break,
            },
            "additionalProperties" | "items" | "not" | "propertyNames" => &[key],
            _ => break,
        };
        schema = through.iter().fold(schema, |place, key| place.child(key));
        keys = &keys[through.len()..];
    }
    schema
}

impl Part {
    /// Whether there was something to leave out.
    fn take(&self, root: &mut Value) -> bool {
        match self {
            Self::Entry(place) => remove(root, place),
            Self::Schema(place) => match root.pointer_mut(place.as_str()) {
                Some(schema) if *schema != json!({}) => {
                    *schema = json!({});
                    true
                }
                _ => false,
            },
        }
    }

    fn loss(&self, problem: &Problem) -> Loss {
        let (pointer, what) = match self {
            Self::Entry(place) => (place, "all of it"),
            Self::Schema(place) => (place, "the type; it is read as anything"),
        };
        Loss {
            pointer: pointer.clone(),
            what: what.to_owned(),
            why: Problem {
                pointer: as_described(&problem.pointer),
                rule: problem.rule.clone(),
            }
            .to_string(),
        }
    }
}

fn remove(root: &mut Value, place: &Pointer) -> bool {
    let Some((parent, _)) = place.as_str().rsplit_once('/') else {
        return false;
    };
    let key = place.keys().last().unwrap_or_default();
    let parent = root.pointer_mut(parent).and_then(Value::as_object_mut);
    parent.is_some_and(|parent| parent.remove(&key).is_some())
}

#[cfg(test)]
mod tests {
    use super::{Part, part};
    use crate::pointer::Pointer;

    #[test]
    fn the_smallest_part_that_the_rest_does_not_need_is_left_out() {
        let left = |place: &str| part(&Pointer::from(place));
        let entry = |place: &str| Some(Part::Entry(Pointer::from(place)));
        let schema = |place: &str| Some(Part::Schema(Pointer::from(place)));
        assert_eq!(
            left("/paths/~1a/get/parameters/0/in"),
            entry("/paths/~1a/get")
        );
        assert_eq!(left("/paths/~1a/parameters/0"), entry("/paths/~1a"));
        assert_eq!(
            left("/components/schemas/A/properties/b/$ref"),
            schema("/components/schemas/A/properties/b")
        );
        assert_eq!(
            left("/components/schemas/A/properties/items/allOf/0/items/type"),
            schema("/components/schemas/A/properties/items/allOf/0/items")
        );
        assert_eq!(
            left("/components/schemas/A/type"),
            schema("/components/schemas/A")
        );
        assert_eq!(
            left("/components/responses/A/content"),
            entry("/components/responses/A")
        );
        assert_eq!(
            left("/components/responses"),
            entry("/components/responses")
        );
        assert_eq!(left("/components/schemas"), None);
        assert_eq!(left("/info/title"), None);
    }
}
