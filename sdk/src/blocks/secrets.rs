//! Which fields are secret, as the server is told, and those that it would show all the same.

use serde_json::{Map, Value};

use super::marks::{self, texts};
use crate::Error;
use crate::pydantic::definition_of;

/// Where in the data a schema holds.
#[derive(Clone, Copy)]
struct Around {
    within: Within,
    /// Why the server finds no secret from here on.
    lost: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Names lead here.
    Fields,
    /// In a list, which the server hides as a whole.
    List,
    /// In a map, whose keys nobody knows.
    Map,
}

const DOTTED: &str = "has a dot in its name, at which Prefect's server cuts it";
const IN_MAP: &str = "is in a map, in which Prefect's server finds no secrets: use a SecretMap";
const IN_OBJECTS: &str = "is in a list or map of objects, in which Prefect's server finds no secrets: use a SecretMap, or \
    one field for each";

impl Around {
    fn below(self, name: &str) -> Self {
        let is_cut = name.contains('.') || name == "*";
        let lost = self.lost.or_else(|| is_cut.then_some(DOTTED));
        Self { lost, ..self }
    }

    fn in_object(self) -> Self {
        let lost = (self.within != Within::Fields).then_some(IN_OBJECTS);
        let lost = self.lost.or(lost);
        Self { lost, ..self }
    }

    fn in_one_of(self, within: Within) -> Self {
        match self.within {
            Within::Fields => Self { within, ..self },
            Within::List | Within::Map => self,
        }
    }
}

struct Walk<'d> {
    slug: &'d str,
    definitions: &'d Map<String, Value>,
    found: Vec<String>,
}

/// The secrets of a field of the block `slug`, as the server is told. The definitions of blocks are complete.
pub(super) fn secret_fields(
    slug: &str,
    field: &str,
    property: &Value,
    definitions: &Map<String, Value>,
) -> Result<Vec<String>, Error> {
    let mut walk = Walk {
        slug,
        definitions,
        found: Vec::new(),
    };
    let around = Around {
        within: Within::Fields,
        lost: None,
    };
    walk.visit(property, field, around.below(field))?;
    Ok(walk.found)
}

impl Walk<'_> {
    fn visit(&mut self, schema: &Value, path: &str, around: Around) -> Result<(), Error> {
        let Some(schema) = schema.as_object() else {
            return Ok(());
        };
        if schema.contains_key(marks::SECRET_MAP) {
            // The wildcard finds each value of a map of such maps.
            let seen = Around {
                within: Within::Fields,
                ..around
            };
            return self.add(path, "*", seen);
        }
        if is_secret(schema) {
            return self.add(path, "", around);
        }
        if let Some(definition) = definition_of(schema).and_then(|name| self.definitions.get(name))
        {
            return self.visit_definition(definition, path, around);
        }
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, property) in properties {
                let around = around.in_object().below(name);
                self.visit(property, &format!("{path}.{name}"), around)?;
            }
        }
        self.visit_inner(schema, path, around)
    }

    fn visit_definition(
        &mut self,
        definition: &Value,
        path: &str,
        around: Around,
    ) -> Result<(), Error> {
        let block = definition
            .as_object()
            .filter(|block| block.contains_key("block_type_slug"));
        let Some(block) = block else {
            return self.visit(definition, path, around);
        };
        let around = around.in_object();
        let secrets = texts(block, "secret_fields");
        secrets
            .iter()
            .try_for_each(|secret| self.add(path, secret, around))
    }

    /// What is in lists and maps, and what it may be.
    fn visit_inner(
        &mut self,
        schema: &Map<String, Value>,
        path: &str,
        around: Around,
    ) -> Result<(), Error> {
        let in_list = around.in_one_of(Within::List);
        let in_map = around.in_one_of(Within::Map);
        let all = |key: &str| match schema.get(key) {
            Some(Value::Array(all)) => all.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => Vec::new(),
        };
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        let patterns = patterns.into_iter().flat_map(Map::values);
        let groups = [
            (all("items"), in_list),
            (all("prefixItems"), in_list),
            (all("additionalProperties"), in_map),
            (patterns.collect(), in_map),
            (all("anyOf"), around),
            (all("oneOf"), around),
            (all("allOf"), around),
        ];
        for (schemas, around) in groups {
            for schema in schemas {
                self.visit(schema, path, around)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &str, rest: &str, around: Around) -> Result<(), Error> {
        let in_map = (around.within == Within::Map).then_some(IN_MAP);
        let Some(why) = around.lost.or(in_map) else {
            let dot = if rest.is_empty() { "" } else { "." };
            self.found.push(format!("{path}{dot}{rest}"));
            return Ok(());
        };
        let slug = self.slug;
        Err(Error::invalid(format!(
            "the secret `{path}` of the block `{slug}` would be shown to everybody: it {why}"
        )))
    }
}

fn is_secret(schema: &Map<String, Value>) -> bool {
    let is_password = schema
        .get("format")
        .is_some_and(|format| format == "password");
    is_password && schema.get("writeOnly") == Some(&Value::Bool(true))
}

/// Whether what a field holds may be a secret, or a block. No definition refers to itself.
pub(super) fn holds_secret_or_block(schema: &Value, definitions: &Map<String, Value>) -> bool {
    match schema {
        Value::Object(object) => {
            let marked =
                object.contains_key(marks::BLOCK) || object.contains_key(marks::SECRET_MAP);
            let definition = definition_of(object).and_then(|name| definitions.get(name));
            marked
                || is_secret(object)
                || definition
                    .is_some_and(|definition| holds_secret_or_block(definition, definitions))
                || object.iter().any(|(key, value)| {
                    key != "default"
                        && key != "examples"
                        && holds_secret_or_block(value, definitions)
                })
        }
        Value::Array(values) => values
            .iter()
            .any(|value| holds_secret_or_block(value, definitions)),
        _ => false,
    }
}
