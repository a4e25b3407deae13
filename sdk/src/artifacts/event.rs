//! The events that follow artifacts, as Prefect's own client emits them.

use std::collections::BTreeMap;

use chrono::Utc;
use prefect_client::models::{ArtifactCreate, ArtifactUpdate, Event};
use serde_json::{Value, json};
use uuid::Uuid;

/// `prefect.artifact.created`, of an artifact that has this id.
pub(super) fn created(id: Uuid, create: &ArtifactCreate) -> Event {
    let payload = BTreeMap::from([
        ("key".to_owned(), json!(create.key)),
        ("type".to_owned(), json!(create.type_)),
        ("description".to_owned(), json!(create.description)),
    ]);
    event("prefect.artifact.created", id, create.key.clone()).payload(payload)
}

/// `prefect.artifact.updated`, with what was sent.
pub(super) fn updated(id: Uuid, update: &ArtifactUpdate) -> Event {
    let mut payload = BTreeMap::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(update) {
        payload.extend(fields);
    }
    event("prefect.artifact.updated", id, None).payload(payload)
}

fn event(name: &str, artifact: Uuid, key: Option<String>) -> Event {
    let id = format!("prefect.artifact.{artifact}");
    let mut resource = BTreeMap::from([("prefect.resource.id".to_owned(), id)]);
    resource.extend(key.map(|key| ("prefect.resource.name".to_owned(), key)));
    Event::new(Utc::now(), name, resource, Uuid::now_v7())
}
