//! Flow runs in bulk: made from a deployment, set and deleted.

use prefect_client::models::{
    DeploymentCreate, DeploymentFlowRunCreate, FlowCreate, FlowRunBulkCreateResponse,
    FlowRunBulkSetStateResponse, FlowRunCreate, FlowRunCreateResult, FlowRunCreateResultStatus,
    FlowRunOrchestrationResult, OrchestrationDetails, SetStateStatus, StateType,
};
use prefect_client::requests::{BulkDeleteFlowRuns, BulkSetFlowRunState};
use serde_json::json;
use uuid::Uuid;

use crate::helpers::{flow_runs, object, state};

/// What `SQLite` says where another transaction overtakes this one. Of one thing the server answers it as 503, which the
/// client asks again; of a thing among many it says so beside that thing, in an answer that is a success.
const LOCKED: &str = "database is locked";

fn is_not_made(result: &FlowRunCreateResult) -> bool {
    result
        .error
        .as_ref()
        .is_some_and(|error| error.contains(LOCKED))
}

fn is_not_set(result: &FlowRunOrchestrationResult) -> bool {
    match &result.details {
        OrchestrationDetails::StateAbortDetails(details) => details
            .reason
            .as_ref()
            .is_some_and(|reason| reason.contains(LOCKED)),
        _ => false,
    }
}

scenarios! {
    fn flow_runs_are_made_in_bulk(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("bulk"))));
        let deployment = call!(live.create_deployment(&DeploymentCreate::new("bulk", flow.id)));
        let runs = [1, 2].map(|size| {
            DeploymentFlowRunCreate::new()
                .name(format!("lauf-{size}"))
                .parameters(object(json!({"size": size})))
        });
        let answer = eventually!(
            call!(live.bulk_create_flow_runs_from_deployment(deployment.id, &runs)),
            |answer: &FlowRunBulkCreateResponse| !answer.results.iter().any(is_not_made)
        );
        assert_eq!(answer.results.len(), 2);
        for (result, size) in answer.results.iter().zip([1, 2]) {
            assert_eq!(
                (&result.status, &result.error),
                (&FlowRunCreateResultStatus::Created, &None)
            );
            let read = call!(live.read_flow_run(result.flow_run_id.expect("an id")));
            assert_eq!(read.parameters, object(json!({"size": size})));
            assert_eq!(read.deployment_id, Some(deployment.id));
        }
    }

    fn flow_runs_are_set_and_deleted_in_bulk(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("bulk-set"))));
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id);
        }
        let both = flow_runs([ids[0], ids[1]]);
        let answer = eventually!(
            call!(
                live.bulk_set_flow_run_state_with(
                    &state(StateType::Cancelled, "Abgebrochen").message("in bulk"),
                    &BulkSetFlowRunState::new()
                        .flow_runs(both.clone())
                        .force(true)
                )
            ),
            |answer: &FlowRunBulkSetStateResponse| !answer.results.iter().any(is_not_set)
        );
        assert_eq!(answer.results.len(), 2);
        for result in &answer.results {
            assert!(ids.contains(&result.flow_run_id));
            assert_eq!(result.status, SetStateStatus::Accept);
            assert!(matches!(
                result.details,
                OrchestrationDetails::StateAcceptDetails(_)
            ));
            let state = result.state.as_ref().expect("a state");
            assert_eq!(
                (&state.type_, state.name.as_deref()),
                (&StateType::Cancelled, Some("Abgebrochen"))
            );
        }

        let mut deleted =
            call!(live.bulk_delete_flow_runs_with(&BulkDeleteFlowRuns::new().flow_runs(both.clone())))
                .deleted;
        deleted.sort_unstable();
        ids.sort_unstable();
        assert_eq!(deleted, ids);
        let again = call!(live.bulk_delete_flow_runs_with(&BulkDeleteFlowRuns::new().flow_runs(both)));
        assert_eq!(again.deleted, Vec::<Uuid>::new());
    }
}
