//! The data of a block as they are written: references where blocks are saved, and no secrets of theirs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::saved::Reference;
use super::schema::{Plan, Plans};
use super::signature::{SLUG, is_signed, signed_id};
use crate::Error;

/// The data of a value.
pub(super) fn data<T: Serialize>(value: &T, plans: &Plans) -> Result<Map<String, Value>, Error> {
    let slug = plans.own.slug();
    let value = prefect_client::json::to_value(value)
        .map_err(|error| Error::invalid(format!("this `{slug}` has no JSON")).because(error))?;
    match value {
        Value::Object(data) => Ok(data),
        _ => Err(Error::invalid(format!("this `{slug}` is no JSON object"))),
    }
}

/// Writes references for blocks that are saved, and for those that came as references and are as they came.
pub(super) fn refer(
    data: Map<String, Value>,
    plans: &Plans,
    came: &BTreeMap<String, Reference>,
) -> Result<BTreeMap<String, Value>, Error> {
    let own = &plans.own;
    let slug = own.slug();
    let mut written = BTreeMap::new();
    for (field, value) in data {
        if !own.has_field(&field) {
            let text = format!("the schema of the block `{slug}` has no field `{field}`");
            return Err(Error::invalid(text));
        }
        let value = match signed_id(&value).filter(|_| own.is_block(&field)) {
            Some(id) => reference_to(id),
            None => unsigned(&field, value, plans, came)?,
        };
        written.insert(field, value);
    }
    Ok(written)
}

/// What is written of a field that is not a saved block.
fn unsigned(
    field: &str,
    value: Value,
    plans: &Plans,
    came: &BTreeMap<String, Reference>,
) -> Result<Value, Error> {
    let own = &plans.own;
    if let Some(reference) = came
        .get(field)
        .filter(|_| !own.is_block(field) && !value.is_null())
    {
        if reference.unchanged.as_ref() == Some(&value) {
            return Ok(reference_to(reference.id));
        }
        return Err(Error::invalid(format!(
            "the field `{field}` of this `{}` refers to a block, which has been changed: make it a Nested block, or update that block itself",
            own.slug()
        )));
    }
    refuse_reference(own.slug(), field, &value)?;
    refuse_signed(field, &value, &plans.nested)?;
    Ok(value)
}

/// What the server would read as a reference to a document.
pub(super) fn refuse_reference(slug: &str, field: &str, value: &Value) -> Result<(), Error> {
    if value.get("$ref").is_none() {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the field `{field}` of this `{slug}` has the key `$ref`, which Prefect's server reads as a reference to a block"
    )))
}

/// A saved block where the server knows no references is written as it is; its secrets would be written again.
fn refuse_signed(field: &str, value: &Value, nested: &[Plan]) -> Result<(), Error> {
    let inner: Vec<&Value> = match value {
        Value::Object(object) => {
            let slug = object.get(SLUG).and_then(Value::as_str);
            let plan = nested.iter().find(|plan| Some(plan.slug()) == slug);
            if let Some(plan) = plan
                && is_signed(object)
                && !plan.secret_fields().is_empty()
            {
                return Err(Error::invalid(format!(
                    "the field `{field}` holds a saved `{}`, which has secrets, where Prefect's server knows no references: \
                     a field of the block itself may refer to it",
                    plan.slug()
                )));
            }
            object.values().collect()
        }
        Value::Array(values) => values.iter().collect(),
        _ => Vec::new(),
    };
    inner
        .into_iter()
        .try_for_each(|value| refuse_signed(field, value, nested))
}

pub(super) fn reference_to(id: Uuid) -> Value {
    json!({"$ref": {"block_document_id": id}})
}

/// Writes references that came, for fields that this type does not have: what is not written of them, the server drops.
pub(super) fn keep(
    written: &mut BTreeMap<String, Value>,
    came: impl IntoIterator<Item = (String, Uuid)>,
) {
    for (field, id) in came {
        written.entry(field).or_insert_with(|| reference_to(id));
    }
}
