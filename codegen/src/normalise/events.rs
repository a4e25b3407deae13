//! Of events of the server, the description may say what they are made of (`data`, `event`, `id`, `retry`), or only what
//! their data is: that alone is kept, as the rest is the same for all.

use super::Document;
use super::media_types::is_events;
use super::references::{component, component_schemas};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::walk::each_operation;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut are_some = false;
    each_events(&mut document.root, &mut |_| are_some = true);
    if !are_some {
        return Ok(());
    }
    let schemas = component_schemas(&document.root);
    each_events(&mut document.root, &mut |entry| {
        if let Some(data) = data(&entry["schema"], &schemas) {
            entry["schema"] = data;
        }
    });
    Ok(())
}

/// Visits the answers that are events.
fn each_events(root: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    each_operation(root, &mut |_, operation| {
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for response in responses.into_iter().flat_map(Map::values_mut) {
            let content = response.get_mut("content").and_then(Value::as_object_mut);
            let events = content.into_iter().flatten();
            let events = events.filter(|(media_type, _)| is_events(media_type));
            events.for_each(|(_, entry)| visit(entry));
        }
    });
}

/// What the data of an event is, where the schema says what the event is made of.
fn data(schema: &Value, schemas: &Value) -> Option<Value> {
    const FIELDS: &[&str] = &["comment", "data", "event", "id", "retry"];
    let target = schema["$ref"].as_str().and_then(component);
    let schema = target.map_or(schema, |name| &schemas[&name]);
    let properties = schema["properties"].as_object()?;
    let data = properties.get("data")?;
    if !properties.keys().all(|name| FIELDS.contains(&name)) {
        return None;
    }
    let content = data
        .get("contentSchema")
        .filter(|content| content.is_object());
    Some(
        content
            .cloned()
            .unwrap_or_else(|| match data["type"].as_str() {
                Some("string") => json!({ "type": "string" }),
                _ => data.clone(),
            }),
    )
}
