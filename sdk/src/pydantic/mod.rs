//! JSON schemas as pydantic writes them, from which Prefect's server and UI make forms.

mod definitions;
mod enums;
mod field_names;
mod unions;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

pub(crate) use definitions::{definition_of, find_references, self_referring};
pub(crate) use field_names::field_names;
pub(crate) use unions::inline_unions;

/// The schema of `T`, with what it refers to in `definitions`.
pub(crate) fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/definitions".into();
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    let mut collapse = RecursiveTransform(|schema: &mut Schema| {
        schema.as_object_mut().map(enums::collapse);
    });
    collapse.transform(&mut schema);
    schema
}

/// Writes in pydantic's way what schemars writes in another.
pub(crate) fn tidy(schema: &mut Schema) {
    RecursiveTransform(tidy_one).transform(schema);
}

fn tidy_one(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    open_schemas(object);
    remove_width(object);
    split_nullable(object);
    tidy_properties(object);
    if let Some(Value::Object(definitions)) = object.get_mut("definitions") {
        for (name, definition) in definitions {
            if let Value::Object(definition) = definition {
                definition.entry("title").or_insert(name.as_str().into());
            }
        }
    }
}

/// What may be anything is `{}`, not `true`.
fn open_schemas(object: &mut Map<String, Value>) {
    let mut open = |value: &mut Value| {
        if *value == Value::Bool(true) {
            *value = json!({});
        }
    };
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        properties.values_mut().for_each(&mut open);
    }
    for key in ["anyOf", "prefixItems"] {
        if let Some(Value::Array(schemas)) = object.get_mut(key) {
            schemas.iter_mut().for_each(&mut open);
        }
    }
    object.get_mut("items").map(&mut open);
}

/// `int64` and the like are no formats of JSON Schema; bounds say what they mean.
fn remove_width(object: &mut Map<String, Value>) {
    let number = |kind: &Value| kind == "integer" || kind == "number";
    let is_number = match object.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(number),
        Some(kind) => number(kind),
        None => false,
    };
    if is_number {
        object.remove("format");
    }
}

/// `{"type": [T, "null"]}` becomes `{"anyOf": [{"type": T}, {"type": "null"}]}`, from which the UI makes a field that
/// may be left empty.
fn split_nullable(object: &mut Map<String, Value>) {
    let Some(Value::Array(kinds)) = object.get("type") else {
        return;
    };
    let [kind, null] = kinds.as_slice() else {
        return;
    };
    if null != "null" {
        return;
    }
    let kind = kind.clone();
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let about = |key: &str| matches!(key, "title" | "description" | "default" | "examples");
    let (outer, mut inner): (Map<_, _>, Map<_, _>) = std::mem::take(object)
        .into_iter()
        .partition(|(key, _)| about(key));
    inner.insert("type".to_owned(), kind);
    *object = outer;
    object.insert("anyOf".to_owned(), json!([inner, {"type": "null"}]));
}

/// Fields have titles, and a field that may be null and may be left out is null then.
fn tidy_properties(object: &mut Map<String, Value>) {
    let required = object.get("required").cloned();
    let is_required = |name: &str| {
        let names = required.as_ref().and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|required| required == name))
    };
    let Some(Value::Object(properties)) = object.get_mut("properties") else {
        return;
    };
    for (name, property) in properties {
        let Value::Object(property) = property else {
            continue;
        };
        if !has_own_title(property) {
            property
                .entry("title")
                .or_insert_with(|| title(name).into());
        }
        if !is_required(name) && may_be_null(property) {
            property.entry("default").or_insert(Value::Null);
        }
    }
}

fn may_be_null(property: &Map<String, Value>) -> bool {
    let is_null = |choice: &Value| choice.get("type").is_some_and(|kind| kind == "null");
    let choices = property.get("anyOf").and_then(Value::as_array);
    let split = choices.is_some_and(|choices| choices.iter().any(is_null));
    let kinds = property.get("type").and_then(Value::as_array);
    split || kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
}

/// What a class is, or may be, is called by that class.
fn has_own_title(property: &Map<String, Value>) -> bool {
    let is_class = |choice: &Value| choice.get("$ref").is_some();
    let is_null = |choice: &Value| choice.get("type").is_some_and(|kind| kind == "null");
    let choices = property.get("anyOf").and_then(Value::as_array);
    let optional = choices.is_some_and(
        |choices| matches!(choices.as_slice(), [class, null] if is_class(class) && is_null(null)),
    );
    property.contains_key("$ref") || optional
}

/// `first_name` is `First Name`, and `x2y` is `X2Y`, as Python's `str.title` has it.
fn title(name: &str) -> String {
    let mut title = String::with_capacity(name.len());
    let mut inside = false;
    for letter in name.chars() {
        match letter {
            '_' => title.push(' '),
            _ if inside => title.extend(letter.to_lowercase()),
            _ => title.extend(letter.to_uppercase()),
        }
        inside = letter.is_alphabetic();
    }
    title.trim().to_owned()
}
