//! The events that follow artifacts, as Prefect's own client emits them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{ArtifactUpdate, Event, RelatedResource};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Artifact;
use crate::RunContext;
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
    Event::new(Utc::now(), name, resource, Uuid::new_v4())
}

/// Emits an event with the run, and what the run belongs to, as related resources. What fails is a warning: the artifact
/// is there.
#[dual(sdk, map(aadd_run => add_run))]
pub(super) async fn aemit(client: &AsyncPrefectClient, event: Event, run: &RunContext) {
    let mut related = Related::default();
    if let Err(error) = related.aadd_run(client, run).await {
        tracing::warn!("the event {} lacks related resources: {error}", event.event);
    }
    let event = event.related(related.resources());
    if let Err(error) = client.create_events(std::slice::from_ref(&event)).await {
        tracing::warn!("the event {} could not be emitted: {error}", event.event);
    }
}

/// What an event is related to.
#[derive(Default)]
struct Related {
    resources: Vec<RelatedResource>,
    tags: BTreeSet<String>,
}

#[dual(sdk)]
impl Related {
    async fn aadd_run(
        &mut self,
        client: &AsyncPrefectClient,
        run: &RunContext,
    ) -> Result<(), prefect_client::Error> {
        let Some(id) = run.flow_run_id else {
            return Ok(());
        };
        let flow_run = client.read_flow_run(id).await?;
        self.add("flow-run", id, flow_run.name, flow_run.tags);
        if let Some(id) = run.task_run_id {
            match client.read_task_run(id).await {
                Ok(task_run) => self.add("task-run", id, task_run.name, task_run.tags),
                // The server makes task runs from events, which may be on their way.
                Err(error) if error.is_not_found() => self.add("task-run", id, None, Vec::new()),
                Err(error) => return Err(error),
            }
        }
        let flow = client.read_flow(flow_run.flow_id).await?;
        self.add("flow", flow.id, Some(flow.name), flow.tags);
        if let Some(id) = flow_run.deployment_id {
            let deployment = client.read_deployment(id).await?;
            self.add("deployment", id, Some(deployment.name), deployment.tags);
        }
        if let Some(id) = flow_run.work_queue_id {
            let queue = client.read_work_queue(id).await?;
            self.add("work-queue", id, Some(queue.name), Vec::new());
        }
        if let Some(name) = flow_run.work_pool_name {
            let pool = client.read_work_pool(&name).await?;
            self.add("work-pool", pool.id, Some(pool.name), Vec::new());
        }
        Ok(())
    }

    fn add(&mut self, kind: &str, id: Uuid, name: Option<String>, tags: Vec<String>) {
        let mut resource = labels(kind, id);
        resource.insert("prefect.resource.role".to_owned(), kind.to_owned());
        resource.extend(name.map(|name| ("prefect.resource.name".to_owned(), name)));
        self.resources.push(resource);
        self.tags.extend(tags);
    }

    fn resources(self) -> Vec<RelatedResource> {
        let tag = |tag: String| {
            BTreeMap::from([
                (
                    "prefect.resource.id".to_owned(),
                    format!("prefect.tag.{tag}"),
                ),
                ("prefect.resource.role".to_owned(), "tag".to_owned()),
            ])
        };
        let mut resources = self.resources;
        resources.extend(self.tags.into_iter().map(tag));
        resources
    }
}

fn labels(kind: &str, id: Uuid) -> BTreeMap<String, String> {
    BTreeMap::from([(
        "prefect.resource.id".to_owned(),
        format!("prefect.{kind}.{id}"),
    )])
}
