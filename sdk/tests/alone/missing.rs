//! A 404 of a route, or of something that is no Prefect server at all, is not the 404 of a thing.

use diptych_macros::dual;
use prefect_client::testing::MockServer;
use prefect_client::transport::http::{HeaderMap, StatusCode};
use prefect_client::{Answer, operations};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::input::{aread_flow_run_input, read_flow_run_input};
use prefect_sdk::variables::Variable;
use uuid::Uuid;

/// A server that answers all that is asked for here with this 404.
fn server(body: &'static str) -> MockServer {
    let answer = Answer::new(StatusCode::NOT_FOUND, HeaderMap::new(), body);
    let server = MockServer::new();
    server
        .on(&operations::READ_VARIABLE_BY_NAME)
        .sends(answer.clone());
    server
        .on(&operations::DELETE_VARIABLE_BY_NAME)
        .sends(answer.clone());
    server.on(&operations::READ_FLOW_RUN_INPUT).sends(answer);
    server
}

#[dual(crate::faces)]
async fn ais_told_apart(client: &AsyncPrefectClient, is_a_thing: bool) {
    let got = Variable::aget(client, "x").await.map(drop);
    let unset = Variable::aunset(client, "x").await.map(drop);
    let input = aread_flow_run_input(client, Uuid::nil(), "x")
        .await
        .map(drop);
    for result in [got, unset, input] {
        match result {
            Ok(()) => assert!(is_a_thing, "the route is missing, not the thing"),
            Err(error) => assert!(!is_a_thing && !error.is_not_found(), "{error}"),
        }
    }
}

#[test]
fn a_missing_route_is_an_error_and_a_missing_thing_is_none() {
    let bodies = [
        (r#"{"detail": "Variable not found."}"#, true),
        (r#"{"exception_message": "Not there"}"#, true),
        (r#"{"detail": "Not Found"}"#, false),
        ("<html>not here</html>", false),
        ("", false),
    ];
    for (body, is_a_thing) in bodies {
        is_told_apart(&server(body).client(), is_a_thing);
        crate::run(ais_told_apart(&server(body).async_client(), is_a_thing));
    }
}
