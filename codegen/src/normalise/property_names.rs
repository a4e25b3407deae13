//! Drops `propertyNames`: JSON's keys are text, and a rule on them changes no type.

use serde_json::Value;

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::notes::{note, read};
use crate::walk::each_schema;

pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut lost = Vec::new();
    each_schema(&mut document.root, &mut |_, schema| {
        if let Some(rule) = schema.remove("propertyNames") {
            let rule = words(&rule);
            lost.push((read(schema).source.child("propertyNames"), rule.clone()));
            note(schema, |note| note.limits.push(rule));
        }
    });
    for (pointer, rule) in lost {
        document.lose(pointer, rule, "keys are read as text");
    }
    Ok(())
}

fn words(rule: &Value) -> String {
    match rule["format"].as_str() {
        Some(format) => format!("keys: {format}"),
        None => "keys follow a rule of their own".to_owned(),
    }
}
