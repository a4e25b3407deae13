//! What a schema says to this module only, until it is sent: schemas are the one place that knows a type from the inside.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::info::BlockInfo;
use crate::pydantic::field_names;

/// Beside a reference to the definition of a block: the type of the block, see [`mark`].
pub(super) const BLOCK: &str = "x-prefect-block";
/// Of a map of secrets.
pub(super) const SECRET_MAP: &str = "x-prefect-secret-map";

/// What the server is to know of a type of blocks, and the names of its fields in their order.
pub(super) fn mark<T: DeserializeOwned>(info: &BlockInfo) -> Value {
    json!({
        "name": info.name,
        "slug": info.slug,
        "description": info.description,
        "logo_url": info.logo_url,
        "documentation_url": info.documentation_url,
        "code_example": info.code_example,
        "capabilities": info.capabilities,
        "version": info.version,
        "predefined": info.predefined,
        "fields": field_names::<T>(),
    })
}

/// A text of a mark.
pub(super) fn text<'m>(mark: &'m Map<String, Value>, key: &str) -> Option<&'m str> {
    mark.get(key).and_then(Value::as_str)
}

/// Texts of a mark.
pub(super) fn texts(mark: &Map<String, Value>, key: &str) -> Vec<String> {
    let texts = mark.get(key).and_then(Value::as_array);
    let texts = texts.into_iter().flatten().filter_map(Value::as_str);
    texts.map(ToOwned::to_owned).collect()
}
