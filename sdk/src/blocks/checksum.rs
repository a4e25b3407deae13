//! The checksum of a schema, which Prefect computes of Python's JSON text.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::pydantic::find_references;
use crate::python_json::dumps;

/// The checksum of the fields of a schema, as the server computes it.
pub(super) fn checksum(fields: &Map<String, Value>) -> String {
    let mut fields = fields.clone();
    remove_nested(&mut fields, "secret_fields");
    drop_definitions_of_blocks(&mut fields);
    let text = dumps(&json!([[fields], {}]));
    format!("sha256:{}", hex(&Sha256::digest(text)))
}

/// Removes a key from an object and the objects in it, but not from those in its lists, as Prefect's classes do.
pub(super) fn remove_nested(object: &mut Map<String, Value>, key: &str) {
    object.remove(key);
    for inner in object.values_mut().filter_map(Value::as_object_mut) {
        remove_nested(inner, key);
    }
}

/// Nested blocks have checksums of their own; what else is referred to counts.
fn drop_definitions_of_blocks(fields: &mut Map<String, Value>) {
    let mut referred = BTreeSet::new();
    let all = Value::Object(std::mem::take(fields));
    find_references(&all, &mut referred);
    if let Value::Object(all) = all {
        *fields = all;
    }
    let Some(Value::Object(definitions)) = fields.get_mut("definitions") else {
        return;
    };
    let counts = |name: &String, definition: &Value| {
        referred.contains(name) && definition.get("block_type_slug").is_none_or(Value::is_null)
    };
    let kept: Map<String, Value> = std::mem::take(definitions)
        .into_iter()
        .filter(|(name, definition)| counts(name, definition))
        .collect();
    if kept.is_empty() {
        fields.remove("definitions");
    } else {
        *definitions = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &Value) -> String {
        checksum(fields.as_object().unwrap())
    }

    #[test]
    fn the_examples_have_the_checksums_that_the_server_gave_them() {
        let simple = json!({
            "title": "Simple", "type": "object", "required": ["message"],
            "properties": {
                "message": {"title": "Message", "type": "string", "position": 0},
                "count": {"default": 1, "title": "Count", "type": "integer", "position": 1},
            },
            "block_type_slug": "h5-simple", "secret_fields": [], "block_schema_references": {},
        });
        assert_eq!(
            of(&simple),
            "sha256:9fc96f90ae3ebbef9f580be6c64ba16cf41d08829bde067ee5d9e7ec275ed25e"
        );
        let inner = json!({
            "title": "Inner", "type": "object", "required": ["token"], "description": "An inner block.",
            "properties": {
                "token": {"title": "Token", "type": "string", "format": "password", "writeOnly": true, "position": 0},
                "n": {"default": 3, "title": "N", "type": "integer", "position": 1},
            },
            "block_type_slug": "h5-inner", "secret_fields": ["token"], "block_schema_references": {},
        });
        assert_eq!(
            of(&inner),
            "sha256:7cade803518df689d4341884f7a29b4690bddd2ea3b7845b4992a031c380adc8"
        );
    }
}
