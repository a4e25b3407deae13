//! References that stand for a list, or for all properties or components of a schema: the specification knows none, and who
//! puts files together follows them.

use super::Bundle;
use super::elsewhere::{CHAIN, bare_reference};
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::pointer::{Pointer, decoded};

/// The keywords whose entries have names.
pub(super) const NAMES: &[&str] = &[
    "$defs",
    "definitions",
    "dependentSchemas",
    "patternProperties",
    "properties",
    "schemas",
];

/// The keywords of schemas that are lists.
pub(super) const LISTS: &[&str] = &["allOf", "anyOf", "enum", "oneOf", "prefixItems", "required"];

/// Whether a reference stands where only named schemas or a list may.
pub(super) fn is_spread(key: &str, value: &Value) -> bool {
    NAMES.contains(&key) && value["$ref"].is_string()
        || LISTS.contains(&key) && bare_reference(value).is_some()
}

impl Bundle<'_, '_> {
    /// What the reference in the place of named schemas leads to, which needs no second look; the reference goes.
    pub(super) fn spread(&mut self, named: &mut Map, file: &str) -> Result<Map> {
        let mut spread = Map::new();
        let mut next = named
            .get("$ref")
            .and_then(Value::as_str)
            .map(|target| (file.to_owned(), target.to_owned()));
        for _ in 0..CHAIN {
            let Some((from, target)) = next.take() else {
                break;
            };
            let Some((other, found)) = self.referred_from(&from, &target)? else {
                break;
            };
            let Value::Object(found) = found else { break };
            named.remove("$ref");
            for (name, mut schema) in found {
                match schema {
                    Value::String(target) if &*name == "$ref" => {
                        next = Some((other.clone(), target));
                    }
                    _ => {
                        self.schema(&mut schema, &other)?;
                        spread.entry(name).or_insert(schema);
                    }
                }
            }
        }
        Ok(spread)
    }

    /// A reference in the place of a list is that list.
    pub(super) fn put_list(&mut self, value: &mut Value, file: &str) -> Result<()> {
        if let Some(target) = bare_reference(value).map(str::to_owned)
            && let Some((other, mut found)) = self.referred_from(file, &target)?
            && found.is_array()
        {
            self.schema(&mut found, &other)?;
            *value = found;
        }
        Ok(())
    }

    /// What a reference leads to, in this or another file, and which file that is.
    fn referred_from(&mut self, file: &str, target: &str) -> Result<Option<(String, Value)>> {
        let here = || Some((file.to_owned(), decoded(target.strip_prefix('#')?)?));
        let Some((other, pointer)) = self.leads(file, target).or_else(here) else {
            return Ok(None);
        };
        let found = self.at(&other, &pointer)?;
        Ok(found.map(|found| (other, found)))
    }

    /// Components whose list is another file keep the names that they have there.
    pub(super) fn spread_components(&mut self, root: &mut Value) -> Result<()> {
        let Some(Value::Object(schemas)) = root.pointer_mut("/components/schemas") else {
            return Ok(());
        };
        let target = schemas.get("$ref").and_then(Value::as_str);
        let Some(target) = target.map(str::to_owned) else {
            return Ok(());
        };
        let Some((other, Value::Object(found))) = self.referred_from("", &target)? else {
            return Ok(());
        };
        schemas.remove("$ref");
        let (_, fragment) = target.split_once('#').unwrap_or((&target, ""));
        for (name, _) in found {
            let place = Pointer::from(fragment).child(&name);
            let link = format!("{other}#{}", place.as_str().replace('%', "%25"));
            schemas
                .entry(name)
                .or_insert_with(|| json!({ "$ref": link }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{bundle, is_needed};
    use crate::json::{Value, json};

    #[test]
    fn a_reference_may_stand_for_lists_and_for_all_names() {
        let files = [
            (
                "s/index.json",
                r#"{"Pet": {"$ref": "pet.json"}, "Tag": {"type": "string"}, "Own": {"a": 1}}"#,
            ),
            (
                "s/pet.json",
                r##"{"properties": {"$ref": "fields.json", "own": {"$ref": "#/x"}}, "required": {"$ref": "lists.json#/required"}, "x": {}}"##,
            ),
            (
                "s/fields.json",
                r#"{"$ref": "more.json#/fields", "tag": {"$ref": "index.json#/Tag"}, "kind": {"enum": {"$ref": "lists.json#/kinds"}}}"#,
            ),
            (
                "s/more.json",
                r#"{"fields": {"more": {"type": "integer"}, "tag": {}}}"#,
            ),
            (
                "s/lists.json",
                r#"{"required": ["tag"], "kinds": ["a"], "parameters": [{"name": "p", "schema": {"$ref": "index.json#/Tag"}}]}"#,
            ),
        ];
        let root = json!({
            "paths": { "/a": { "get": { "parameters": { "$ref": "s/lists.json#/parameters" } } } },
            "components": { "schemas": {
                "$ref": "s/index.json",
                "Own": { "allOf": { "$ref": "#/x-parts" }, "properties": { "$ref": "#/components/schemas/Fields/properties" } },
                "Fields": { "properties": { "f": {}, "$ref": { "type": "string" } } }
            } },
            "x-parts": [{ "$ref": "#/components/schemas/Pet" }]
        });
        assert!(is_needed(&root));
        let mut load = |name: &str| {
            let mut files = files.iter();
            files
                .find(|(known, _)| *known == name)
                .map(|(_, text)| (*text).to_owned())
        };
        let whole = bundle(root, "", &mut load).unwrap();
        let tag = json!({ "$ref": "#/components/schemas/Tag" });
        assert_eq!(
            whole["paths"]["/a"]["get"]["parameters"],
            json!([{ "name": "p", "schema": tag.clone() }])
        );
        let schemas = &whole["components"]["schemas"];
        assert_eq!(schemas["Tag"], json!({ "type": "string" }));
        let pet = &schemas["Pet"];
        assert_eq!(pet["required"], json!(["tag"]));
        let x = &schemas["x"];
        assert_eq!(x, &json!({}));
        assert_eq!(
            pet["properties"],
            json!({
                "own": { "$ref": "#/components/schemas/x" },
                "tag": tag,
                "kind": { "enum": ["a"] },
                "more": { "type": "integer" }
            })
        );
        let own = &schemas["Own"];
        assert_eq!(
            own["allOf"],
            json!([{ "$ref": "#/components/schemas/Pet" }])
        );
        let fields = json!({ "f": {}, "$ref": { "type": "string" } });
        assert_eq!(own["properties"], fields);
        assert_eq!(schemas["Fields"]["properties"], fields);
        assert_eq!(schemas["$ref"], Value::Null);
    }

    #[test]
    fn references_that_only_lead_to_each_other_stay_within_bounds() {
        let root = json!({ "schema": { "properties": { "$ref": "#/schema/properties" }, "enum": { "$ref": "#/schema/enum" } } });
        let whole = bundle(root, "", &mut |_| None).unwrap();
        assert_eq!(whole["schema"]["properties"], json!({}));
    }
}
