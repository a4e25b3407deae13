//! The events that follow artifacts, as Prefect's own client emits them.

use std::collections::BTreeMap;

use chrono::Utc;
use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{ArtifactUpdate, Event};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Artifact;
use crate::RunContext;
#[dual(sdk)]
use crate::events::arelated_resources;
use crate::faces::sdk;

/// `prefect.artifact.created`.
pub(super) fn created(artifact: &Artifact) -> Event {
    let payload = BTreeMap::from([
        ("key".to_owned(), json!(artifact.key)),
        ("type".to_owned(), json!(artifact.type_)),
        ("description".to_owned(), json!(artifact.description)),
    ]);
    event(
        "prefect.artifact.created",
        artifact.id,
        artifact.key.clone(),
    )
    .payload(payload)
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
    let mut resource = labels("artifact", artifact);
    resource.extend(key.map(|key| ("prefect.resource.name".to_owned(), key)));
    Event::new(Utc::now(), name, resource, Uuid::now_v7())
}

/// Emits an event with the run, and what the run belongs to, as related resources. What fails is a warning: the artifact
/// is there.
#[dual(sdk)]
pub(super) async fn aemit(client: &AsyncPrefectClient, event: Event, run: &RunContext) {
    let related = match arelated_resources(client, run).await {
        Ok(related) => related,
        Err(error) => {
            tracing::warn!("the event {} lacks related resources: {error}", event.event);
            Vec::new()
        }
    };
    let event = event.related(related);
    if let Err(error) = client.create_events(std::slice::from_ref(&event)).await {
        tracing::warn!("the event {} could not be emitted: {error}", event.event);
    }
}

fn labels(kind: &str, id: Uuid) -> BTreeMap<String, String> {
    BTreeMap::from([(
        "prefect.resource.id".to_owned(),
        format!("prefect.{kind}.{id}"),
    )])
}
