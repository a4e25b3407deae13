//! Everything of the client's and the prelude of the SDK in one file: no name means two things.

use prefect_client::models::*;
use prefect_client::operations;
use prefect_client::requests::*;
use prefect_client::testing::MockServer;
use prefect_sdk::input::schemars;
use prefect_sdk::prelude::*;
use serde_json::json;
use uuid::Uuid;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema, RunInput)]
#[schemars(crate = "prefect_sdk::input::schemars")]
struct Approval {
    approved: bool,
}

#[test]
fn both_are_imported() {
    let server = MockServer::new();
    let variable = json!({
        "id": Uuid::nil(), "created": null, "updated": null, "name": "x", "value": 1, "tags": []
    });
    server
        .on(&operations::READ_VARIABLE_BY_NAME)
        .answers_json(variable);
    server
        .on(&operations::READ_ARTIFACTS)
        .answers_json(json!([]));
    let client: PrefectClient = server.client();
    let theirs: Variable = client.read_variable_by_name("x").unwrap();
    let ours: Option<VariableValue> = variables::Variable::get(&client, "x").unwrap();
    assert_eq!(theirs.value, ours);
    let none: Option<artifacts::Artifact> = artifacts::Artifact::get(&client, "x").unwrap();
    assert_eq!(none, None);
    // Bodies, actions and requests of the client's, and options of the SDK's.
    let bodies = (
        VariableCreate::new("x", VariableValue::from(1)),
        ReadArtifacts::new(),
    );
    let options = (
        deployments::RunDeploymentOptions::new(),
        flow_runs::ResumeFlowRunOptions::new(),
        concurrency::ConcurrencyOptions::new(),
    );
    assert!(std::mem::size_of_val(&bodies) + std::mem::size_of_val(&options) > 0);
    let name = std::any::type_name::<(Artifact, RunDeployment, SuspendFlowRun)>();
    assert!(!name.contains("prefect_sdk"), "{name}");
    assert_eq!(Approval::keyset().schema, "approval-schema");
    assert!(Approval { approved: true }.approved);
    assert_eq!(RunContext::default().flow_run_id, None);
}
