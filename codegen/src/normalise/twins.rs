//! Merges `X-Input` and `X-Output` when they say the same, as `FastAPI` writes both even where they do not differ.

use serde_json::Value;

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::notes::KEY;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let Some(schemas) = document
        .root
        .pointer("/components/schemas")
        .and_then(Value::as_object)
    else {
        return Ok(());
    };
    let mut equal: Vec<String> = schemas
        .keys()
        .filter_map(|name| name.strip_suffix("-Input"))
        .filter(|base| {
            schemas.contains_key(&format!("{base}-Output")) && !schemas.contains_key(*base)
        })
        .map(str::to_owned)
        .collect();
    // A twin that refers to an unequal twin is unequal too, so shrink until nothing changes.
    loop {
        let before = equal.len();
        let candidates = equal.clone();
        equal.retain(|base| {
            let merged = |side: &str| {
                let mut schema = schemas[&format!("{base}-{side}")].clone();
                merge(&mut schema, &candidates);
                schema
            };
            merged("Input") == merged("Output")
        });
        if equal.len() == before {
            break;
        }
    }
    merge_references(&mut document.root, &equal);
    if let Some(Value::Object(schemas)) = document.root.pointer_mut("/components/schemas") {
        for base in &equal {
            schemas.remove(&format!("{base}-Output"));
            if let Some(schema) = schemas.remove(&format!("{base}-Input")) {
                schemas.insert(base.clone(), schema);
            }
        }
    }
    Ok(())
}

/// The schema as it is compared: references to candidates are alike, and the places where it stands do not matter.
fn merge(schema: &mut Value, candidates: &[String]) {
    match schema {
        Value::Object(map) => {
            map.remove(KEY);
            map.values_mut().for_each(|child| merge(child, candidates));
        }
        Value::Array(items) => items.iter_mut().for_each(|child| merge(child, candidates)),
        Value::String(text) => merge_text(text, candidates),
        _ => {}
    }
}

fn merge_references(value: &mut Value, equal: &[String]) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                match child {
                    Value::String(text) if key == "$ref" => merge_text(text, equal),
                    _ => merge_references(child, equal),
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|child| merge_references(child, equal)),
        _ => {}
    }
}

fn merge_text(text: &mut String, bases: &[String]) {
    let Some(name) = text.strip_prefix("#/components/schemas/") else {
        return;
    };
    let base = name
        .strip_suffix("-Input")
        .or_else(|| name.strip_suffix("-Output"));
    if let Some(base) = base.filter(|base| bases.iter().any(|other| other == base)) {
        *text = format!("#/components/schemas/{base}");
    }
}
