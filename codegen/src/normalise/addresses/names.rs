//! What places of a description are called beside their pointers.

use std::collections::{BTreeMap, BTreeSet};

use super::Resource;
use crate::json::Value;
use crate::normalise::references::has_parts;
use crate::pointer::Pointer;

/// What places are called beside their pointers; the first of two that share a name has it.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The resources by their addresses, and by their `$id` as it is written.
    pub(super) resources: BTreeMap<String, Pointer>,
    /// The anchors by the place of their resource.
    anchors: BTreeMap<(Pointer, String), Pointer>,
    /// The first anchors of that name below a component: several schemas of one description may have the same.
    nearby: BTreeMap<(String, String), Pointer>,
    /// The anchors, whatever their resource.
    everywhere: BTreeMap<String, Pointer>,
    /// The schemas that are components.
    pub(super) components: BTreeSet<String>,
    /// The places below `$defs` and `definitions`.
    definitions: BTreeSet<String>,
}

/// Where schemas keep what they use themselves.
const DEFINITIONS: &[&str] = &["$defs", "definitions"];

impl Names {
    pub(super) fn collect(&mut self, value: &Value, place: &Pointer, within: &Resource) {
        match value {
            Value::Object(map) => {
                let inner = within.inner(map, place);
                if let Some(inner) = &inner {
                    let written = map["$id"].as_str().unwrap_or_default();
                    for name in [inner.address.as_str(), written] {
                        let entry = self.resources.entry(name.to_owned());
                        entry.or_insert_with(|| place.clone());
                    }
                }
                let within = inner.as_ref().unwrap_or(within);
                for key in ["$anchor", "$dynamicAnchor"] {
                    if let Some(Value::String(name)) = map.get(key) {
                        let key = (within.place.clone(), name.clone());
                        self.anchors.entry(key).or_insert_with(|| place.clone());
                        let nearby = (component(place).to_owned(), name.clone());
                        self.nearby.entry(nearby).or_insert_with(|| place.clone());
                        let everywhere = self.everywhere.entry(name.clone());
                        everywhere.or_insert_with(|| place.clone());
                    }
                }
                for key in DEFINITIONS {
                    if let Some(Value::Object(named)) = map.get(key) {
                        let place = place.child(key);
                        let places = named.keys().map(|name| place.child(name));
                        self.definitions
                            .extend(places.map(|place| place.as_str().to_owned()));
                    }
                }
                for (key, child) in map.iter().filter(|(_, child)| has_parts(child)) {
                    self.collect(child, &place.child(key), within);
                }
            }
            Value::Array(items) => {
                for (index, child) in items.iter().enumerate() {
                    self.collect(child, &place.child(index), within);
                }
            }
            _ => {}
        }
    }

    /// What a name leads to from a place within a resource.
    pub(super) fn anchor(
        &self,
        resource: &Pointer,
        name: &str,
        from: &Pointer,
    ) -> Option<&Pointer> {
        let nearby = (component(from).to_owned(), name.to_owned());
        let nearby = self.nearby.get(&nearby);
        let nearby = nearby.filter(|place| place.as_str().starts_with(resource.as_str()));
        let key = (resource.clone(), name.to_owned());
        let found = nearby.or_else(|| self.anchors.get(&key));
        found.or_else(|| self.everywhere.get(name))
    }

    /// The component that a schema means by `./Pet.yaml` or `#/definitions/Pet`, which is what is left where files were put
    /// together, or another format was converted, not quite.
    pub(super) fn meant(&self, target: &str, from: &Pointer) -> Option<String> {
        let (address, fragment) = target.split_once('#').unwrap_or((target, ""));
        let converted = fragment.strip_prefix("/definitions/");
        let name = match fragment {
            "" => address.rsplit('/').next()?.split('.').next()?,
            _ if address.is_empty() => converted?,
            _ => converted.or_else(|| fragment.strip_prefix("/components/schemas/"))?,
        };
        let is_known = self.components.contains(name) && !self.definitions.contains(fragment);
        (is_known && is_schema(from)).then(|| format!("#{}", Pointer::schema(name).as_str()))
    }

    /// The definition that a schema means by `#/$defs/Name`, where the description has none of that name: the next one
    /// around it. Schemas are pasted into descriptions as they are, and `#` was themselves before.
    pub(super) fn pasted(&self, target: &str, from: &Pointer) -> Option<String> {
        let fragment = target.strip_prefix('#')?;
        let mut keys = fragment.strip_prefix('/')?.splitn(3, '/');
        let (holder, name) = (keys.next()?, keys.next()?);
        if !DEFINITIONS.contains(&holder) {
            return None;
        }
        let definition = format!("/{holder}/{name}");
        let mut around = from.as_str();
        loop {
            if self.definitions.contains(&format!("{around}{definition}")) {
                return (!around.is_empty()).then(|| format!("#{around}{fragment}"));
            }
            around = around.rsplit_once('/')?.0;
        }
    }
}

/// Whether what stands at a place is a schema, as far as the keys say it.
fn is_schema(place: &Pointer) -> bool {
    const OTHERS: &[&str] = &[
        "callbacks",
        "examples",
        "headers",
        "links",
        "parameters",
        "pathItems",
        "paths",
        "requestBodies",
        "responses",
    ];
    let keys: Vec<String> = place.keys().collect();
    let mut last = keys.iter().rev();
    let (own, around) = (last.next(), last.next());
    let is_other = |key: Option<&String>| key.is_some_and(|key| OTHERS.contains(&key.as_str()));
    !is_other(around) && own.is_some_and(|own| own != "requestBody")
}

/// The component that a place is in, or else the path.
fn component(place: &Pointer) -> &str {
    const KEYS: usize = 3;
    let text = place.as_str();
    let end = text.match_indices('/').nth(KEYS);
    end.map_or(text, |(end, _)| &text[..end])
}
