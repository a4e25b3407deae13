//! Notes tuples (`prefixItems`), which 3.0 can only say as arrays of anything.
//!
//! The items' types are kept as the properties `0`, `1`, … of a component that only the lowering reads.

use std::collections::BTreeSet;

use super::Document;
use super::references::component_names;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::naming::{Numbers, type_name};
use crate::notes::{self, KEY, note};
use crate::walk::each_schema;

/// The standard library compares and shows tuples up to this length.
const LONGEST: usize = 12;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut found = Vec::new();
    let mut lost = Vec::new();
    let known = component_names(&document.root);
    let mut carriers = BTreeSet::new();
    let mut numbers = Numbers::default();
    each_schema(&mut document.root, &mut |place, schema| {
        let Some(Value::Array(items)) = schema.remove("prefixItems") else {
            return;
        };
        let rest = schema.remove("items");
        if let Some(item) = rest.as_ref().filter(|rest| are_alike(&items, rest)) {
            schema.insert("items", item.clone());
            return;
        }
        // With others behind them, or too many, they are a list.
        if rest.is_some_and(|rest| rest != Value::Bool(false)) || items.len() > LONGEST {
            schema.insert("items".to_owned(), json!({}));
            lost.push(notes::source(schema).child("prefixItems"));
            return;
        }
        let words: Vec<String> = place
            .pointer()
            .keys()
            .skip(2)
            .filter(|key| key != "properties")
            .collect();
        // No type is called so, as none has a dot in its name.
        let name = format!("{}.tuple", type_name(&words.join(" ")));
        let name = numbers.free(&name, |name| {
            known.contains(name) || carriers.contains(name)
        });
        carriers.insert(name.clone());
        schema.insert("items".to_owned(), json!({}));
        note(schema, |note| note.tuple = Some(name.clone()));
        let source = schema.get(KEY).cloned().unwrap_or_default();
        found.push((name, items, source));
    });
    for (name, items, source) in found {
        document.root["components"]["schemas"][&name] = carrier(items, &source);
    }
    document.carriers = carriers;
    for pointer in lost {
        document.lose(
            pointer,
            "the types of a tuple's items",
            "a Rust tuple has a fixed length, and at most twelve items; they are read as a list of anything",
        );
    }
    Ok(())
}

/// Whether what follows the first items is what these are.
fn are_alike(items: &[Value], rest: &Value) -> bool {
    let meaning = |schema| notes::meaning(schema, &|_| None);
    let rest = rest.is_object().then(|| meaning(rest));
    rest.is_some_and(|rest| items.iter().all(|item| meaning(item) == rest))
}

fn carrier(items: Vec<Value>, source: &Value) -> Value {
    let required: Vec<String> = (0..items.len())
        .map(|index| format!("item{index}"))
        .collect();
    let properties: Map = required.iter().cloned().zip(items).collect();
    json!({ "type": "object", "properties": properties, "required": required, KEY: source })
}
