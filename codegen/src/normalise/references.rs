//! Refuses references that lead nowhere, outside the document, or only to each other.

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use crate::circles::{Graph, circles};
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::json::{Map, Value};
use crate::pointer::Pointer;
use crate::walk::each_schema;

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut problems = Problems::default();
    let root = &document.root;
    let mut targets = Targets {
        root,
        known: BTreeMap::new(),
    };
    // Elsewhere, such as in `info`, nothing that a client has is referred to.
    for key in ["components", "paths", "webhooks"] {
        let place = Pointer::root().child(key);
        let named = has_names(key);
        check(&mut targets, &root[key], &place, named, &mut problems);
    }
    problems.into_result()?;
    let mut problems = Problems::default();
    check_schemas(&mut document.root, &mut problems);
    forget_themselves(document);
    check_cycles(&document.root, &mut problems);
    problems.into_result()
}

/// `named` says that the keys are names that the author gave, and no keywords.
fn check<'r>(
    targets: &mut Targets<'r>,
    value: &'r Value,
    place: &Pointer,
    named: bool,
    problems: &mut Problems,
) {
    match value {
        Value::Object(map) => {
            let target = map.get("$ref").filter(|_| !named);
            if let Some(rule) = target.and_then(|target| targets.broken(target)) {
                problems.add(place.child("$ref"), rule);
            }
            let children = map.iter().filter(|(_, child)| has_parts(child));
            for (key, child) in children.filter(|(key, _)| named || !is_data(key)) {
                let named = !named && has_names(key);
                check(targets, child, &place.child(key), named, problems);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                check(targets, child, &place.child(index), false, problems);
            }
        }
        _ => {}
    }
}

/// What has none refers to nothing.
pub(super) fn has_parts(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// Examples and defaults are data: a `$ref` in them is no reference. Nor is one in an extension.
fn is_data(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "const" | "enum") || key.starts_with("x-")
}

fn has_names(key: &str) -> bool {
    const NAMED: &[&str] = &[
        "$defs",
        "callbacks",
        "content",
        "headers",
        "links",
        "mediaTypes",
        "parameters",
        "pathItems",
        "paths",
        "patternProperties",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "securitySchemes",
        "webhooks",
    ];
    NAMED.contains(&key)
}

/// What references lead to.
struct Targets<'r> {
    root: &'r Value,
    /// The end of each chain that was followed.
    known: BTreeMap<&'r str, End<'r>>,
}

/// Where a chain of references ends.
#[derive(Clone, Copy)]
enum End<'r> {
    Found,
    Missing(&'r str),
    Cyclic,
}

impl<'r> Targets<'r> {
    fn broken(&mut self, target: &'r Value) -> Option<String> {
        let target = target.as_str()?;
        let anchor = target.split_once('#').map(|(_, fragment)| fragment);
        let anchor = anchor.filter(|anchor| !anchor.is_empty() && !anchor.starts_with('/'));
        if let Some(anchor) = anchor {
            return Some(format!(
                "no schema of `{target}` has the `$anchor` \"{anchor}\"; add it or correct the reference"
            ));
        }
        if !target.starts_with("#/") {
            return Some(format!(
                "`{target}` is outside the document, and no file beside it has it; put the schema under /components/schemas"
            ));
        }
        match self.end(target) {
            End::Found => None,
            End::Missing(next) => Some(format!(
                "`{next}` does not exist; add it or correct the reference"
            )),
            End::Cyclic => Some(format!(
                "`{target}` is cyclic: it only refers back to itself"
            )),
        }
    }

    /// Follows the chain, and remembers its end for each of its links.
    fn end(&mut self, target: &'r str) -> End<'r> {
        let mut chain = Vec::new();
        let mut next = target;
        let end = loop {
            if let Some(end) = self.known.get(next) {
                break *end;
            }
            // Until its end is known, a link that comes again closes a circle.
            self.known.insert(next, End::Cyclic);
            chain.push(next);
            let value = next
                .strip_prefix('#')
                .and_then(|place| self.root.pointer(place));
            let Some(value) = value else {
                break End::Missing(next);
            };
            match value.get("$ref").and_then(Value::as_str) {
                None => break End::Found,
                Some(further) => next = further,
            }
        };
        for link in chain {
            self.known.insert(link, end);
        }
        end
    }
}

/// A type's name is its component's, so a schema elsewhere can't be referred to.
fn check_schemas(root: &mut Value, problems: &mut Problems) {
    each_schema(root, &mut |place, schema| {
        let target = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = target.filter(|target| component(target).is_none()) {
            problems.add(
                place.pointer().child("$ref"),
                format!("`{target}` is no component; move what it means under /components/schemas"),
            );
        }
    });
}

/// What a value is that may be a reference, before references were checked: they may lead in a circle.
pub(super) fn followed<'v>(root: &'v Value, mut value: &'v Value) -> &'v Value {
    const LINKS: usize = 100;
    for _ in 0..LINKS {
        let target = value["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
        match target.and_then(|target| root.pointer(target)) {
            Some(next) => value = next,
            None => break,
        }
    }
    value
}

/// A copy of the schemas that are components, for what changes the document meanwhile.
pub(super) fn component_schemas(root: &Value) -> Value {
    let schemas = root.pointer("/components/schemas");
    schemas.cloned().unwrap_or_default()
}

/// What the schemas that are components are called.
pub(super) fn component_names(root: &Value) -> BTreeSet<String> {
    let schemas = root.pointer("/components/schemas");
    let schemas = schemas.and_then(Value::as_object).into_iter().flatten();
    schemas.map(|(name, _)| name.to_owned()).collect()
}

/// The component that a schema's reference names.
pub(super) fn component(target: &str) -> Option<String> {
    component_name(target).map(str::to_owned)
}

/// The same without a copy.
pub(super) fn component_name(target: &str) -> Option<&str> {
    let name = target.strip_prefix(COMPONENTS)?;
    (!name.contains('/')).then_some(name)
}

/// What references to components begin with.
pub(super) const COMPONENTS: &str = "#/components/schemas/";

/// What refers to a component.
pub(super) fn reference_to(name: &str) -> String {
    format!("{COMPONENTS}{name}")
}

/// The component that a schema is by its own reference.
pub(super) fn own_component(schema: &Value) -> Option<&str> {
    component_name(schema.get("$ref")?.as_str()?)
}

/// The component that a schema is, also as the only part of an `allOf`.
pub(super) fn only_component(schema: &Map) -> Option<&str> {
    let parts = schema.get("allOf").and_then(Value::as_array);
    match parts.map(Vec::as_slice) {
        Some([only]) if !schema.contains_key("properties") => own_component(only),
        Some(_) => None,
        None => component_name(schema.get("$ref")?.as_str()?),
    }
}

/// Takes out the parts and branches of a component that are the component itself, where there are others.
pub(super) fn forget_themselves(document: &mut Document) {
    let mut places = Vec::new();
    let schemas = document.root.pointer_mut("/components/schemas");
    let schemas = schemas.and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        for key in ["allOf", "anyOf", "oneOf"] {
            let Some(Value::Array(branches)) = schema.get_mut(key) else {
                continue;
            };
            let is_itself = |branch: &Value| {
                let target = branch["$ref"].as_str();
                target.and_then(component_name) == Some(name)
            };
            if branches.iter().any(is_itself) && !branches.iter().all(is_itself) {
                branches.retain(|branch| !is_itself(branch));
                places.push(Pointer::schema(name).child(key));
            }
        }
    }
    for place in places {
        let why = "a schema that is a part of itself says nothing by that";
        document.lose(place, "a part", why);
    }
}

/// A schema that is a part of itself, with no property or item in between, says nothing and has no Rust type.
fn check_cycles(root: &Value, problems: &mut Problems) {
    let schemas = root
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let mut graph = Graph::new();
    for (name, schema) in schemas.into_iter().flatten() {
        let mut found = Vec::new();
        parts(schema, &mut found);
        graph.insert(name, found);
    }
    let mut names: Vec<&str> = circles(&graph).into_iter().flatten().collect();
    names.sort_unstable();
    for name in names {
        problems.add(Pointer::schema(name), A_PART_OF_ITSELF);
    }
}

pub(super) const A_PART_OF_ITSELF: &str =
    "the schema is a part of itself (through `$ref`, `allOf`, `anyOf` or `oneOf`); break the cycle";

/// The components that a schema is made of.
pub(super) fn parts<'r>(schema: &'r Value, found: &mut Vec<&'r str>) {
    found.extend(
        schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(component_name),
    );
    for key in ["allOf", "anyOf", "oneOf"] {
        let branches = schema.get(key).and_then(Value::as_array);
        branches
            .into_iter()
            .flatten()
            .for_each(|branch| parts(branch, found));
    }
}
