//! Leaves out what breaks a rule, where the rest does not need it: an operation, or a schema, which is anything then.
//!
//! What is left out is a warning with its place. A choice in `diptych.toml` that breaks a rule is always an error.

use super::Document;
use super::media_types::is_json;
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
        let parts = parts(&problem.pointer);
        if parts.is_empty() {
            rest.add(problem.pointer.clone(), problem.rule.clone());
        }
        skipped.push((parts, problem));
    }
    rest.into_result()?;
    let before = document.skipped.len();
    for (parts, problem) in skipped {
        let mut parts = parts.into_iter();
        if let Some(part) = parts.find(|part| part.take(&mut document.root)) {
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

/// What can be left out where something stands there, the least first.
fn parts(pointer: &Pointer) -> Vec<Part> {
    let keys: Vec<String> = pointer.keys().collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    of_json(&keys).into_iter().chain(part(&keys)).collect()
}

/// A schema of the JSON of a body or an answer.
fn of_json(keys: &[&str]) -> Option<Part> {
    let content = match keys {
        ["paths", _, method, "requestBody", "content", content @ ..]
        | ["paths", _, method, "responses", _, "content", content @ ..]
            if is_method(method) =>
        {
            content
        }
        [
            "components",
            "requestBodies" | "responses",
            _,
            "content",
            content @ ..,
        ] => content,
        _ => return None,
    };
    let [media_type, "schema", below @ ..] = content else {
        return None;
    };
    let schema = place(&keys[..keys.len() - below.len()]);
    is_json(media_type).then(|| Part::Schema(innermost(schema, below)))
}

fn place(keys: &[&str]) -> Pointer {
    let root = Pointer::root();
    keys.iter().fold(root, |place, key| place.child(key))
}

fn part(keys: &[&str]) -> Option<Part> {
    let entry = |keys: &[&str]| Some(Part::Entry(place(keys)));
    match keys {
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
    use super::{Part, parts};
    use crate::pointer::Pointer;

    #[test]
    fn the_smallest_part_that_the_rest_does_not_need_is_left_out() {
        let left = |place: &str| parts(&Pointer::from(place)).into_iter().next();
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
        let body = "/paths/~1a/post/requestBody/content/application~1json/schema";
        assert_eq!(
            left(&format!("{body}/properties/b/$ref")),
            schema(&format!("{body}/properties/b"))
        );
        let answer = "/components/responses/A/content/application~1a+json/schema";
        assert_eq!(left(&format!("{answer}/$ref")), schema(answer));
        // Where the schema is anything already, it is the operation.
        let parts = parts(&Pointer::from(body));
        assert_eq!(parts.last(), entry("/paths/~1a/post").as_ref());
        assert_eq!(
            left("/paths/~1a/post/requestBody/content/multipart~1form-data/schema/$ref"),
            entry("/paths/~1a/post")
        );
        assert_eq!(left("/components/schemas"), None);
        assert_eq!(left("/info/title"), None);
    }
}
