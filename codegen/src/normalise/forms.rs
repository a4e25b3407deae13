//! Refuses parts that have another JSON form than `OpenAPI` gives them, so that the later passes may rely on it.
//!
//! 3.1's boolean schemas are brought into the form of objects here: `true` is the empty schema, `false` excludes anything.
//! A property that is `false` is none.

use super::Document;
use super::media_types::{essence, has_parts, is_lines};
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::json::{Map, Value, json};
use crate::pointer::Pointer;
use crate::walk::methods;

mod habits;

/// What the value of a keyword must be.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Flag,
    Number,
    NumberOrFlag,
    List,
    Texts,
    Kinds,
    Schema,
    SchemaOrFlag,
    Schemas,
    NamedSchemas,
    Object,
}

/// In the order of their names, by which they are found.
const KEYWORDS: &[(&str, Form)] = &[
    ("$ref", Form::Text),
    ("additionalProperties", Form::SchemaOrFlag),
    ("allOf", Form::Schemas),
    ("anyOf", Form::Schemas),
    ("contentMediaType", Form::Text),
    ("contentSchema", Form::Schema),
    ("deprecated", Form::Flag),
    ("description", Form::Text),
    ("discriminator", Form::Object),
    ("enum", Form::List),
    ("exclusiveMaximum", Form::NumberOrFlag),
    ("exclusiveMinimum", Form::NumberOrFlag),
    ("format", Form::Text),
    ("items", Form::SchemaOrFlag),
    ("maxItems", Form::Number),
    ("maxLength", Form::Number),
    ("maxProperties", Form::Number),
    ("maximum", Form::Number),
    ("minItems", Form::Number),
    ("minLength", Form::Number),
    ("minProperties", Form::Number),
    ("minimum", Form::Number),
    ("multipleOf", Form::Number),
    ("not", Form::Schema),
    ("nullable", Form::Flag),
    ("oneOf", Form::Schemas),
    ("pattern", Form::Text),
    ("patternProperties", Form::NamedSchemas),
    ("prefixItems", Form::Schemas),
    ("properties", Form::NamedSchemas),
    ("propertyNames", Form::Schema),
    ("readOnly", Form::Flag),
    ("required", Form::Texts),
    ("title", Form::Text),
    ("type", Form::Kinds),
    ("unevaluatedProperties", Form::SchemaOrFlag),
    ("uniqueItems", Form::Flag),
    ("writeOnly", Form::Flag),
];

const KINDS: &[&str] = &[
    "array", "boolean", "integer", "null", "number", "object", "string",
];

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut check = Check::default();
    let root = Pointer::root();
    let info = root.child("info");
    for key in ["title", "version"] {
        if !document
            .root
            .pointer(info.child(key).as_str())
            .is_some_and(Value::is_string)
        {
            check
                .problems
                .add(info.child(key), format!("`{key}` must be text"));
        }
    }
    check.components(&mut document.root);
    check.entries(&mut document.root, &root, "paths", Check::path_item);
    for (place, what, why) in check.lost {
        document.lose(place, what, why);
    }
    check.problems.into_result()
}

#[derive(Default)]
struct Check {
    problems: Problems,
    /// What has no meaning where it stands, and what is not said: where, what, and why.
    lost: Vec<(Pointer, &'static str, &'static str)>,
}

impl Check {
    fn components(&mut self, root: &mut Value) {
        let place = Pointer::root().child("components");
        let Some(components) = root.get_mut("components") else {
            return;
        };
        self.entries(components, &place, "schemas", Self::schema);
        self.entries(components, &place, "parameters", Self::parameter);
        self.entries(components, &place, "requestBodies", Self::with_content);
        self.entries(components, &place, "responses", Self::with_content);
        self.entries(components, &place, "mediaTypes", Self::media_type);
        self.entries(components, &place, "pathItems", Self::path_item);
    }

    fn path_item(&mut self, place: &Pointer, item: &mut Value) {
        if !self.is_object(place, item) {
            return;
        }
        self.items(item, place, "parameters", Self::parameter);
        for method in methods(item) {
            if let Some(operation) = item.get_mut(&method) {
                self.operation(&place.child(&method), operation);
            }
        }
    }

    fn operation(&mut self, place: &Pointer, operation: &mut Value) {
        if !self.is_object(place, operation) {
            return;
        }
        habits::say_list(operation, "tags");
        self.keyword(operation, place, "tags", Form::Texts);
        self.items(operation, place, "parameters", Self::parameter);
        drop_empty(operation, "requestBody");
        if let Some(body) = operation.get_mut("requestBody") {
            self.with_content(&place.child("requestBody"), body);
        }
        self.entries(operation, place, "responses", Self::with_content);
    }

    fn parameter(&mut self, place: &Pointer, parameter: &mut Value) {
        if !self.is_object(place, parameter) {
            return;
        }
        if let Some(name) = parameter.get_mut("name") {
            habits::say_text(name);
        }
        for flag in ["allowReserved", "explode", "required"] {
            parameter
                .get_mut(flag)
                .into_iter()
                .for_each(habits::say_flag);
        }
        if let Some(map) = parameter.as_object_mut()
            && habits::say_schema(map)
        {
            let why = "the parameter has no `schema`; it is read as text";
            self.lost.push((place.clone(), "the type", why));
        }
        for (key, form) in [("required", Form::Flag), ("schema", Form::Schema)] {
            self.keyword(parameter, place, key, form);
        }
    }

    /// A request body or a response.
    fn with_content(&mut self, place: &Pointer, part: &mut Value) {
        if self.is_object(place, part) {
            part.get_mut("required")
                .into_iter()
                .for_each(habits::say_flag);
            self.keyword(part, place, "required", Form::Flag);
            self.entries(part, place, "content", Self::media_type);
        }
    }

    fn media_type(&mut self, place: &Pointer, media_type: &mut Value) {
        if self.is_object(place, media_type) {
            // 3.2 says so what is on each line of an answer.
            if let Some(map) = media_type.as_object_mut()
                && let Some(item) = map.remove("itemSchema")
            {
                // The items of several parts or lines are those of a list.
                let media_type = place.keys().last().unwrap_or_default();
                let is_list = has_parts(&media_type) || is_lines(&media_type);
                let schema = if is_list {
                    json!({ "type": "array", "items": item })
                } else {
                    item
                };
                map.entry("schema").or_insert(schema);
            }
            self.keyword(media_type, place, "schema", Form::Schema);
            if let Some(schema) = media_type.get_mut("schema") {
                self.name_parts(place, schema);
            }
        }
    }

    /// A form is no text: where one is described so, it has files under names that the caller gives.
    fn name_parts(&mut self, place: &Pointer, schema: &mut Value) {
        let is_form = |key: String| essence(&key) == "multipart/form-data";
        let is_body = place.as_str().contains("/requestBod");
        if is_body && schema["type"] == "string" && place.keys().last().is_some_and(is_form) {
            let why = "nothing says them; the caller gives files by name";
            self.lost
                .push((place.child("schema"), "the names of the parts", why));
            let file = json!({ "type": "string", "format": "binary" });
            *schema = json!({ "type": "object", "additionalProperties": file });
        }
    }

    fn schema(&mut self, place: &Pointer, schema: &mut Value) {
        match schema {
            Value::Bool(true) => *schema = json!({}),
            Value::Bool(false) => *schema = json!({ "not": {} }),
            _ => {}
        }
        if let Some(map) = schema.as_object_mut()
            && let Some(key) = habits::settle(map)
        {
            let why = "a property does not say itself whether it must be there";
            self.lost.push((place.child(key), "what it says", why));
        }
        if !self.is_object(place, schema) {
            return;
        }
        let keys = schema.as_object().into_iter().flat_map(Map::keys);
        let there: Vec<_> = keys
            .filter_map(|key| KEYWORDS.binary_search_by_key(&key, |(key, _)| key).ok())
            .collect();
        for (key, form) in there.into_iter().map(|index| KEYWORDS[index]) {
            self.keyword(schema, place, key, form);
        }
        // Where nothing else says what stands beside the properties, the two mean the same.
        if let Some(map) = schema.as_object_mut()
            && !map.contains_key("additionalProperties")
            && let Some(others) = map.remove("unevaluatedProperties")
        {
            map.insert("additionalProperties".to_owned(), others);
        }
        let rest_of_tuple = schema.get("prefixItems").is_some();
        if let Some(items) = schema.get_mut("items")
            && items.is_boolean()
            && !rest_of_tuple
        {
            *items = json!({});
        }
    }

    fn keyword(&mut self, parent: &mut Value, place: &Pointer, key: &str, form: Form) {
        drop_empty(parent, key);
        let Some(value) = parent.get_mut(key) else {
            return;
        };
        let here = place.child(key);
        let expected = match form {
            Form::Text => (!value.is_string()).then_some("text"),
            Form::Flag => (!value.is_boolean()).then_some("true or false"),
            Form::Number => (!value.is_number()).then_some("a number"),
            Form::NumberOrFlag => (!value.is_number() && !value.is_boolean()).then_some("a number"),
            Form::List => (!value.is_array()).then_some("a list"),
            Form::Object => (!value.is_object()).then_some("an object"),
            Form::Texts => (!all(value, Value::is_string)).then_some("a list of texts"),
            Form::Kinds => (!is_kind(value) && !all(value, is_kind))
                .then_some("one of JSON Schema's types, or a list of them"),
            Form::SchemaOrFlag if value.is_boolean() => None,
            Form::Schema | Form::SchemaOrFlag => {
                self.schema(&here, value);
                None
            }
            Form::Schemas => {
                if value.as_array().is_some_and(Vec::is_empty) {
                    self.problems
                        .add(here.clone(), format!("`{key}` must not be empty"));
                }
                if key == "anyOf" || key == "oneOf" {
                    drop_branches_of_nothing(value);
                }
                self.items(parent, place, key, Self::schema);
                None
            }
            Form::NamedSchemas => {
                if let Some(entries) = value.as_object_mut() {
                    entries.retain(|_, schema| *schema != json!(false));
                }
                self.entries(parent, place, key, Self::schema);
                None
            }
        };
        if let Some(expected) = expected {
            self.problems
                .add(here, format!("`{key}` must be {expected}"));
        }
    }

    fn items(&mut self, parent: &mut Value, place: &Pointer, key: &str, each: Each) {
        drop_empty(parent, key);
        match parent.get_mut(key) {
            None => {}
            Some(Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    each(self, &place.child(key).child(index), item);
                }
            }
            Some(_) => self
                .problems
                .add(place.child(key), format!("`{key}` must be a list")),
        }
    }

    fn entries(&mut self, parent: &mut Value, place: &Pointer, key: &str, each: Each) {
        drop_empty(parent, key);
        match parent.get_mut(key) {
            None => {}
            Some(Value::Object(entries)) => {
                for (name, entry) in extensible(key, entries) {
                    if entry.is_null() {
                        *entry = json!({});
                    }
                    each(self, &place.child(key).child(name), entry);
                }
            }
            Some(_) => self
                .problems
                .add(place.child(key), format!("`{key}` must be an object")),
        }
    }

    fn is_object(&mut self, place: &Pointer, value: &Value) -> bool {
        if !value.is_object() {
            self.problems
                .add(place.clone(), "an object must stand here");
        }
        value.is_object()
    }
}

/// A branch that no value fits adds nothing to a union that has others.
fn drop_branches_of_nothing(branches: &mut Value) {
    let nothing = [json!(false), json!({ "not": {} }), json!({ "not": true })];
    if let Value::Array(branches) = branches
        && branches.iter().any(|branch| !nothing.contains(branch))
    {
        branches.retain(|branch| !nothing.contains(branch));
    }
}

/// A key with nothing behind it, as YAML lets it stand, is not there.
fn drop_empty(parent: &mut Value, key: &str) {
    if let Some(map) = parent.as_object_mut()
        && map.get(key).is_some_and(Value::is_null)
    {
        map.remove(key);
    }
}

type Each = fn(&mut Check, &Pointer, &mut Value);

/// Extensions (`x-…`) may stand among paths and responses, and be anything; elsewhere they are names as others.
fn extensible<'e>(
    key: &str,
    entries: &'e mut Map,
) -> impl Iterator<Item = (&'e str, &'e mut Value)> {
    let extensible = matches!(key, "paths" | "responses");
    entries
        .iter_mut()
        .filter(move |(name, _)| !(extensible && name.starts_with("x-")))
}

fn all(value: &Value, is: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(is))
}

fn is_kind(value: &Value) -> bool {
    value.as_str().is_some_and(|kind| KINDS.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::KEYWORDS;

    #[test]
    fn keywords_are_found_by_their_order() {
        assert!(KEYWORDS.is_sorted_by_key(|(key, _)| key));
    }
}
