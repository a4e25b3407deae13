//! Deployments of flows, as the server has them.

use diptych_macros::dual;
use prefect_sdk::Error;
#[dual(faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::deployments::RunnerDeployment;
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun};
use serde_json::Value;
use uuid::Uuid;

use crate::{faces, server};

/// What the server has, but when it was last written.
#[dual(faces, map(arow => row))]
async fn arow(client: &AsyncPrefectClient, id: Uuid) -> Result<Value, Error> {
    let mut row = serde_json::to_value(client.read_deployment(id).await?).unwrap();
    row.as_object_mut().unwrap().remove("updated");
    Ok(row)
}

#[dual(faces, map(aapply => apply, aapply_twice => apply_twice, arow => row))]
async fn aapply_twice(
    client: &AsyncPrefectClient,
    deployment: RunnerDeployment,
) -> Result<(), Error> {
    let deployment = deployment.parameters([("days", 1)]).tags(["sales"]);
    let id = deployment.aapply(client).await?;
    let first = arow(client, id).await?;
    assert_eq!(first["parameters"]["days"], 1);
    assert_eq!(first["version"], "2");
    assert_eq!(first["paused"], false);
    assert_eq!(deployment.aapply(client).await?, id);
    assert_eq!(arow(client, id).await?, first);
    // What is said no more is gone, and the rest stays as it is.
    let changed = deployment
        .tags(["stock"])
        .parameters(Vec::<(String, Value)>::new());
    assert_eq!(changed.aapply(client).await?, id);
    let mut expected = first;
    expected["tags"] = ["stock"].into();
    expected["parameters"] = Value::Object(serde_json::Map::new());
    assert_eq!(arow(client, id).await?, expected);
    Ok(())
}

#[test]
fn a_deployment_that_is_applied_again_changes_nothing_but_what_is_said() {
    let options = FlowOptions::new().version("2").description("All of it");
    let name = server::unique("applied");
    let flow = Flow::new(name.as_str(), |_: FlowRun, (): ()| Ok::<_, String>(()));
    let deployment = flow.with_options(options.clone()).to_deployment("nightly");
    apply_twice(&server::client(), deployment).unwrap();
    let flow = AsyncFlow::new(name, |_: AsyncFlowRun, (): ()| async {
        Ok::<_, String>(())
    });
    let deployment = flow.with_options(options).to_deployment("nightly-async");
    server::run(aapply_twice(&server::async_client(), deployment)).unwrap();
}
