//! Makes components of the schemas that are referred to where they stand: `#/components/schemas/A/properties/b`, or
//! below `$defs`. A type needs a name, and there it has none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Document;
use super::references::component;
use crate::config::Config;
use crate::error::Result;
use crate::pointer::Pointer;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut moved = BTreeMap::new();
    // What is moved may refer to further places. Each round moves some, so this ends.
    loop {
        let targets = targets(&mut document.root, &moved);
        if targets.is_empty() {
            break;
        }
        for target in targets {
            let name = make_component(&mut document.root, &target);
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
    }
    Ok(())
}

/// The places that schemas refer to and that are schemas, but no components; those that hold others come last.
fn targets(root: &mut Value, moved: &BTreeMap<String, String>) -> Vec<String> {
    let mut targets = BTreeSet::new();
    each_schema(root, &mut |_, schema| {
        let target = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = target
            && target.starts_with("#/")
            && component(target).is_none()
            && !moved.contains_key(target)
        {
            targets.insert(target.to_owned());
        }
    });
    let is_schema = |target: &String| {
        let found = root.pointer(&target[1..]);
        found.is_some_and(|found| found.is_object() && found.get("$ref").is_none())
    };
    let targets = targets.into_iter().filter(is_schema);
    let mut targets: Vec<String> = targets.filter(|target| is_place(target)).collect();
    targets.sort_by_key(|target| std::cmp::Reverse(target.len()));
    targets
}

/// Whether a schema stands at such a place: not everything that a reference can name is one.
fn is_place(target: &str) -> bool {
    let keys: Vec<String> = Pointer::from(target).keys().collect();
    let is_below = keys.len() > 3 && (keys[1] == "schemas" || keys[0] == "paths");
    let [.., parent, last] = keys.as_slice() else {
        return false;
    };
    let holds_schemas = [
        "$defs",
        "allOf",
        "anyOf",
        "definitions",
        "oneOf",
        "prefixItems",
        "properties",
    ];
    is_below
        && (holds_schemas.contains(&parent.as_str())
            || ["additionalProperties", "items", "schema"].contains(&last.as_str()))
}

/// Moves the schema and leaves a reference to it. The result is that reference.
fn make_component(root: &mut Value, target: &str) -> String {
    let place = Pointer::from(target);
    let words: Vec<String> = place
        .keys()
        .skip(2)
        .filter(|key| !matches!(key.as_str(), "properties" | "$defs" | "items" | "schema"))
        .collect();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut name: String = words.join("_").chars().map(plain).collect();
    while root["components"]["schemas"].get(&name).is_some() {
        name.push('_');
    }
    let reference = format!("#/components/schemas/{name}");
    let schema = root.pointer_mut(&target[1..]);
    let schema = schema.map(|found| std::mem::replace(found, json!({ "$ref": reference })));
    root["components"]["schemas"][name] = schema.unwrap_or_default();
    reference
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
        for other in [
            "#/",
            "#/components",
            "#/components/schemas",
            "#/paths/~1a/get",
        ] {
            assert!(!is_place(other), "{other}");
        }
        assert!(!is_place("#/components/schemas/A/properties"));
    }
}
