//! Gives every object, enum and union a name of its own under `/components/schemas`, and every component its Rust name.
//!
//! Inline schemas that say the same become one type. A name from `diptych.toml` wins; else the first place gives it:
//! `Flow.labels` gives `FlowLabels`, the items of `Flow.tags` give `FlowTag`. Components whose names become one in Rust
//! are told apart by numbers, in the order of their names; the one that is called so already keeps its name.

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::references::reference_to;
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::json::{Map, Value, json};
use crate::naming::{Numbers, singular, type_name};
use crate::normalise::Body;
use crate::notes::{self, KEY, Note, note, read};
use crate::pointer::Pointer;
use crate::walk::{ANSWERS, each_operation, single};

mod components;
mod words;

use components::{Components, rename_references};
pub(super) use words::branch_words;
use words::{is_nameable, says_more};

pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let mut problems = Problems::default();
    let chosen = rename_components(document, config, &mut problems);
    let mut hoist = Hoist {
        config,
        known: BTreeMap::new(),
        components: take_components(&mut document.root),
        carriers: std::mem::take(&mut document.carriers),
        names: BTreeMap::new(),
        numbers: Numbers::default(),
        open: config
            .names
            .types
            .keys()
            .filter(|place| !chosen.contains(place))
            .cloned()
            .collect(),
        problems: &mut problems,
    };
    hoist.components();
    each_operation(&mut document.root, &mut |_, operation| {
        hoist.operation(operation);
    });
    let Hoist {
        open, components, ..
    } = hoist;
    for pointer in open {
        document.does_not_fit(
            pointer,
            "diptych.toml names this type, but there is nothing to name",
        );
    }
    document.root["components"] = single("schemas", Value::Object(components));
    problems.into_result()
}

fn take_components(root: &mut Value) -> Map {
    match root.pointer_mut("/components/schemas").map(Value::take) {
        Some(Value::Object(schemas)) => schemas,
        _ => Map::new(),
    }
}

/// Renames the components: Rust names, and `ReadFlowsBody` for the body that exists for `read_flows` only. The result
/// are the choices that were made use of.
fn rename_components(
    document: &mut Document,
    config: &Config,
    problems: &mut Problems,
) -> BTreeSet<Pointer> {
    let bodies = embedded_bodies(document);
    let components = take_components(&mut document.root);
    let mut names = Components::default();
    let mut used = BTreeSet::new();
    for (name, schema) in &components {
        let source = schema.as_object().map(notes::source).unwrap_or_default();
        if document.carriers.contains(name) {
            names.give(name, name);
        } else if let Some(chosen) = config.names.types.get(&source)
            && source == Pointer::schema(name)
        {
            names.choose(name, type_name(chosen), problems);
            used.insert(source);
        } else if let Some(body) = bodies.get(name) {
            names.give(name, body);
        }
    }
    let mut rest: Vec<&str> = components.keys().filter(|name| !names.has(name)).collect();
    rest.sort_by_key(|name| type_name(name) != **name);
    for name in rest {
        names.give(name, &type_name(name));
    }
    let renamed: Map = components
        .into_iter()
        .map(|(name, schema)| (names.rust[name.as_ref()].clone(), schema))
        .collect();
    document.root["components"] = single("schemas", Value::Object(renamed));
    rename_references(&mut document.root, &names.rust);
    used
}

fn embedded_bodies(document: &mut Document) -> BTreeMap<String, String> {
    let mut bodies = BTreeMap::new();
    let notes = &document.operations;
    each_operation(&mut document.root, &mut |_, operation| {
        let name = operation
            .get("operationId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let target = operation
            .get("requestBody")
            .map(|body| &body["content"]["application/json"]["schema"]["$ref"]);
        if let Some(Value::String(target)) = target
            && notes
                .get(name)
                .is_some_and(|note| note.body == Body::Embedded)
        {
            let schema = target.trim_start_matches("#/components/schemas/");
            bodies.insert(schema.to_owned(), type_name(&format!("{name}_body")));
        }
    });
    bodies
}

struct Hoist<'h> {
    config: &'h Config,
    /// What the schema means, as text, to the component that says it.
    known: BTreeMap<String, String>,
    components: Map,
    /// The components that only carry the items of a tuple.
    carriers: BTreeSet<String>,
    names: BTreeMap<String, Pointer>,
    numbers: Numbers,
    /// Chosen names that no place has asked for yet.
    open: BTreeSet<Pointer>,
    problems: &'h mut Problems,
}

impl Hoist<'_> {
    fn components(&mut self) {
        // The items of a tuple are named where it stands.
        let names = self
            .components
            .keys()
            .filter(|name| !self.carriers.contains(*name));
        let names: Vec<String> = names.map(str::to_owned).collect();
        for name in &names {
            let mut schema = self.components[name].take();
            self.children(&mut schema, name);
            self.components[name] = schema;
        }
    }

    /// The items of a tuple, which a component of its own carries.
    fn items_of_tuple(&mut self, carrier: &str, name: &str) {
        let mut schema = self.components[carrier].take();
        if let Some(Value::Object(items)) = schema.get_mut("properties") {
            for (key, item) in items {
                self.variable(item, &format!("{name} {key}"));
            }
        }
        self.components[carrier] = schema;
    }

    fn operation(&mut self, operation: &mut Map) {
        let id = operation
            .get("operationId")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
            for parameter in parameters {
                let name = format!("{id} {}", parameter["name"].as_str().unwrap_or_default());
                if parameter["required"] == true {
                    // A constant that must be there needs nobody to give it.
                    self.schema(&mut parameter["schema"], &name);
                } else {
                    self.variable(&mut parameter["schema"], &name);
                }
            }
        }
        if let Some(schema) = operation.get_mut("requestBody").and_then(content_schema) {
            self.variable(schema, &format!("{id} request"));
        }
        if let Some(Value::Object(responses)) = operation.get_mut("responses") {
            for response in responses.values_mut() {
                if let Some(schema) = content_schema(response) {
                    self.variable(schema, &format!("{id} answer"));
                }
            }
        }
        if let Some(Value::Object(responses)) = operation.get_mut(ANSWERS) {
            for (status, response) in responses {
                if let Some(schema) = content_schema(response) {
                    self.variable(schema, &format!("{id} {status} answer"));
                }
            }
        }
    }

    /// A constant outside an object is a value as others: somebody has to give it.
    fn variable(&mut self, schema: &mut Value, suggestion: &str) {
        if let Some(map) = schema.as_object_mut()
            && notes::constant(map).is_some()
        {
            note(map, |note| note.constant = None);
        }
        self.schema(schema, suggestion);
    }

    /// Names what is below first, so that equal schemas are equal down to their references.
    fn schema(&mut self, schema: &mut Value, suggestion: &str) {
        let Some(map) = schema.as_object().filter(|map| says_more(map)) else {
            return;
        };
        let source = notes::source(map);
        let chosen = self.config.names.types.get(&source).cloned();
        let name = type_name(chosen.as_deref().unwrap_or(suggestion));
        self.children(schema, &name);
        if is_nameable(schema) {
            self.open.remove(&source);
            self.hoist(schema, &name, chosen.is_some());
        }
    }

    fn children(&mut self, schema: &mut Value, name: &str) {
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for (key, property) in properties {
                self.schema(property, &format!("{name} {key}"));
            }
        }
        let carrier = schema.as_object().and_then(notes::tuple).map(str::to_owned);
        if let Some(carrier) = carrier {
            self.items_of_tuple(&carrier, name);
        } else if let Some(items) = schema.get_mut("items") {
            self.variable(items, &self.one_of(name));
        }
        if let Some(entry) = schema.get_mut("additionalProperties") {
            self.variable(entry, &format!("{name} value"));
        }
        let union = schema.as_object().and_then(|map| read(map).union);
        for key in ["oneOf", "allOf", "anyOf"] {
            if let Some(Value::Array(branches)) = schema.get_mut(key) {
                let words = branch_words(branches, union.as_ref());
                for (branch, word) in branches.iter_mut().zip(words) {
                    if key == "allOf" && self.is_taken_over(branch) {
                        self.children(branch, name);
                    } else {
                        self.variable(branch, &format!("{name} {word}"));
                    }
                }
            }
        }
    }

    /// What an item of a list is called: one of `Rows` is a `Row`, and one of `Sheep`, which is the list, a `SheepItem`.
    fn one_of(&self, list: &str) -> String {
        let one = singular(list);
        if one == list && self.components.contains_key(&one) {
            return format!("{list} item");
        }
        one
    }

    /// Whether a part of an `allOf` is only fields of the whole: nobody has to name it.
    fn is_taken_over(&self, part: &Value) -> bool {
        const FIELDS: &[&str] = &[
            "additionalProperties",
            "properties",
            "required",
            "type",
            KEY,
        ];
        let Some(map) = part.as_object() else {
            return false;
        };
        let is_chosen = self.config.names.types.contains_key(&notes::source(map));
        let keys = map.keys().all(|key| FIELDS.contains(&key));
        keys && part["properties"].is_object() && !is_chosen
    }

    fn hoist(&mut self, schema: &mut Value, name: &str, chosen: bool) {
        let note = schema.as_object().map(read).unwrap_or_default();
        let mut body = schema.take();
        if let Some(map) = body.as_object_mut() {
            map.remove("nullable");
        }
        let says = self.says(&body, &note);
        let known = self.known.get(&says).cloned();
        let name = match known {
            Some(known) if !chosen || known == name => known,
            _ => {
                let name = self.free(name, &note.source, chosen);
                self.known.insert(says, name.clone());
                self.components.insert(name.clone(), body);
                name
            }
        };
        *schema = reference(&name, note);
    }

    /// What makes the type. What is noted of the schema itself is noted of the reference to it, but for how the branches of
    /// a union are told apart, and that the value is a secret.
    fn says(&self, body: &Value, noted: &Note) -> String {
        let mut body = body.clone();
        if let Some(map) = body.as_object_mut() {
            note(map, |note| {
                *note = Note {
                    union: noted.union.clone(),
                    secret: noted.secret,
                    tuple: noted.tuple.clone(),
                    ..Note::default()
                }
            });
        }
        notes::meaning(&body, &|name| self.components.get(name).cloned())
    }

    /// A suggestion gives way to what has the name already; a chosen name must be free.
    fn free(&mut self, name: &str, source: &Pointer, chosen: bool) -> String {
        let is_taken = |name: &str| self.components.contains_key(name);
        if chosen && is_taken(name) {
            let first = self.names.get(name).cloned();
            let first = first.unwrap_or_else(|| Pointer::schema(name));
            let rule =
                format!("diptych.toml names this `{name}`, which is another type already: {first}");
            self.problems.add(source.clone(), rule);
        }
        let free = if chosen {
            name.to_owned()
        } else {
            self.numbers.free(name, is_taken)
        };
        self.names.insert(free.clone(), source.clone());
        free
    }
}

/// The schema of a body or an answer, which have one media type each.
fn content_schema(part: &mut Value) -> Option<&mut Value> {
    let content = part.get_mut("content")?.as_object_mut()?;
    content.values_mut().next()?.get_mut("schema")
}

fn reference(name: &str, before: Note) -> Value {
    let target = reference_to(name);
    let mut schema = Map::new();
    if before.nullable {
        schema.insert("allOf".to_owned(), json!([{ "$ref": target }]));
        schema.insert("nullable".to_owned(), json!(true));
    } else {
        schema.insert("$ref".to_owned(), json!(target));
    }
    note(&mut schema, |note| {
        *note = Note {
            union: None,
            ..before
        }
    });
    Value::Object(schema)
}
