//! One async client on two runtimes, one after the other: hazard 18.

use std::time::Duration;

use prefect_client::AsyncPrefectClient;
use prefect_client::models::FlowCreate;
use prefect_hazards::{Reply, Server, asynchronous, config, current_thread, multi_thread};
use tokio::runtime::Runtime;
use uuid::Uuid;

const PAIRS: [[fn() -> Runtime; 2]; 4] = [
    [current_thread, current_thread],
    [current_thread, multi_thread],
    [multi_thread, current_thread],
    [multi_thread, multi_thread],
];

fn flows() -> Server {
    Server::start(|_| Reply::flow(&Uuid::nil().to_string()))
}

/// Short, so that a connection of the other runtime, which nobody drives, would show as a timeout.
fn client(server: &Server) -> AsyncPrefectClient {
    asynchronous(config(&server.url()).timeout(Duration::from_secs(5)))
}

async fn get_and_post(client: &AsyncPrefectClient) {
    assert!(client.read_flow(Uuid::nil()).await.is_ok());
    let posted = client.create_flow(&FlowCreate::new("etl")).await;
    assert!(posted.is_ok(), "{posted:?}");
}

#[test]
fn hazard_18_a_client_goes_on_when_its_first_runtime_has_ended() {
    for [first, second] in PAIRS {
        let server = flows();
        let client = client(&server);
        let runtime = first();
        runtime.block_on(get_and_post(&client));
        drop(runtime);
        second().block_on(get_and_post(&client));
        assert_eq!(server.requests().len(), 4, "nothing was sent twice");
    }
}

#[test]
fn hazard_18_a_client_goes_on_while_its_first_runtime_stands_still() {
    for [first, second] in PAIRS {
        let server = flows();
        let client = client(&server);
        let (first, second) = (first(), second());
        for runtime in [&first, &second, &first] {
            runtime.block_on(get_and_post(&client));
        }
        assert_eq!(server.requests().len(), 6, "nothing was sent twice");
    }
}
