//! The task run that stands for a deployment's run in the run that started it.

use std::collections::BTreeMap;

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::{DeploymentResponse, TaskInput, TaskRunCreate, TaskRunResult};
use serde_json::Value;
use uuid::Uuid;

use crate::faces::sdk;
#[dual(sdk)]
use crate::flow_runs::AsyncPlaceholder;
use crate::{Error, RunContext, states};

/// Makes the task run, and gives its id.
#[dual(sdk)]
pub(crate) async fn areserve_placeholder(
    client: &AsyncPrefectClient,
    run: &RunContext,
    deployment: &DeploymentResponse,
    parameters: &BTreeMap<String, Value>,
) -> Result<(AsyncPlaceholder, Uuid), Error> {
    let flow = client.read_flow(deployment.flow_id).await?;
    let flow_run_id = match (run.flow_run_id, run.task_run_id) {
        (None, Some(id)) => client.read_task_run(id).await?.flow_run_id,
        (id, _) => id,
    };
    let name = format!("{}/{}", flow.name, deployment.name);
    let mut body = placeholder(&name, run.task_run_id, parameters);
    body.flow_run_id = flow_run_id;
    body.task_version.clone_from(&deployment.version);
    let mut placeholder = AsyncPlaceholder::here(client)?;
    let id = placeholder.make(body).await?;
    Ok((placeholder, id))
}

/// Prefect counts the runs of a deployment within a flow run, which makes a process that begins the flow run anew find
/// the old task run and give it a second child. A random key makes a new one.
fn placeholder(
    name: &str,
    parent: Option<Uuid>,
    parameters: &BTreeMap<String, Value>,
) -> TaskRunCreate {
    let task_key = format!(
        "prefect.deployments.flow_runs.run_deployment.{}",
        slug::slugify(name)
    );
    let mut inputs: BTreeMap<_, _> = parameters
        .keys()
        .map(|name| (name.clone(), Vec::new()))
        .collect();
    if let Some(parent) = parent {
        let parent = TaskInput::from(TaskRunResult::new(parent));
        inputs.insert("__parents__".to_owned(), vec![parent]);
    }
    TaskRunCreate::new(task_key, Uuid::new_v4().to_string())
        .state(states::pending())
        .task_inputs(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_named_after_the_deployment_and_knows_its_parent() {
        let parent = Uuid::new_v4();
        let parameters = BTreeMap::from([("x".to_owned(), json!(1))]);
        let body = placeholder("My Flow/nightly_run", Some(parent), &parameters);
        assert_eq!(
            body.task_key,
            "prefect.deployments.flow_runs.run_deployment.my-flow-nightly-run"
        );
        let inputs = json!({"x": [], "__parents__": [{"input_type": "task_run", "id": parent}]});
        assert_eq!(serde_json::to_value(body.task_inputs).unwrap(), inputs);
        let alone = placeholder("a/b", None, &BTreeMap::new());
        assert_eq!(alone.task_inputs, Some(BTreeMap::new()));
        assert_ne!(alone.dynamic_key, body.dynamic_key);
    }
}
