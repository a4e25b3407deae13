//! What is registered of a type of blocks: its fields as Python's classes write them, and those of the blocks in it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::checksum::{checksum, remove_nested};
use super::info::BlockInfo;
use super::marks::{self, mark, text, texts};
use super::secrets::{holds_secret_or_block, secret_fields};
use crate::pydantic::{definition_of, find_references, inline_unions, self_referring};
use crate::{Error, pydantic};

/// What is registered of a type of blocks.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What the server knows beside the fields: see [`mark`].
    pub(super) mark: Map<String, Value>,
    /// The schema, as it is sent.
    pub(super) fields: Map<String, Value>,
}

/// What is registered of a type of blocks, and of the blocks in it.
#[derive(Clone, Debug)]
pub(super) struct Plans {
    /// Of the blocks in it, each after those in itself.
    pub(super) nested: Vec<Plan>,
    pub(super) own: Plan,
}

impl Plan {
    pub(super) fn slug(&self) -> &str {
        text(&self.mark, "slug").unwrap_or_default()
    }

    pub(super) fn secret_fields(&self) -> Vec<String> {
        texts(&self.fields, "secret_fields")
    }

    pub(super) fn checksum(&self) -> String {
        checksum(&self.fields)
    }

    /// Whether a field of this name may be a block.
    pub(super) fn is_block(&self, field: &str) -> bool {
        let references = self.fields.get("block_schema_references");
        references.is_some_and(|references| references.get(field).is_some())
    }

    pub(super) fn has_field(&self, field: &str) -> bool {
        let properties = self.fields.get("properties");
        properties.is_some_and(|properties| properties.get(field).is_some())
    }

    /// Refers to a schema of the server's in place of the one that this crate would have registered.
    pub(super) fn refer_to(&mut self, slug: &str, checksum: &str) {
        let mut own = std::mem::take(&mut self.fields);
        replace_checksum(&mut own, slug, checksum);
        if let Some(Value::Object(definitions)) = own.get_mut("definitions") {
            for definition in definitions.values_mut().filter_map(Value::as_object_mut) {
                replace_checksum(definition, slug, checksum);
            }
        }
        self.fields = own;
    }
}

fn replace_checksum(fields: &mut Map<String, Value>, slug: &str, checksum: &str) {
    let Some(Value::Object(references)) = fields.get_mut("block_schema_references") else {
        return;
    };
    for reference in references.values_mut() {
        let each = match reference {
            Value::Array(all) => all.iter_mut().collect(),
            one => vec![one],
        };
        for reference in each.into_iter().filter_map(Value::as_object_mut) {
            if text(reference, "block_type_slug") == Some(slug) {
                reference.insert("block_schema_checksum".to_owned(), checksum.into());
            }
        }
    }
}

/// What is registered of `T`.
pub(super) fn plans<T: DeserializeOwned + JsonSchema>(info: &BlockInfo) -> Result<Plans, Error> {
    let Value::Object(mark) = mark::<T>(info) else {
        return Err(Error::invalid("a block has no schema"));
    };
    plans_of(pydantic::schema_of::<T>(), mark)
}

fn plans_of(mut schema: Schema, own: Map<String, Value>) -> Result<Plans, Error> {
    let name = text(&own, "slug").unwrap_or_default().to_owned();
    if let Some(definition) = self_referring(schema.as_value()) {
        let text = format!(
            "the block `{name}` contains `{definition}`, which contains itself: Prefect's server takes no such schema"
        );
        return Err(Error::invalid(text));
    }
    inline_unions(schema.ensure_object());
    pydantic::tidy(&mut schema);
    let Value::Object(mut root) = schema.to_value() else {
        return Err(Error::invalid(format!("the block `{name}` has no schema")));
    };
    let mut definitions = match root.remove("definitions") {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    let mut all = BTreeMap::new();
    find_blocks(&Value::Object(root.clone()), &mut all)?;
    find_blocks(&Value::Object(definitions.clone()), &mut all)?;
    let mut nested = Vec::new();
    for name in in_order(&root, &definitions) {
        let Some(mark) = all.remove(&name) else {
            continue;
        };
        let Some(Value::Object(definition)) = definitions.get(&name).cloned() else {
            continue;
        };
        let completed = complete(definition, &mark, &definitions)?;
        definitions.insert(name, completed.clone().into());
        let fields = with_definitions(completed, &definitions);
        nested.push(Plan { mark, fields });
    }
    let completed = complete(root, &own, &definitions)?;
    let fields = with_definitions(completed, &definitions);
    let own = Plan { mark: own, fields };
    Ok(Plans { nested, own })
}

/// The marks of the blocks that are referred to, by the names of their definitions.
fn find_blocks(
    value: &Value,
    found: &mut BTreeMap<String, Map<String, Value>>,
) -> Result<(), Error> {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(mark)) = object.get(marks::BLOCK) {
                let Some(name) = definition_of(object) else {
                    let slug = text(mark, "slug").unwrap_or_default();
                    let text = format!("the schema of the block `{slug}` must not be inlined");
                    return Err(Error::invalid(text));
                };
                found.insert(name.to_owned(), mark.clone());
            }
            object
                .values()
                .try_for_each(|value| find_blocks(value, found))
        }
        Value::Array(values) => values
            .iter()
            .try_for_each(|value| find_blocks(value, found)),
        _ => Ok(()),
    }
}

/// The definitions that are reached from the root, each after those that it refers to.
fn in_order(root: &Map<String, Value>, definitions: &Map<String, Value>) -> Vec<String> {
    fn visit(
        value: &Value,
        definitions: &Map<String, Value>,
        seen: &mut BTreeSet<String>,
        order: &mut Vec<String>,
    ) {
        let mut referred = BTreeSet::new();
        find_references(value, &mut referred);
        for name in referred {
            if let Some(definition) = definitions.get(&name)
                && seen.insert(name.clone())
            {
                visit(definition, definitions, seen, order);
                order.push(name);
            }
        }
    }
    let mut order = Vec::new();
    let root = Value::Object(root.clone());
    visit(&root, definitions, &mut BTreeSet::new(), &mut order);
    order
}

/// Adds what Prefect's classes have beside pydantic's schema. The definitions of the blocks in it are complete.
fn complete(
    mut schema: Map<String, Value>,
    mark: &Map<String, Value>,
    definitions: &Map<String, Value>,
) -> Result<Map<String, Value>, Error> {
    let slug = text(mark, "slug").unwrap_or_default();
    let order = order_of(&schema, mark)?;
    let mut references = Map::new();
    let mut secrets = Vec::new();
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    for (position, field) in order.iter().enumerate() {
        let Some(property) = properties.get_mut(field) else {
            continue;
        };
        secrets.extend(secret_fields(slug, field, property, definitions)?);
        let mut blocks = Vec::new();
        find_direct_blocks(property, definitions, &mut blocks);
        match blocks.len() {
            0 => {}
            1 => references.extend(blocks.pop().map(|block| (field.clone(), block))),
            _ => {
                references.insert(field.clone(), blocks.into());
            }
        }
        if let Some(property) = property.as_object_mut() {
            property.insert("position".to_owned(), position.into());
        }
    }
    match description(mark, &schema) {
        Some(description) => schema.insert("description".to_owned(), description.into()),
        None => schema.remove("description"),
    };
    schema.insert("block_type_slug".to_owned(), slug.into());
    schema.insert("block_schema_references".to_owned(), references.into());
    schema.insert("secret_fields".to_owned(), secrets.into());
    Ok(schema)
}

/// The fields in the order in which they are declared.
fn order_of(schema: &Map<String, Value>, mark: &Map<String, Value>) -> Result<Vec<String>, Error> {
    let slug = text(mark, "slug").unwrap_or_default();
    if !mark.get("fields").is_some_and(Value::is_array) {
        let text = format!("the block `{slug}` is not read by named fields");
        return Err(Error::invalid(text));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let is_property = |name: &str| properties.is_some_and(|all| all.contains_key(name));
    // Aliases are no properties.
    let mut order = texts(mark, "fields");
    order.retain(|name| is_property(name));
    let mut unknown = properties.into_iter().flat_map(Map::keys);
    match unknown.find(|name| !order.contains(name)) {
        None => Ok(order),
        Some(name) => Err(Error::invalid(format!(
            "the schema of the block `{slug}` has the field `{name}`, which serde does not have"
        ))),
    }
}

/// What a type is for: what its info says, or else what its docs say before the first heading.
pub(super) fn description(
    mark: &Map<String, Value>,
    schema: &Map<String, Value>,
) -> Option<String> {
    if let Some(description) = text(mark, "description") {
        return Some(description.to_owned());
    }
    let is_heading = |line: &&str| line.trim_start().starts_with('#');
    let lines = text(schema, "description")?.lines();
    let first: Vec<&str> = lines.take_while(|line| !is_heading(line)).collect();
    let first = first.join("\n").trim().to_owned();
    (!first.is_empty()).then_some(first)
}

/// The blocks that a field may be, or has in lists and maps, but not in classes of another kind.
fn find_direct_blocks(schema: &Value, definitions: &Map<String, Value>, found: &mut Vec<Value>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(mark)) = object.get(marks::BLOCK)
                && let Some(name) = definition_of(object)
                && let Some(Value::Object(definition)) = definitions.get(name)
            {
                let fields = with_definitions(definition.clone(), definitions);
                found.push(json!({
                    "block_type_slug": text(mark, "slug"),
                    "block_schema_checksum": checksum(&fields),
                }));
                return;
            }
            for (key, value) in object {
                if !matches!(key.as_str(), "default" | "examples" | "properties") {
                    find_direct_blocks(value, definitions, found);
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                find_direct_blocks(value, definitions, found);
            }
        }
        _ => {}
    }
}

/// A schema as it is sent: with the definitions that it refers to, and without what is said to this module only.
fn with_definitions(
    mut schema: Map<String, Value>,
    definitions: &Map<String, Value>,
) -> Map<String, Value> {
    let reached = in_order(&schema, definitions);
    let reached: Map<String, Value> = reached
        .into_iter()
        .filter_map(|name| Some((name.clone(), definitions.get(&name)?.clone())))
        .collect();
    if !reached.is_empty() {
        schema.insert("definitions".to_owned(), reached.into());
    }
    let all = schema.get("definitions").cloned().unwrap_or_default();
    let all = all.as_object().cloned().unwrap_or_default();
    let mut whole = Value::Object(schema);
    drop_defaults(&mut whole, &all);
    strip(&mut whole);
    let Value::Object(mut schema) = whole else {
        return Map::new();
    };
    remove_nested(&mut schema, "additionalProperties");
    schema
}

/// The default of a secret would be in the schema, which everybody sees; that of a block is up to the block.
fn drop_defaults(value: &mut Value, definitions: &Map<String, Value>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                for property in properties.values_mut() {
                    let has = property
                        .get("default")
                        .is_some_and(|value| !value.is_null());
                    if has
                        && holds_secret_or_block(property, definitions)
                        && let Some(property) = property.as_object_mut()
                    {
                        property.remove("default");
                    }
                }
            }
            for value in object.values_mut() {
                drop_defaults(value, definitions);
            }
        }
        Value::Array(values) => {
            for value in values {
                drop_defaults(value, definitions);
            }
        }
        _ => {}
    }
}

/// Takes out what is said to this module only.
fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove(marks::BLOCK);
            object.remove(marks::SECRET_MAP);
            object.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => {}
    }
}
