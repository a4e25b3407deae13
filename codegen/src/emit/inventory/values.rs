//! The places whose value can be anything, and whether the description says so.

use serde::Serialize;

use super::super::rust_type::{owned, words};
use crate::ir::{Operation, RequestBody, Shape, TypeRef};
use crate::json::Value;
use crate::plan::{Plan, TypePlan};
use crate::pointer::Pointer;

/// A place whose value can be anything.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ValueEntry {
    /// Where it stands in the description.
    pub pointer: Pointer,
    /// The place in Rust, such as `State::data`.
    pub place: String,
    /// The Rust type.
    pub ty: String,
    /// Whether the description itself says "anything" there.
    pub explained: bool,
}

/// Every such place; `source` is the description as it was given.
pub(super) fn values(plan: &Plan<'_>, source: &Value) -> Vec<ValueEntry> {
    let mut found = Found {
        source,
        values: Vec::new(),
    };
    for ty in plan.types.values() {
        found.in_type(ty);
    }
    for operation in plan.api.operations.values() {
        found.in_operation(operation);
    }
    found.values
}

struct Found<'s> {
    source: &'s Value,
    values: Vec<ValueEntry>,
}

impl Found<'_> {
    fn add(&mut self, pointer: &Pointer, place: String, ty: &TypeRef) {
        if ty.has_any() {
            let said = self.source.pointer(pointer.as_str());
            self.values.push(ValueEntry {
                pointer: pointer.clone(),
                place,
                ty: words(&owned(ty)),
                explained: said.is_some_and(says_anything),
            });
        }
    }

    fn in_type(&mut self, plan: &TypePlan<'_>) {
        let TypePlan { ty, fields, .. } = plan;
        let Shape::Object(object) = &ty.shape else {
            for part in ty.shape.parts() {
                self.add(&ty.source, ty.name.clone(), part);
            }
            return;
        };
        for placed in fields.iter().filter(|placed| !placed.is_constant()) {
            let field = placed.field;
            let place = format!("{}::{}", ty.name, field.name);
            self.add(&field.source, place, &field.ty);
        }
        if let Some(additional) = &object.additional {
            let place = format!("{}::additional", ty.name);
            self.add(&ty.source, place, additional);
        }
    }

    fn in_operation(&mut self, operation: &Operation) {
        let name = &operation.name;
        let parameters = operation.parameters.iter().map(|one| &one.field);
        for field in parameters.filter(|field| field.constant.is_none()) {
            let place = format!("{name}({})", field.name);
            self.add(&field.source, place, &field.ty);
        }
        if let RequestBody::Whole(field) = &operation.body {
            self.add(&field.source, format!("{name}(body)"), &field.ty);
        }
        if let Some(answer) = &operation.answer {
            let schema = self.answer_schema(operation);
            self.add(&schema, format!("{name}() answer"), &answer.ty);
        }
    }

    /// Where the schema of the answer stands, as far as its first success has JSON.
    fn answer_schema(&self, operation: &Operation) -> Pointer {
        let place = operation.source.child("responses");
        let responses = self.source.pointer(place.as_str());
        let mut statuses = responses.and_then(Value::as_object).into_iter().flatten();
        let success = statuses.find(|(status, _)| status.starts_with('2'));
        let content = place.child(success.map_or("200", |(status, _)| status));
        content
            .child("content")
            .child("application/json")
            .child("schema")
    }
}

/// Whether a schema allows anything, itself or in a part of it.
fn says_anything(schema: &Value) -> bool {
    const SAYING: &[&str] = &[
        "type",
        "$ref",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "properties",
    ];
    let Some(map) = schema.as_object() else {
        return schema == &Value::Bool(true);
    };
    if !SAYING.iter().any(|key| map.contains_key(key)) {
        return true;
    }
    if map.get("type").is_some_and(|kind| kind == "object") && !map.contains_key("properties") {
        return map.get("additionalProperties").is_none_or(says_anything);
    }
    if map.get("type").is_some_and(|kind| kind == "array") {
        let items = map.get("items").is_none_or(says_anything) && !map.contains_key("prefixItems");
        return items || parts(map.get("prefixItems")).any(says_anything);
    }
    map.get("additionalProperties").is_some_and(says_anything)
        || ["anyOf", "oneOf", "allOf"]
            .iter()
            .any(|key| parts(map.get(key)).any(says_anything))
}

fn parts(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
