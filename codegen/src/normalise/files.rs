//! Finds the files of forms: binary texts that are parts of a `multipart/form-data` or `multipart/mixed` body. Everywhere else, binary text
//! is text.

use std::collections::{BTreeMap, BTreeSet};

use super::media_types::{has_parts, is_one, is_visible};
use super::references::{component, component_schemas, only_component};
use super::{Document, is_of_3_0};
use crate::config::Config;
use crate::error::Result;
use crate::ir::Part;
use crate::json::{Map, Value, json};
use crate::notes::{self, KEY, note};
use crate::pointer::Pointer;
use crate::walk::{Place, each_operation, each_schema};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let Forms {
        mut components,
        bodies,
    } = forms(&mut document.root);
    let travels_otherwise = |name: &String| components.get(name) == Some(&false);
    if bodies.iter().any(travels_otherwise) && copy_shared(&mut document.root, &components) {
        components = forms(&mut document.root).components;
    }
    let shared = binaries(&document.root);
    note_parts(&mut document.root, &components, &shared);
    let written = (!is_of_3_0(&document.root)).then(|| written(&mut document.root));
    each_schema(&mut document.root, &mut |place, schema| {
        if let Some(files) = only_files(schema, &shared)
            && is_part(place, &components)
        {
            schema.retain(|key, _| key == KEY);
            schema.extend(files);
        }
        if let Some(written) = &written
            && says_nothing(schema)
            && is_part_of_its_own(place, written)
            && is_part(place, &components)
        {
            schema.insert("format".to_owned(), json!("binary"));
        }
        if !shared.is_empty()
            && let Some(binary) = only_component(schema).and_then(|name| shared.get(name))
            && is_part(place, &components)
        {
            schema.retain(|key, _| key != "$ref" && key != "allOf");
            schema.extend(binary.clone());
        }
        if is_binary(schema) && is_part(place, &components) {
            schema.remove("contentMediaType");
            schema.insert("type".to_owned(), json!("string"));
            schema.insert("format".to_owned(), json!("binary"));
            note(schema, |note| note.file = true);
        }
    });
    Ok(())
}

/// The names of parts of which some form says that they are texts or JSON.
fn written(root: &mut Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    each_operation(root, &mut |_, operation| {
        let content = operation
            .get("requestBody")
            .and_then(|body| body["content"].as_object());
        for entry in content.into_iter().flat_map(Map::values) {
            for (name, encoding) in entry["encoding"].entries() {
                let media_type = encoding["contentType"].as_str().unwrap_or_default();
                if media_type.contains("json") || media_type.starts_with("text/") {
                    names.insert(name.to_owned());
                }
            }
        }
    });
    names
}

/// Whether a schema allows anything: from 3.1 on, a part of which nothing is said is of the media type
/// `application/octet-stream`.
fn says_nothing(schema: &Map) -> bool {
    schema.keys().all(|key| key == KEY)
}

/// Whether this is a property, or the items of one, that is not among these names.
fn is_part_of_its_own(place: &Place<'_>, written: &BTreeSet<String>) -> bool {
    let keys: Vec<String> = place.pointer().keys().collect();
    let name = match keys.as_slice() {
        [.., properties, name, items] if properties == "properties" && items == "items" => name,
        [.., properties, name] if properties == "properties" => name,
        _ => return false,
    };
    !written.contains(name)
}

/// What a choice between a file and several comes to: the files that there are.
fn only_files(schema: &Map, shared: &BTreeMap<String, Map>) -> Option<Map> {
    let branches = ["anyOf", "oneOf"]
        .iter()
        .find_map(|key| schema.get(key)?.as_array())?;
    let is_file = |branch: &Value| {
        let target = branch.as_object().and_then(only_component);
        target.is_some_and(|name| shared.contains_key(name))
            || branch.as_object().is_some_and(is_binary)
    };
    let are_files = |branch: &Value| branch["type"] == "array" && is_file(&branch["items"]);
    if !branches
        .iter()
        .all(|branch| is_file(branch) || are_files(branch))
    {
        return None;
    }
    let file = json!({ "type": "string", "format": "binary" });
    let files = if branches.iter().any(are_files) {
        json!({ "type": "array", "items": file })
    } else {
        file
    };
    files.as_object().cloned()
}

/// Notes what texts say of themselves that are parts of forms: 3.1 has their media types in their schemas.
fn note_parts(
    root: &mut Value,
    components: &BTreeMap<String, bool>,
    shared: &BTreeMap<String, Map>,
) {
    each_schema(root, &mut |place, schema| {
        let items = schema.get("items").and_then(Value::as_object);
        let part = part(schema, shared).or_else(|| part(items?, shared));
        if part.is_some() && is_part(place, components) {
            note(schema, |note| note.part = part);
        }
    });
}

fn part(schema: &Map, shared: &BTreeMap<String, Map>) -> Option<Part> {
    let target = only_component(schema).and_then(|name| shared.get(name));
    let schema = target.unwrap_or(schema);
    let is_text = schema.get("type").is_none_or(|kind| kind == "string");
    let said = |key| schema.get(key).and_then(Value::as_str);
    let says = |key| said(key).filter(|text| is_visible(text));
    let media_type = says("contentMediaType").filter(|media_type| is_one(media_type));
    let encoding = says("contentEncoding").filter(|encoding| *encoding != "binary");
    (is_text && (media_type.is_some() || encoding.is_some())).then(|| Part {
        media_type: media_type.unwrap_or("application/octet-stream").to_owned(),
        encoding: encoding.map(str::to_owned),
    })
}

/// The components that are binary texts, without their notes: a part of a form that is one is a file by itself.
fn binaries(root: &Value) -> BTreeMap<String, Map> {
    let schemas = root.pointer("/components/schemas");
    let schemas = schemas.and_then(Value::as_object).into_iter().flatten();
    let schemas = schemas.filter_map(|(name, schema)| Some((name, schema.as_object()?)));
    let binaries = schemas.filter(|(_, schema)| is_binary(schema));
    let bare = |schema: &Map| {
        let mut bare = schema.clone();
        bare.remove(KEY);
        bare
    };
    binaries
        .map(|(name, schema)| (name.to_owned(), bare(schema)))
        .collect()
}

/// The components and the forms that they are.
#[derive(Default)]
struct Forms {
    /// Whether nothing uses the component but as the body of a form. Those that travel otherwise too have no files, as JSON
    /// has none.
    components: BTreeMap<String, bool>,
    /// Those that are the body of a form somewhere.
    bodies: BTreeSet<String>,
}

fn forms(root: &mut Value) -> Forms {
    let mut forms = Forms::default();
    let mut carriers = Vec::new();
    each_schema(root, &mut |place, schema| {
        let target = schema.get("$ref").and_then(Value::as_str);
        if let Some(name) = target.and_then(component) {
            let is_form = is_body_of_form(place);
            if is_form {
                forms.bodies.insert(name.clone());
            }
            *forms.components.entry(name).or_insert(true) &= is_form;
        } else if let Some(carrier) = notes::tuple(schema) {
            let is_form = is_body_of_form(place);
            carriers.push((carrier.to_owned(), place.pointer(), is_form));
        }
    });
    // The items of a tuple are those of a component that nothing refers to.
    for (carrier, place, is_form) in carriers {
        let name = component(&format!("#{}", place.as_str()));
        let is_of_form = name.is_some_and(|name| forms.components.get(&name) == Some(&true));
        forms.components.insert(carrier, is_form || is_of_form);
    }
    forms
}

/// Whether the schema, or the part of an `allOf`, is all of a form's body.
fn is_body_of_form(place: &Place<'_>) -> bool {
    // Most schemas are told at once.
    let in_operation = place.is_below("paths");
    in_operation && {
        let keys: Vec<String> = place.pointer().keys().collect();
        below_form(&keys).is_some_and(|below| past_parts(below).is_empty())
    }
}

/// What follows the parts of an `allOf`.
fn past_parts(mut below: &[String]) -> &[String] {
    while let [all_of, _, rest @ ..] = below
        && all_of == "allOf"
    {
        below = rest;
    }
    below
}

/// A component that is the body of a form, has files and travels otherwise too is one of its own there. The result is
/// whether there was one.
fn copy_shared(root: &mut Value, forms: &BTreeMap<String, bool>) -> bool {
    let schemas = component_schemas(root);
    let mut copied = false;
    each_schema(root, &mut |place, schema| {
        let target = schema.get("$ref").and_then(Value::as_str);
        let Some(name) = target.and_then(component) else {
            return;
        };
        if forms.get(&name) == Some(&true) || !has_files(&schemas[&name]) {
            return;
        }
        if is_body_of_form(place)
            && let Value::Object(copy) = &schemas[&name]
        {
            schema.clone_from(copy);
            copied = true;
        }
    });
    // What was the only part of an `allOf`, as a reference is that may be null, is the whole.
    each_schema(root, &mut |place, schema| {
        let parts = schema.get("allOf").and_then(Value::as_array);
        if let Some([Value::Object(only)]) = parts.map(Vec::as_slice)
            && !only.contains_key("$ref")
            && is_body_of_form(place)
        {
            let only = only.clone();
            schema.remove("allOf");
            for (key, value) in only {
                schema.entry(key).or_insert(value);
            }
        }
    });
    copied
}

fn has_files(schema: &Value) -> bool {
    let properties = schema["properties"].as_object();
    let mut properties = properties.into_iter().flat_map(Map::values);
    let is_file = |schema: &Value| schema.as_object().is_some_and(is_binary);
    is_file(&schema["items"])
        || properties.any(|property| is_file(property) || is_file(&property["items"]))
}

fn is_binary(schema: &Map) -> bool {
    let is = |key: &str, value: &str| schema.get(key).is_some_and(|found| found == value);
    let is_text = is("type", "string") || !schema.contains_key("type");
    let media_type = schema.get("contentMediaType").and_then(Value::as_str);
    let is_encoded = schema.contains_key("contentEncoding") && !is("contentEncoding", "binary");
    let is_raw = media_type.is_some_and(|media_type| !media_type.contains("json"));
    is_text && (is("format", "binary") || is_raw) && !is_encoded
}

/// Whether a schema is a part of a form, or an item of one.
fn is_part(place: &Place<'_>, forms: &BTreeMap<String, bool>) -> bool {
    let pointer: Pointer = place.pointer();
    let keys: Vec<String> = pointer.keys().collect();
    let below = below_form(&keys).or_else(|| match keys.as_slice() {
        [components, schemas, name, below @ ..]
            if components == "components"
                && schemas == "schemas"
                && forms.get(name) == Some(&true) =>
        {
            Some(below)
        }
        _ => None,
    });
    match past_parts(below.unwrap_or_default()) {
        [first] => first == "additionalProperties" || first == "items",
        [first, second] => {
            first == "properties" || first == "additionalProperties" && second == "items"
        }
        [properties, _, items] => properties == "properties" && items == "items",
        _ => false,
    }
}

/// What follows the schema of a form's body.
fn below_form(keys: &[String]) -> Option<&[String]> {
    match keys {
        [paths, _, _, body, content, media_type, schema, below @ ..]
            if paths == "paths"
                && body == "requestBody"
                && content == "content"
                && schema == "schema"
                && has_parts(media_type) =>
        {
            Some(below)
        }
        _ => None,
    }
}
