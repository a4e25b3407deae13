//! Every schema of a document, wherever it stands.

use serde_json::{Map, Value};

use crate::pointer::Pointer;

/// What is done at each schema, before the schemas below it are visited.
type Visit<'v> = dyn FnMut(&Pointer, &mut Map<String, Value>) + 'v;

const ONE: &[&str] = &[
    "items",
    "additionalProperties",
    "propertyNames",
    "not",
    "contains",
];
const LIST: &[&str] = &["anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED: &[&str] = &["properties", "patternProperties"];
pub(crate) const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Visits every schema of the document: components, parameters, bodies and answers.
pub(crate) fn each_schema(document: &mut Value, visit: &mut Visit<'_>) {
    let root = Pointer::root();
    if let Some(components) = document.get_mut("components") {
        let place = root.child("components");
        each_entry(components, &place, "schemas", &mut |place, schema| {
            below(place, schema, visit);
        });
        for (kind, each) in [
            ("parameters", parameter as Part),
            ("requestBodies", content),
            ("responses", content),
        ] {
            each_entry(components, &place, kind, &mut |place, value| {
                each(place, value, visit);
            });
        }
    }
    each_operation(document, &mut |place, operation| {
        if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
            let place = place.child("parameters");
            for (index, value) in parameters.iter_mut().enumerate() {
                parameter(&place.child(index), value, visit);
            }
        }
        if let Some(body) = operation.get_mut("requestBody") {
            content(&place.child("requestBody"), body, visit);
        }
        if let Some(Value::Object(responses)) = operation.get_mut("responses") {
            for (status, response) in responses {
                content(&place.child("responses").child(status), response, visit);
            }
        }
    });
}

/// Visits every operation: `place` ends with the path and the method.
pub(crate) fn each_operation(
    document: &mut Value,
    visit: &mut dyn FnMut(&Pointer, &mut Map<String, Value>),
) {
    let place = Pointer::root().child("paths");
    let Some(Value::Object(paths)) = document.get_mut("paths") else {
        return;
    };
    for (path, item) in paths {
        for method in METHODS {
            if let Some(Value::Object(operation)) = item.get_mut(*method) {
                visit(&place.child(path).child(method), operation);
            }
        }
    }
}

type Part = fn(&Pointer, &mut Value, &mut Visit<'_>);

fn parameter(place: &Pointer, value: &mut Value, visit: &mut Visit<'_>) {
    if let Some(schema) = value.get_mut("schema") {
        below(&place.child("schema"), schema, visit);
    }
}

fn content(place: &Pointer, value: &mut Value, visit: &mut Visit<'_>) {
    let place = place.child("content");
    let Some(Value::Object(media_types)) = value.get_mut("content") else {
        return;
    };
    for (media_type, entry) in media_types {
        if let Some(schema) = entry.get_mut("schema") {
            below(&place.child(media_type).child("schema"), schema, visit);
        }
    }
}

fn each_entry(
    parent: &mut Value,
    place: &Pointer,
    key: &str,
    each: &mut dyn FnMut(&Pointer, &mut Value),
) {
    if let Some(Value::Object(entries)) = parent.get_mut(key) {
        for (name, value) in entries {
            each(&place.child(key).child(name), value);
        }
    }
}

/// Visits a schema and those below it.
pub(crate) fn below(place: &Pointer, schema: &mut Value, visit: &mut Visit<'_>) {
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
            for (index, child) in children.iter_mut().enumerate() {
                below(&place.child(key).child(index), child, visit);
            }
        }
    }
    for key in NAMED {
        each_entry(schema, place, key, &mut |place, child| {
            below(place, child, visit);
        });
    }
}
