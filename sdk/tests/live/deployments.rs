//! Deployments in both faces, with nobody who serves them.

use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::client::models::{DeploymentCreate, StateType, TaskInput, WorkPoolCreate};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::deployments::{self, RunDeploymentOptions};
use prefect_sdk::{Error, RunContext};
use serde_json::json;
use uuid::Uuid;

use crate::{runs, server};

const SOON: Duration = Duration::from_millis(300);

fn with_a_parameter(deployment: DeploymentCreate) -> DeploymentCreate {
    let schema = json!({"type": "object", "properties": {"x": {"type": "integer"}}});
    deployment
        .parameters([("x", json!(1)), ("y", json!("kept"))])
        .parameter_openapi_schema(schema.as_object().unwrap().clone())
        .enforce_parameter_schema(true)
        .tags(["theirs"])
}

#[dual(crate::faces)]
async fn arun_with_everything(client: &AsyncPrefectClient) -> Result<(), Error> {
    let pool = server::unique("pool");
    let body = WorkPoolCreate::new(pool.clone()).type_("process");
    client.create_work_pool(&body).await?;
    let (name, id) = runs::deployment(|new| with_a_parameter(new).work_pool_name(pool));
    let time = "2031-02-03T04:05:06Z".parse().unwrap();
    let how = RunDeploymentOptions::new()
        .parameters([("x", 2)])
        .scheduled_time(time)
        .flow_run_name("by hand")
        .tags(["ours"])
        .idempotency_key(server::unique("key"))
        .work_queue_name("fast")
        .job_variables([("env.LEVEL", "debug")]);
    let run = deployments::astart_deployment_with(client, &*name, &how).await?;
    let run = run.into_flow_run();
    assert_eq!(run.deployment_id, Some(id));
    assert_eq!(json!(run.parameters), json!({"x": 2, "y": "kept"}));
    assert_eq!(run.name.as_deref(), Some("by hand"));
    assert_eq!(run.expected_start_time, Some(time));
    assert_eq!(run.work_queue_name.as_deref(), Some("fast"));
    assert_eq!(json!(run.job_variables), json!({"env.LEVEL": "debug"}));
    assert_eq!(run.parent_task_run_id, None);
    let mut tags = run.tags;
    tags.sort();
    assert_eq!(tags, ["ours", "theirs"]);
    let same = deployments::astart_deployment_with(client, id, &how).await?;
    assert_eq!(same.id(), run.id);
    Ok(())
}

#[test]
fn a_run_has_what_was_asked_for_and_is_made_once() {
    run_with_everything(&server::client()).unwrap();
    server::run(arun_with_everything(&server::async_client())).unwrap();
}

#[dual(crate::faces)]
async fn afail_to_run(client: &AsyncPrefectClient) {
    let how = RunDeploymentOptions::new();
    let error = deployments::arun_deployment_with(client, "no name", &how).await;
    assert!(error.unwrap_err().is_invalid());
    for missing in ["no/such".to_owned(), Uuid::new_v4().to_string()] {
        let error = deployments::arun_deployment_with(client, missing, &how).await;
        assert!(error.unwrap_err().is_not_found());
    }
    let (name, _) = runs::deployment(with_a_parameter);
    let wrong = how.parameters([("x", "one")]);
    let error = deployments::arun_deployment_with(client, name, &wrong).await;
    let error = error.unwrap_err();
    assert!(
        error.api().is_some() && error.to_string().contains("one"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_run_is_an_error() {
    fail_to_run(&server::client());
    server::run(afail_to_run(&server::async_client()));
}

#[dual(crate::faces)]
async fn ahandle(client: &AsyncPrefectClient) -> Result<(), Error> {
    let (name, _) = runs::deployment(|new| new);
    // Time is up before anybody runs it.
    let soon = RunDeploymentOptions::new().timeout(SOON);
    let late = deployments::arun_deployment_with(client, &*name, &soon).await;
    let late = late.unwrap_err();
    assert!(late.is_timeout(), "{late}");
    let often = RunDeploymentOptions::new().poll_interval(Duration::from_millis(50));
    let handle = deployments::astart_deployment_with(client, &*name, &often).await?;
    let id = handle.id();
    assert_eq!(handle.flow_run().state_type, Some(StateType::Scheduled));
    let ender = runs::when(id, StateType::Running, move |client| {
        runs::set(&client, id, StateType::Completed);
    });
    runs::set(&server::client(), id, StateType::Running);
    let run = handle.await?;
    assert_eq!((run.id, run.state_type), (id, Some(StateType::Completed)));
    ender.join().unwrap();
    // Dropped: the run is left alone.
    let dropped = deployments::astart_deployment_with(client, name, &often).await?;
    let id = dropped.id();
    drop(dropped);
    let left = client.read_flow_run(id).await?;
    assert_eq!(left.state_type, Some(StateType::Scheduled));
    Ok(())
}

#[test]
fn a_handle_is_waited_for_or_dropped() {
    handle(&server::client()).unwrap();
    server::run(ahandle(&server::async_client())).unwrap();
}

#[dual(crate::faces)]
async fn arun_within_a_run(client: &AsyncPrefectClient) -> Result<(), Error> {
    let (name, id) = runs::deployment(|new| new.version("7"));
    let (parent, task) = (runs::running(), Uuid::new_v4());
    let context = RunContext::flow_run(parent).task_run(task);
    let how = RunDeploymentOptions::new().run(&context);
    let how = how.parameters([("x", 1)]);
    let run = deployments::astart_deployment_with(client, id, &how).await?;
    let run = run.into_flow_run();
    let place = run.parent_task_run_id.expect("a task run stands for it");
    let read = client.read_task_run(place).await?;
    let slug = name.replace('/', "-");
    let key = format!("prefect.deployments.flow_runs.run_deployment.{slug}");
    assert_eq!((read.flow_run_id, read.task_key), (Some(parent), key));
    assert_eq!(read.task_version.as_deref(), Some("7"));
    let inputs = read.task_inputs;
    assert_eq!(inputs["x"], []);
    assert!(matches!(&inputs["__parents__"][..], [TaskInput::TaskRunResult(of)] if of.id == task));
    // The server moves what stands for the run as the run moves.
    runs::set(&server::client(), run.id, StateType::Completed);
    let read = client.read_task_run(place).await?;
    assert_eq!(read.state_type, Some(StateType::Completed));
    let apart = how.as_subflow(false);
    let run = deployments::astart_deployment_with(client, name, &apart).await?;
    let run = run.into_flow_run();
    assert_eq!(run.parent_task_run_id, None);
    Ok(())
}

#[test]
fn within_a_run_it_is_a_subflow_unless_declined() {
    run_within_a_run(&server::client()).unwrap();
    server::run(arun_within_a_run(&server::async_client())).unwrap();
}
