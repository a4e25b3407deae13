//! Runs that are made although what the server says to that is lost, in both faces.

use diptych_macros::{dual, faces};
#[dual(lost)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{
    DeploymentCreate, FlowCreate, FlowFilter, FlowFilterName, StateType,
};
use prefect_sdk::client::requests::ReadFlowRuns;
use prefect_sdk::deployments::RunDeploymentOptions;
#[dual(lost)]
use prefect_sdk::deployments::astart_deployment_with;
use prefect_sdk::flows::RunFailed;
#[dual(lost)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use uuid::Uuid;

use super::recording::Recording;
use crate::server;

faces! {
    /// The names that differ between the faces here.
    lost {
        ..crate::faces,
        arun_both => run_both,
    }
}

/// Runs a flow in a flow, whose names are these.
#[dual(lost)]
async fn arun_both(client: &AsyncPrefectClient, [outer, inner]: [String; 2]) -> u32 {
    let outer = AsyncFlow::new(outer, move |run: AsyncFlowRun, (): ()| {
        let inner = AsyncFlow::new(&*inner, |_: AsyncFlowRun, (): ()| async {
            Ok::<_, String>(1)
        });
        async move { inner.call(&run, &()).await }
    });
    let given: Result<_, RunFailed<RunFailed<String>>> = outer.call(client, &()).await;
    given.unwrap()
}

/// The states of the flow's runs.
fn states_of(flow: &str) -> Vec<Option<StateType>> {
    let of_flow = FlowFilter::new().name(FlowFilterName::new().any([flow]));
    let filter = ReadFlowRuns::new().flows(of_flow);
    let runs = server::patiently(|| server::client().read_flow_runs_with(&filter));
    runs.into_iter().map(|run| run.state_type).collect()
}

#[test]
fn a_run_is_made_once_although_what_the_server_says_to_that_is_lost() {
    // The runs of the outer and of the inner flow, and the task run that stands for the latter.
    let made = [
        ("/api/flows/", 0),
        ("/api/flow_runs/", 0),
        ("/api/flow_runs/", 1),
        ("/api/task_runs/", 0),
    ];
    for (path, after) in made {
        for is_async in [false, true] {
            let way = Recording::losing(path, after);
            let names = ["outer", "inner"].map(server::unique);
            let given = if is_async {
                let client = AsyncPrefectClient::new(&way.api_url()).unwrap();
                server::run(async { arun_both(&client, names.clone()).await })
            } else {
                run_both(&PrefectClient::new(&way.api_url()).unwrap(), names.clone())
            };
            assert_eq!(given, 1, "{path} {after}");
            assert!(way.has_lost(), "{path} {after}");
            for name in &names {
                let states = states_of(name);
                assert_eq!(states, [Some(StateType::Completed)], "{path} {after}");
            }
        }
    }
}

/// A deployment of a flow of that name.
fn deployment(flow: &str) -> Uuid {
    let client = server::client();
    let flow = server::patiently(|| client.create_flow(&FlowCreate::new(flow)));
    let new = DeploymentCreate::new(server::unique("lost"), flow.id);
    server::patiently(|| client.create_deployment(&new)).id
}

#[test]
fn a_deployment_is_run_once_although_what_the_server_says_to_that_is_lost() {
    let options = RunDeploymentOptions::new();
    for is_async in [false, true] {
        let flow = server::unique("lost");
        let id = deployment(&flow);
        let way = Recording::losing("/api/deployments/<id>/create_flow_run", 0);
        let run = if is_async {
            let client = AsyncPrefectClient::new(&way.api_url()).unwrap();
            server::run(async {
                let begun = astart_deployment_with(&client, id, &options).await;
                begun.map(|run| run.id())
            })
        } else {
            let client = PrefectClient::new(&way.api_url()).unwrap();
            start_deployment_with(&client, id, &options).map(|run| run.id())
        };
        run.unwrap();
        assert!(way.has_lost());
        assert_eq!(states_of(&flow), [Some(StateType::Scheduled)]);
    }
}
