//! Makes components of the schemas that are referred to where they stand: `#/components/schemas/A/properties/b`, or
//! below `$defs`. A type needs a name, and there it has none.

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::operations::own_names;
use super::place_names;
use super::references::{component, reference_to};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Value, json};
use crate::naming::Numbers;
use crate::pointer::Pointer;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let mut moved = BTreeMap::new();
    let (mut seen, mut numbers) = (BTreeSet::new(), Numbers::default());
    let mut names = None;
    // What is moved may refer to further places. Each round sees some that are new, so this ends.
    loop {
        let targets = targets(&mut document.root, &mut seen);
        if targets.is_empty() {
            break;
        }
        let operations = names.get_or_insert_with(|| own_names(&mut document.root, config));
        for target in targets {
            let end = followed(&document.root, &target, &moved);
            let name = match moved.get(&end) {
                Some(name) => String::clone(name),
                None if component(&end).is_some() => end,
                None if is_schema(&document.root, &end) => {
                    let name = name(&end, operations);
                    let name = make_component(&mut document.root, &end, &name, &mut numbers);
                    moved.insert(end, name.clone());
                    name
                }
                None => continue,
            };
            moved.insert(target, name);
        }
    }
    if !moved.is_empty() {
        each_schema(&mut document.root, &mut |_, schema| {
            let target = schema.get("$ref").and_then(Value::as_str);
            if let Some(name) = target.and_then(|target| moved.get(target)) {
                let name = name.clone();
                schema.insert("$ref".to_owned(), json!(name));
            }
        });
        each_schema(&mut document.root, &mut |_, schema| {
            // What is used of these has moved, and the rest refers to places that are no more.
            schema.retain(|key, _| !matches!(key, "$defs" | "definitions"));
        });
    }
    Ok(())
}

/// The places that schemas refer to and that are no components, but for those that were seen; those that hold others come
/// last.
fn targets(root: &mut Value, seen: &mut BTreeSet<String>) -> Vec<String> {
    let mut targets = Vec::new();
    each_schema(root, &mut |_, schema| {
        let target = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = target
            && target.starts_with("#/")
            && component(target).is_none()
            && seen.insert(target.to_owned())
        {
            targets.push(target.to_owned());
        }
    });
    targets.sort_by_key(|target| std::cmp::Reverse(target.len()));
    targets
}

/// The references that are followed where one leads to another.
const LINKS: usize = 100;

/// Where a reference leads in the end: past places that only refer on, and into what was moved.
fn followed(root: &Value, target: &str, moved: &BTreeMap<String, String>) -> String {
    let mut target = target.to_owned();
    for _ in 0..LINKS {
        let found = root.pointer(target.get(1..).unwrap_or_default());
        let next = match found {
            Some(found) => found["$ref"].as_str().map(str::to_owned),
            None => moved.iter().rev().find_map(|(before, after)| {
                let rest = target.strip_prefix(before.as_str())?;
                rest.starts_with('/').then(|| format!("{after}{rest}"))
            }),
        };
        match next {
            Some(next) if next.starts_with("#/") && component(&target).is_none() => target = next,
            _ => break,
        }
    }
    target
}

fn is_schema(root: &Value, target: &str) -> bool {
    let found = target
        .strip_prefix('#')
        .and_then(|place| root.pointer(place));
    found.is_some_and(|found| found.is_object() && found.get("$ref").is_none()) && is_place(target)
}

/// What components are of.
const KINDS: &[&str] = &[
    "callbacks",
    "examples",
    "headers",
    "links",
    "mediaTypes",
    "parameters",
    "pathItems",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
];

/// Whether a schema stands at such a place: not everything that a reference can name is one.
fn is_place(target: &str) -> bool {
    let keys: Vec<String> = Pointer::from(target).keys().collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let holds_schemas = [
        "$defs",
        "allOf",
        "anyOf",
        "definitions",
        "oneOf",
        "prefixItems",
        "properties",
        "schemas",
    ];
    let is_said = match keys.as_slice() {
        [.., parent, last] => {
            holds_schemas.contains(parent)
                || ["additionalProperties", "items", "schema"].contains(last)
        }
        _ => false,
    };
    match keys.as_slice() {
        // What no version of OpenAPI has there, such as Swagger's `definitions`, holds schemas.
        ["components", kind, _] => !KINDS.contains(kind),
        ["components", _, _, ..] | ["paths" | "webhooks", _, ..] => is_said,
        [own, _] => own.starts_with("x-") || ["$defs", "definitions"].contains(own),
        [own, ..] => is_said && own.starts_with("x-"),
        [] => false,
    }
}

/// What the component is called: after its operation, where it belongs to one and has no name.
fn name(target: &str, operations: &BTreeMap<Pointer, String>) -> String {
    let place = Pointer::from(target);
    let keys: Vec<String> = place.keys().collect();
    let own = own_name(&keys);
    if own.len() == keys.len() && place_names::operation_of(&keys, operations).is_some() {
        return place_names::of(&place, operations);
    }
    let words: Vec<String> = own
        .iter()
        .cloned()
        .skip_while(|key| is_no_name(key))
        .filter(|key| !is_way(key))
        .collect();
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let name: String = words.join("_").chars().map(plain).collect();
    if name.is_empty() {
        return "Schema".to_owned();
    }
    name
}

/// Moves the schema and leaves a reference to it. The result is that reference.
fn make_component(root: &mut Value, target: &str, name: &str, numbers: &mut Numbers) -> String {
    let name = numbers.free(name, |name| {
        root["components"]["schemas"].get(name).is_some()
    });
    let reference = reference_to(&name);
    let schema = root.pointer_mut(&target[1..]);
    let schema = schema.map(|found| std::mem::replace(found, json!({ "$ref": &reference })));
    root["components"]["schemas"][&name] = schema.unwrap_or_default();
    reference
}

/// The keys that a place is called after: a definition in a body or an answer has a name of its own.
fn own_name(keys: &[String]) -> &[String] {
    match keys {
        [paths, .., definitions, _]
            if paths != "components"
                && ["$defs", "definitions"].contains(&definitions.as_str()) =>
        {
            &keys[keys.len() - 1..]
        }
        _ => keys,
    }
}

/// What leads to a name and is none: keywords, and media types.
fn is_way(key: &str) -> bool {
    matches!(key, "properties" | "$defs" | "items" | "schema" | "content") || key.contains('/')
}

/// What stands before the names of parts.
fn is_no_name(key: &str) -> bool {
    const BEFORE: &[&str] = &[
        "$defs",
        "components",
        "definitions",
        "headers",
        "parameters",
        "paths",
        "requestBodies",
        "responses",
        "schemas",
        "webhooks",
    ];
    BEFORE.contains(&key) || key.starts_with("x-") || key.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::is_place;

    #[test]
    fn only_schemas_are_moved() {
        assert!(is_place("#/components/schemas/A/properties/b"));
        assert!(is_place("#/components/schemas/A/$defs/B"));
        assert!(is_place("#/components/schemas/A/items"));
        assert!(is_place(
            "#/paths/~1a/get/responses/200/content/application~1json/schema"
        ));
        assert!(is_place(
            "#/components/responses/R/content/application~1json/schema"
        ));
        assert!(is_place("#/components/x-shared/T"));
        assert!(is_place("#/components/definitions/T"));
        assert!(is_place(
            "#/components/schemas/A/items/components/schemas/B"
        ));
        assert!(is_place(
            "#/webhooks/w/post/requestBody/content/application~1json/schema"
        ));
        assert!(is_place("#/definitions/T"));
        for other in [
            "#/",
            "#/components/responses/R",
            "#/info/title",
            "#/components",
            "#/components/schemas",
            "#/paths/~1a/get",
        ] {
            assert!(!is_place(other), "{other}");
        }
        assert!(!is_place("#/components/schemas/A/properties"));
    }
}
