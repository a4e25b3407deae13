//! Every schema of a document, wherever it stands.

use crate::json::{Map, Value};
use crate::pointer::Pointer;

/// What is done at each schema, before the schemas below it are visited.
type Visit<'v> = dyn FnMut(&Place<'_>, &mut Map) + 'v;

/// Where a walk is. Most visits do not ask, so the pointer is made only when they do.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    key: Key<'p>,
}

#[derive(Clone, Copy)]
enum Key<'p> {
    Root,
    Name(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    const ROOT: Self = Self {
        parent: None,
        key: Key::Root,
    };

    /// The place as a pointer.
    pub(crate) fn pointer(&self) -> Pointer {
        let mut pointer = Pointer::root();
        self.lead(&mut pointer);
        pointer
    }

    fn lead(&self, pointer: &mut Pointer) {
        if let Some(parent) = self.parent {
            parent.lead(pointer);
        }
        match self.key {
            Key::Root => {}
            Key::Name(name) => pointer.enter(name),
            Key::Index(index) => pointer.enter_item(index),
        }
    }

    /// The name of the component that stands here, where one does.
    pub(crate) fn component(&self) -> Option<&'p str> {
        let schemas = self.parent?;
        let components = schemas.parent?;
        let is_root = components.parent?.parent.is_none();
        match (self.key, schemas.key, components.key) {
            (Key::Name(name), Key::Name("schemas"), Key::Name("components")) if is_root => {
                Some(name)
            }
            _ => None,
        }
    }

    /// Whether this is below a key of the document itself.
    pub(crate) fn is_below(&self, key: &str) -> bool {
        match self.parent {
            Some(parent) if parent.parent.is_none() => self.is_called(key),
            Some(parent) => parent.is_below(key),
            None => false,
        }
    }

    fn is_called(&self, key: &str) -> bool {
        matches!(self.key, Key::Name(name) if name == key)
    }

    /// Whether this is a part of an `allOf`.
    pub(crate) fn is_part(&self) -> bool {
        matches!(
            self.parent.map(|parent| parent.key),
            Some(Key::Name("allOf"))
        )
    }

    fn child(&'p self, name: &'p str) -> Self {
        Self {
            parent: Some(self),
            key: Key::Name(name),
        }
    }

    fn item(&'p self, index: usize) -> Self {
        Self {
            parent: Some(self),
            key: Key::Index(index),
        }
    }
}

const ONE: &[&str] = &[
    "items",
    "additionalProperties",
    "propertyNames",
    "not",
    "contains",
];
const LIST: &[&str] = &["anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED: &[&str] = &["properties", "patternProperties"];
/// The last one is 3.2's.
const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// What the keys of operations begin with whose method is none of these: `x-method-COPY`, where the description has
/// `additionalOperations/COPY`.
pub(crate) const OTHER: &str = "x-method-";

/// Whether an operation stands behind the key of a path.
pub(crate) fn is_method(key: &str) -> bool {
    METHODS.contains(&key) || key.starts_with(OTHER)
}

/// The keys of a path's operations, those that 3.0 knows first.
pub(crate) fn methods(item: &Value) -> Vec<String> {
    let Some(item) = item.as_object() else {
        return Vec::new();
    };
    let known = METHODS.iter().filter(|key| item.contains_key(key));
    let others = item.keys().filter(|key| key.starts_with(OTHER));
    known
        .map(|key| (*key).to_owned())
        .chain(others.map(str::to_owned))
        .collect()
}

/// The method as it is sent, by its key.
pub(crate) fn method_name(key: &str) -> String {
    match key.strip_prefix(OTHER) {
        Some(other) => other.to_owned(),
        None => key.to_ascii_uppercase(),
    }
}

/// The place in the description of what stands at this one in the document.
pub(crate) fn as_described(place: &Pointer) -> Pointer {
    let mut keys = place.keys();
    let (first, path, key) = (keys.next(), keys.next(), keys.next());
    let other = key.as_deref().and_then(|key| key.strip_prefix(OTHER));
    let (Some("paths"), Some(path), Some(method)) = (first.as_deref(), path, other) else {
        return place.clone();
    };
    let item = Pointer::root().child("paths").child(path);
    let operation = item.child("additionalOperations").child(method);
    keys.fold(operation, |place, key| place.child(key))
}

/// What the keys of operations begin with that stand beside the one of their method: `x-diptych-post from text/csv`.
pub(crate) const VARIANT: &str = "x-diptych-";

/// Where the answers of an operation stand beside the first.
pub(crate) const ANSWERS: &str = "x-diptych-answers";

/// The method of an operation by its key below a path.
pub(crate) fn method_of(key: &str) -> &str {
    let variant = key.strip_prefix(VARIANT);
    let method = variant.and_then(|rest| rest.split(' ').next());
    method.unwrap_or(key)
}

/// Takes out the operations and answers that 3.0 has no place for.
pub(crate) fn drop_variants(document: &mut Value) {
    operations(document, &mut |_, operation| {
        operation.remove(ANSWERS);
    });
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for item in paths.into_iter().flat_map(Map::values_mut) {
        if let Some(item) = item.as_object_mut() {
            let is_new = |key: &str| key == "query" || key.starts_with(OTHER);
            item.retain(|key, _| !key.starts_with(VARIANT) && !is_new(key));
        }
    }
}

/// Whether a condition holds for some schema of the document.
pub(crate) fn some_schema(document: &mut Value, holds: impl Fn(&Map) -> bool) -> bool {
    let mut are_some = false;
    each_schema(document, &mut |_, schema| {
        are_some = are_some || holds(schema);
    });
    are_some
}

/// Visits every schema of the document: components, parameters, bodies and answers.
pub(crate) fn each_schema(document: &mut Value, visit: &mut Visit<'_>) {
    if let Some(components) = document.get_mut("components") {
        let place = Place::ROOT.child("components");
        each_entry(components, &place, "schemas", &mut |place, schema| {
            below(place, schema, visit);
        });
        for (kind, each) in [
            ("parameters", parameter as Part),
            ("requestBodies", content),
            ("responses", content),
            ("mediaTypes", media_type),
            ("pathItems", path_item),
        ] {
            each_entry(components, &place, kind, &mut |place, value| {
                each(place, value, visit);
            });
        }
    }
    each_entry(document, &Place::ROOT, "paths", &mut |place, item| {
        parameters(place, item, visit);
    });
    operations(document, &mut |place, operation| {
        of_operation(place, operation, visit);
    });
}

fn of_operation(place: &Place<'_>, operation: &mut Map, visit: &mut Visit<'_>) {
    if let Some(list) = operation.get_mut("parameters") {
        each_parameter(place, list, visit);
    }
    if let Some(body) = operation.get_mut("requestBody") {
        content(&place.child("requestBody"), body, visit);
    }
    for key in ["responses", ANSWERS] {
        if let Some(Value::Object(responses)) = operation.get_mut(key) {
            let place = place.child(key);
            for (status, response) in responses {
                content(&place.child(status), response, visit);
            }
        }
    }
}

/// A path that others refer to.
fn path_item(place: &Place<'_>, item: &mut Value, visit: &mut Visit<'_>) {
    parameters(place, item, visit);
    for method in methods(item) {
        if let Some(Value::Object(operation)) = item.get_mut(&method) {
            of_operation(&place.child(&method), operation, visit);
        }
    }
}

/// What all operations of a path share.
fn parameters(place: &Place<'_>, item: &mut Value, visit: &mut Visit<'_>) {
    if let Some(list) = item.get_mut("parameters") {
        each_parameter(place, list, visit);
    }
}

fn each_parameter(place: &Place<'_>, list: &mut Value, visit: &mut Visit<'_>) {
    let place = place.child("parameters");
    for (index, value) in list.as_array_mut().into_iter().flatten().enumerate() {
        parameter(&place.item(index), value, visit);
    }
}

/// Visits every operation: its pointer ends with the path and the method.
pub(crate) fn each_operation(document: &mut Value, visit: &mut dyn FnMut(&Pointer, &mut Map)) {
    operations(document, &mut |place, operation| {
        visit(&place.pointer(), operation);
    });
}

fn operations(document: &mut Value, visit: &mut Visit<'_>) {
    let root = Place::ROOT;
    let place = root.child("paths");
    let Some(Value::Object(paths)) = document.get_mut("paths") else {
        return;
    };
    for (path, item) in paths {
        let place = place.child(path);
        for method in METHODS {
            if let Some(Value::Object(operation)) = item.get_mut(*method) {
                visit(&place.child(method), operation);
            }
        }
        for (key, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation
                .as_object_mut()
                .filter(|_| key.starts_with(VARIANT) || key.starts_with(OTHER))
            {
                visit(&place.child(key), operation);
            }
        }
    }
}

type Part = fn(&Place<'_>, &mut Value, &mut Visit<'_>);

fn parameter(place: &Place<'_>, value: &mut Value, visit: &mut Visit<'_>) {
    if let Some(schema) = value.get_mut("schema") {
        below(&place.child("schema"), schema, visit);
    }
    content(place, value, visit);
}

fn content(place: &Place<'_>, value: &mut Value, visit: &mut Visit<'_>) {
    let place = place.child("content");
    let Some(Value::Object(media_types)) = value.get_mut("content") else {
        return;
    };
    for (name, entry) in media_types {
        media_type(&place.child(name), entry, visit);
    }
}

fn media_type(place: &Place<'_>, entry: &mut Value, visit: &mut Visit<'_>) {
    if let Some(schema) = entry.get_mut("schema") {
        below(&place.child("schema"), schema, visit);
    }
}

fn each_entry(
    parent: &mut Value,
    place: &Place<'_>,
    key: &str,
    each: &mut dyn FnMut(&Place<'_>, &mut Value),
) {
    if let Some(Value::Object(entries)) = parent.get_mut(key) {
        let place = place.child(key);
        for (name, value) in entries {
            each(&place.child(name), value);
        }
    }
}

/// Visits a schema and those below it.
fn below(place: &Place<'_>, schema: &mut Value, visit: &mut Visit<'_>) {
    if let Value::Object(map) = schema {
        visit(place, map);
    }
    for key in ONE {
        if let Some(child) = schema.get_mut(*key) {
            below(&place.child(key), child, visit);
        }
    }
    for key in LIST {
        if let Some(Value::Array(children)) = schema.get_mut(*key) {
            let place = place.child(key);
            for (index, child) in children.iter_mut().enumerate() {
                below(&place.item(index), child, visit);
            }
        }
    }
    for key in NAMED {
        each_entry(schema, place, key, &mut |place, child| {
            below(place, child, visit);
        });
    }
}

/// An object of one entry. The macro `json` would copy the value, member by member.
pub(crate) fn single(key: impl Into<String>, value: Value) -> Value {
    Value::Object(Map::from_iter([(key.into(), value)]))
}

/// How many values it is; a long text is as much as several.
pub(crate) fn values(value: &Value) -> usize {
    let below: usize = match value {
        Value::String(text) => text.len() / 64,
        Value::Object(map) => map.values().map(values).sum(),
        Value::Array(items) => items.iter().map(values).sum(),
        _ => 0,
    };
    below + 1
}
