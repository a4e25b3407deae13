//! Heartbeats, in both faces and without a server.

use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::client::models::Event;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun, RunFlowOptions};
use prefect_sdk::testing::TestServer;

use crate::runs::later;

/// A flow that succeeds when it is tried again.
#[dual(crate::faces)]
async fn abeats(client: AsyncPrefectClient, options: RunFlowOptions) -> i64 {
    let flow = AsyncFlow::new("beats", |run: AsyncFlowRun, ()| async move {
        match run.run_count() {
            1 => Err("once more".to_owned()),
            count => Ok(count),
        }
    });
    let flow = flow.with_options(FlowOptions::new().retries(1));
    flow.call_with(&client, &(), &options).await.unwrap()
}

fn heartbeats(server: &TestServer) -> Vec<Event> {
    let mut events = server.events();
    events.retain(|event| event.event == "prefect.flow-run.heartbeat");
    events
}

/// The next one would be due long after; nobody waits for that.
#[test]
fn a_run_tells_that_it_goes_on_when_it_begins_if_it_is_to() {
    let servers = [TestServer::new(), TestServer::new()];
    let options = RunFlowOptions::new()
        .tags(["shop"])
        .heartbeat_frequency(Duration::from_hours(1));
    assert_eq!(beats(servers[0].client(), options.clone()), 2);
    assert_eq!(later(abeats(servers[1].aclient(), options)), 2);
    for server in &servers {
        let run = &server.flow_runs()[0];
        let events = heartbeats(server);
        // One of each attempt.
        assert_eq!(events.len(), 2);
        for event in events {
            let id = format!("prefect.flow-run.{}", run.id);
            assert_eq!(event.resource["prefect.resource.id"], id);
            assert_eq!(event.resource["prefect.resource.name"], run.name);
            assert_eq!(
                event.resource["prefect.version"],
                prefect_client::PREFECT_VERSION
            );
            let related = event.related.unwrap();
            let roles: Vec<_> = related
                .iter()
                .map(|resource| resource["prefect.resource.role"].as_str())
                .collect();
            assert_eq!(roles, ["flow", "tag"]);
        }
    }
}

#[test]
fn a_run_tells_nothing_unless_it_is_to() {
    let server = TestServer::new();
    assert_eq!(beats(server.client(), RunFlowOptions::new()), 2);
    assert!(heartbeats(&server).is_empty());
}
