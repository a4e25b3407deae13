//! The resources of a run, which every event that happens in it is about as well.

use std::collections::BTreeSet;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::RelatedResource;

use crate::faces::sdk;
use crate::{Error, RunContext};

/// The resources of a run, which every event that happens in it is about as well: the flow run, the task run, the flow,
/// the deployment, the work queue, the work pool, and the tags of all of them. Those that the server does not know (any
/// longer) are left out, all but the runs themselves. Empty where there is no flow run.
///
/// It takes up to six calls. They don't change while a run goes on, so for many events this is asked for once:
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient};
/// # use prefect_sdk::events::{AsyncEventSender, EmitEventOptions, SendEventsOptions, arelated_resources};
/// # async fn run(client: AsyncPrefectClient, run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let sender = AsyncEventSender::start(&client, &SendEventsOptions::new())?;
/// let options = EmitEventOptions::new().related(arelated_resources(&client, &run).await?);
/// for name in ["shop.opened", "shop.closed"] {
///     sender.send(&options.build(name, [("prefect.resource.id", "shop")])?)?;
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// A call of the client failed.
#[dual(sdk)]
pub async fn arelated_resources(
    client: &AsyncPrefectClient,
    run: &RunContext,
) -> Result<Vec<RelatedResource>, Error> {
    let mut found = Found::default();
    let task_run = match run.task_run_id {
        Some(id) => known(client.read_task_run(id).await)?,
        None => None,
    };
    let of_task_run = task_run.as_ref().and_then(|task_run| task_run.flow_run_id);
    let Some(flow_run_id) = run.flow_run_id.or(of_task_run) else {
        return Ok(Vec::new());
    };
    let flow_run = known(client.read_flow_run(flow_run_id).await)?;
    let name = flow_run.as_ref().and_then(|run| run.name.as_deref());
    found.add("flow-run", &flow_run_id.to_string(), name);
    if let Some(id) = run.task_run_id {
        // A task run is known to the server some time after its first event.
        let name = task_run.as_ref().and_then(|run| run.name.as_deref());
        found.add("task-run", &id.to_string(), name);
        found.tag(task_run.map(|run| run.tags));
    }
    let Some(flow_run) = flow_run else {
        return Ok(found.resources());
    };
    found.tag(Some(flow_run.tags));
    if let Some(flow) = known(client.read_flow(flow_run.flow_id).await)? {
        found.add("flow", &flow.id.to_string(), Some(&flow.name));
        found.tag(Some(flow.tags));
    }
    if let Some(id) = flow_run.deployment_id
        && let Some(deployment) = known(client.read_deployment(id).await)?
    {
        found.add(
            "deployment",
            &deployment.id.to_string(),
            Some(&deployment.name),
        );
        found.tag(Some(deployment.tags));
    }
    if let Some(id) = flow_run.work_queue_id
        && let Some(queue) = known(client.read_work_queue(id).await)?
    {
        found.add("work-queue", &queue.id.to_string(), Some(&queue.name));
    }
    if let Some(name) = &flow_run.work_pool_name
        && let Some(pool) = known(client.read_work_pool(name).await)?
    {
        found.add("work-pool", &pool.id.to_string(), Some(&pool.name));
    }
    Ok(found.resources())
}

/// What the server answered, unless it says that there is no such thing.
fn known<T>(answer: Result<T, prefect_client::Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[derive(Default)]
struct Found {
    resources: Vec<RelatedResource>,
    tags: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, kind: &str, id: &str, name: Option<&str>) {
        let mut resource = resource(kind, id);
        if let Some(name) = name {
            resource.insert("prefect.resource.name".to_owned(), name.to_owned());
        }
        self.resources.push(resource);
    }

    fn tag(&mut self, tags: Option<Vec<String>>) {
        self.tags.extend(tags.unwrap_or_default());
    }

    /// The tags come last, in order.
    fn resources(mut self) -> Vec<RelatedResource> {
        let tags = self.tags.iter().map(|tag| resource("tag", tag));
        self.resources.extend(tags);
        self.resources
    }
}

fn resource(kind: &str, id: &str) -> RelatedResource {
    RelatedResource::from([
        (
            "prefect.resource.id".to_owned(),
            format!("prefect.{kind}.{id}"),
        ),
        ("prefect.resource.role".to_owned(), kind.to_owned()),
    ])
}

/// The resources of a flow run that belongs to no deployment, as [`arelated_resources`] finds them.
#[cfg(feature = "flows")]
pub(crate) fn of_flow_run(
    run: &prefect_client::models::FlowRunResponse,
    flow: &prefect_client::models::Flow,
) -> Vec<RelatedResource> {
    let mut found = Found::default();
    found.add("flow-run", &run.id.to_string(), run.name.as_deref());
    found.add("flow", &flow.id.to_string(), Some(&flow.name));
    found.tag(Some(run.tags.clone()));
    found.tag(Some(flow.tags.clone()));
    found.resources()
}
