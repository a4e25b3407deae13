//! Drops rules on keys: JSON's keys are text, and a rule on them changes no type.
//!
//! What `patternProperties` allows is read as additional properties.

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::notes::{self, note};
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut lost = Vec::new();
    each_schema(&mut document.root, &mut |_, schema| {
        if let Some(rule) = schema.remove("propertyNames") {
            let rule = words(&rule);
            lost.push((notes::source(schema).child("propertyNames"), rule.clone()));
            note(schema, |note| note.limits.push(rule));
        }
        if let Some(Value::Object(patterns)) = schema.remove("patternProperties") {
            let words = keys(&patterns);
            lost.push((
                notes::source(schema).child("patternProperties"),
                words.clone(),
            ));
            note(schema, |note| note.limits.push(words));
            let only = schema.get("additionalProperties") == Some(&Value::Bool(false));
            let meaning = |rule| notes::meaning(rule, &|_| None);
            let shared = patterns.values().next().filter(|first| {
                let first = meaning(first);
                only && patterns.values().all(|other| meaning(other) == first)
            });
            let entry = shared.cloned().unwrap_or_else(|| json!({}));
            schema.insert("additionalProperties".to_owned(), entry);
        }
    });
    for (pointer, rule) in lost {
        document.lose(pointer, rule, "keys are read as text");
    }
    Ok(())
}

fn keys(patterns: &Map) -> String {
    let patterns: Vec<String> = patterns.keys().map(|key| format!("`{key}`")).collect();
    format!("keys match {}", patterns.join(" or "))
}

fn words(rule: &Value) -> String {
    match rule["format"].as_str() {
        Some(format) => format!("keys: {format}"),
        None => "keys follow a rule of their own".to_owned(),
    }
}
