//! A constant that may be left out is sent only when the caller says so: it is an enum of one value.
//!
//! Where the server takes the constant for what is left out, sending it changes nothing, and where it tells the
//! branches of a union apart, a branch without it would be none: there it stays a constant.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Document;
use super::references::component;
use crate::config::Config;
use crate::error::Result;
use crate::notes::{note, read};
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let tags = tags(&mut document.root);
    each_schema(&mut document.root, &mut |place, schema| {
        let required = required(schema);
        let component = place.component().unwrap_or_default();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            let is_tag = tags.contains(&(component.to_owned(), name.clone()));
            if !required.contains(name.as_str()) && !is_tag {
                let_go(property);
            }
        }
    });
    Ok(())
}

fn let_go(property: &mut Value) {
    if let Value::Object(property) = property
        && let Some(constant) = read(property).constant
        && read(property).default != Some(constant)
    {
        note(property, |note| note.constant = None);
    }
}

fn required(schema: &Map<String, Value>) -> BTreeSet<String> {
    let names = schema.get("required").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// The properties that tell a union's branches apart, by component.
fn tags(root: &mut Value) -> BTreeSet<(String, String)> {
    let mut tags = BTreeSet::new();
    each_schema(root, &mut |_, schema| {
        let Some(tag) = read(schema).union.and_then(|union| union.tag) else {
            return;
        };
        let branches = schema.get("oneOf").and_then(Value::as_array);
        for branch in branches.into_iter().flatten() {
            let target = branch["$ref"].as_str().and_then(component);
            tags.extend(target.map(|target| (target, tag.clone())));
        }
    });
    tags
}
