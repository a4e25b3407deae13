//! progenitor: the canonical document in, Rust tokens out, read back with `syn`.
//!
//! progenitor panics on some documents. Then each operation and each schema is tried alone, what cannot be taken is
//! left out and reported with its place, and the rest goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapiv3::OpenAPI;
use progenitor_impl::{GenerationSettings, Generator};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::items::{self, Items};
use super::merged;
use crate::error::{Error, Result};
use crate::normalise::Canonical;
use crate::notes::Loss;
use crate::pointer::Pointer;
use crate::walk::{each_operation, each_schema};

/// What progenitor made of the document.
pub(super) struct FrontEnd {
    /// The items of `mod types` by name.
    pub types: BTreeMap<String, syn::Item>,
    /// The client's methods by name.
    pub methods: BTreeMap<String, syn::Signature>,
    /// What was left out.
    pub losses: Vec<Loss>,
    /// The schemas among that: they are read as anything.
    pub left_out: BTreeSet<String>,
    /// The operations among that, with progenitor's words.
    pub skipped: BTreeMap<Pointer, String>,
}

pub(super) fn run(canonical: &Canonical) -> Result<FrontEnd> {
    let mut document = canonical.document.clone();
    merged::merge(canonical, &mut document);
    let names = plain_names(&mut document);
    let mut front_end = FrontEnd {
        types: BTreeMap::new(),
        methods: BTreeMap::new(),
        losses: Vec::new(),
        left_out: BTreeSet::new(),
        skipped: BTreeMap::new(),
    };
    let items = if let Ok(items) = try_document(&document) {
        items
    } else {
        leave_out(&mut document, canonical, &mut front_end);
        let whole = try_document(&document);
        whole.map_err(|words| {
            Error::at(
                Pointer::root(),
                format!("progenitor can't take the description: {words}"),
            )
        })?
    };
    front_end.types = items.types;
    for (plain, signature) in items.methods {
        if let Some(name) = names.get(&plain) {
            front_end.methods.insert(name.clone(), signature);
        }
    }
    Ok(front_end)
}

/// What progenitor's methods call the parameter with this index.
pub(super) fn parameter_name(index: usize) -> String {
    format!("diptych_{index}")
}

/// Gives operations and parameters names that clash with nothing and that progenitor does not change; the operations'
/// own names are the result. Parameters of the path keep theirs, as the path mentions them.
fn plain_names(document: &mut Value) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    // The values come from the document; typify refuses some that give no variant's name.
    each_schema(document, &mut |place, schema| {
        if place.component().is_none() {
            name_nothing(schema);
        } else if let Some(values) = schema.get_mut("enum") {
            *values = json!(["known"]);
        }
    });
    each_operation(document, &mut |_, operation| {
        if let Some(Value::String(name)) = operation.get_mut("operationId") {
            let plain = format!("diptych_operation_{}", names.len());
            names.insert(plain.clone(), std::mem::replace(name, plain));
        }
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for (index, parameter) in parameters.into_iter().flatten().enumerate() {
            if parameter["in"] != "path"
                && let Some(name) = parameter.get_mut("name")
            {
                *name = json!(parameter_name(index));
            }
        }
    });
    names
}

/// What has no component gets no type of its own: typify would name it, and the name may be a component's.
fn name_nothing(schema: &mut serde_json::Map<String, Value>) {
    schema.remove("enum");
    let fields = schema.get("properties").and_then(Value::as_object);
    let is_closed = schema.get("additionalProperties") == Some(&json!(false));
    if is_closed && fields.is_none_or(serde_json::Map::is_empty) {
        schema.remove("additionalProperties");
        schema.remove("properties");
    }
}

/// Runs progenitor. Its panics are caught, as they say no more than its errors.
fn generate(api: &OpenAPI) -> std::result::Result<Items, String> {
    let mut settings = GenerationSettings::new();
    settings.with_map_type("::std::collections::BTreeMap");
    let tokens = catch_unwind(AssertUnwindSafe(|| {
        Generator::new(&settings).generate_tokens(api)
    }));
    match tokens {
        Ok(Ok(tokens)) => items::read(tokens).map_err(|error| error.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(panic_words(panic.as_ref())),
    }
}

fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
        .to_owned()
}

fn try_document(document: &Value) -> std::result::Result<Items, String> {
    let api = OpenAPI::deserialize(document).map_err(|error| error.to_string())?;
    generate(&api)
}

/// Finds what progenitor can't take, one schema and one operation at a time.
fn leave_out(document: &mut Value, canonical: &Canonical, front_end: &mut FrontEnd) {
    let mut schemas = document["components"]["schemas"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    // Those with the least below them first, so that a schema is not blamed for another one.
    let mut names: Vec<String> = schemas.keys().cloned().collect();
    names.sort_by_key(|name| {
        closure(name, &schemas)
            .as_object()
            .map_or(0, serde_json::Map::len)
    });
    for name in &names {
        let mut alone = json!({ "openapi": "3.0.3", "info": document["info"], "paths": {} });
        alone["components"]["schemas"] = closure(name, &schemas);
        if let Err(words) = try_document(&alone) {
            document["components"]["schemas"][name] = json!({});
            schemas.insert(name.clone(), json!({}));
            front_end.left_out.insert(name.clone());
            let place = Pointer::schema(name);
            let source = canonical
                .notes
                .get(&place)
                .map_or(place, |note| note.source.clone());
            front_end
                .losses
                .push(lost(source, "the type; it is read as anything", &words));
        }
    }
    let before = document.clone();
    each_operation(&mut before.clone(), &mut |place, operation| {
        let keys: Vec<String> = place.keys().collect();
        let mut alone = json!({ "openapi": "3.0.3", "info": before["info"], "components": before["components"] });
        alone["paths"][&keys[1]][&keys[2]] = Value::Object(operation.clone());
        if let Err(words) = try_document(&alone) {
            if let Some(item) = document["paths"][&keys[1]].as_object_mut() {
                item.remove(&keys[2]);
            }
            front_end
                .losses
                .push(lost(place.clone(), "the operation", &words));
            front_end.skipped.insert(place.clone(), words);
        }
    });
}

/// A schema with all that it refers to.
fn closure(name: &str, schemas: &serde_json::Map<String, Value>) -> Value {
    let mut found = serde_json::Map::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        let Some(schema) = schemas.get(&name).filter(|_| !found.contains_key(&name)) else {
            continue;
        };
        let text = schema.to_string();
        let references = text.split("#/components/schemas/").skip(1);
        open.extend(
            references
                .filter_map(|rest| rest.split('"').next())
                .map(str::to_owned),
        );
        found.insert(name, schema.clone());
    }
    Value::Object(found)
}

fn lost(pointer: Pointer, what: &str, words: &str) -> Loss {
    Loss {
        pointer,
        what: what.to_owned(),
        why: format!(
            "progenitor can't take it: {}",
            words.lines().next().unwrap_or_default()
        ),
    }
}
