//! What branches say of themselves: of which kind their values are, and by which tags they are known.

use std::collections::{BTreeMap, BTreeSet};

use super::super::families::mapped;
use super::super::kinds::may_be_object;
use super::super::references::component;
use super::{DEPTH, Split, reference};
use crate::json::{Map, Value, json};

impl Split<'_> {
    /// The branches are called otherwise now; a tag that was the name of one is still that.
    pub(super) fn rename_tags(&self, discriminator: &mut Value, names: &BTreeMap<String, String>) {
        let tag = discriminator["propertyName"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let Some(discriminator) = discriminator.as_object_mut() else {
            return;
        };
        let renamed = |target: &Value| Some(json!(names.get(mapped(target)?)?));
        if let Some(target) = discriminator.get("defaultMapping").and_then(renamed) {
            discriminator.insert("defaultMapping".to_owned(), target);
        }
        let mut mapping = match discriminator.remove("mapping") {
            Some(Value::Object(mapping)) => mapping,
            _ => Map::new(),
        };
        let mut mapped_names = BTreeSet::new();
        for target in mapping.values_mut() {
            mapped_names.extend(mapped(target).map(str::to_owned));
            if let Some(new) = renamed(target) {
                *target = new;
            }
        }
        for (before, name) in names {
            if !mapped_names.contains(before) && !self.says_tag(&reference(before), &tag, DEPTH) {
                let given = self.given.get(before).unwrap_or(before);
                mapping.entry(given.clone()).or_insert_with(|| json!(name));
            }
        }
        discriminator.insert("mapping".to_owned(), Value::Object(mapping));
    }

    /// Whether a schema says itself which texts its property can be.
    fn says_tag(&self, schema: &Value, tag: &str, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        let schema = self.followed(schema);
        let property = self.followed(&schema["properties"][tag]);
        if property["enum"].is_array() || property.get("const").is_some() {
            return true;
        }
        let mut parts = schema["allOf"].items();
        parts.any(|part| self.says_tag(part, tag, depth))
    }

    fn followed<'v>(&'v self, mut schema: &'v Value) -> &'v Value {
        for _ in 0..DEPTH {
            let target = schema["$ref"].as_str().and_then(component);
            match target.and_then(|target| self.schemas.get(&target)) {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }

    pub(super) fn may_be_object(&self, branch: &Value) -> bool {
        let schema = self.followed(branch);
        let others = ["enum", "const", "items", "prefixItems"];
        schema.as_object().is_none_or(may_be_object)
            && others.iter().all(|key| schema.get(*key).is_none())
    }

    /// Whether a branch only asks for what is described elsewhere.
    pub(super) fn says_nothing(&self, branch: &Value) -> bool {
        const FIELDS: &[&str] = &[
            "$ref",
            "additionalProperties",
            "allOf",
            "anyOf",
            "oneOf",
            "patternProperties",
            "properties",
        ];
        let schema = self.followed(branch);
        self.may_be_object(schema) && FIELDS.iter().all(|key| schema.get(*key).is_none())
    }
}
