//! Flows and tasks that attributes make of functions, in both faces: what the server has of their runs.

use prefect_sdk::client::models::StateType;
use prefect_sdk::flows::{AsyncFlowRun, FlowRun, RunFailed, RunFlowOptions};
use prefect_sdk::tasks::{AsyncTaskRun, TaskRun};
use prefect_sdk::{flow, task};
use serde_json::json;
use uuid::Uuid;

use crate::server;

/// What the flow says of itself: its run, and how often its task ran.
type Told = (Uuid, u32);

#[task(retries = 1, tags = ["numbers"])]
fn parse(run: &TaskRun, text: String) -> Result<u32, String> {
    if run.run_count() < 2 {
        return Err(format!("{text} is not read at once"));
    }
    Ok(run.run_count())
}

#[flow(name = "attributes in rust", flow_run_name = "reads-{text}")]
fn reads(run: &FlowRun, text: String, #[default(3)] times: u32) -> Result<Told, RunFailed<String>> {
    assert_eq!(run.parameters()["times"], times);
    Ok((run.id(), parse::call(run, text)?))
}

#[task(name = "parse", retries = 1, tags = ["numbers"])]
async fn parse_later(run: &AsyncTaskRun, text: String) -> Result<u32, String> {
    tokio::task::yield_now().await;
    if run.run_count() < 2 {
        return Err(format!("{text} is not read at once"));
    }
    Ok(run.run_count())
}

#[flow(name = "attributes in rust", flow_run_name = "reads-{text}")]
async fn reads_later(
    run: &AsyncFlowRun,
    text: String,
    #[default(3)] times: u32,
) -> Result<Told, RunFailed<String>> {
    assert_eq!(run.parameters()["times"], times);
    Ok((run.id(), parse_later::call(run, text).await?))
}

#[test]
fn a_function_is_a_flow_in_both_faces() {
    let client = server::client();
    let options = RunFlowOptions::new().tags(["by-attribute"]);
    let (id, count) = reads::call_with(&client, "42".to_owned(), 3, &options).unwrap();
    let later = server::run(async {
        let client = server::async_client();
        reads_later::call(&client, "42".to_owned(), 3).await
    });
    let (later, later_count) = later.unwrap();
    assert_eq!((count, later_count), (2, 2));
    for id in [id, later] {
        let run = client.read_flow_run(id).unwrap();
        assert_eq!(run.name.as_deref(), Some("reads-42"));
        assert_eq!(run.state_type, Some(StateType::Completed));
        assert_eq!(json!(run.parameters), json!({"text": "42", "times": 3}));
    }
    assert_eq!(client.read_flow_run(id).unwrap().tags, ["by-attribute"]);
}
