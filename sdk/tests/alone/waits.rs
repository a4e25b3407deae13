//! Each public function that takes a time: it ends when it says, and waits for ever where that is said.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diptych_macros::dual;
use prefect_client::operations;
use prefect_client::testing::{MockServer, Reply};
use prefect_client::transport::http::header::{CONTENT_TYPE, RETRY_AFTER};
use prefect_client::transport::http::{HeaderMap, HeaderValue, StatusCode};
use prefect_client::{Answer, models};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::concurrency::{
    ConcurrencyOptions, RateLimitOptions, aconcurrency_with, arate_limit_with, concurrency_with,
    rate_limit_with, v1,
};
use prefect_sdk::deployments::{
    RunDeploymentOptions, arun_deployment_with, astart_deployment_with, run_deployment_with,
    start_deployment_with,
};
use prefect_sdk::flow_runs::{
    PauseFlowRunOptions, SuspendFlowRunOptions, WaitForFlowRunOptions,
    apause_flow_run_for_input_with, apause_flow_run_with, asuspend_flow_run_with,
    await_for_flow_run_with, pause_flow_run_for_input_with, pause_flow_run_with,
    suspend_flow_run_with, wait_for_flow_run_with,
};
use prefect_sdk::input::{InputForm, ReceiveInputOptions, areceive_input_with, receive_input_with};
use prefect_sdk::{Error, RunContext};
use serde_json::{Value, json};
use uuid::Uuid;

/// The functions, each by what it waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Waits {
    RunEnds,
    DeploymentRuns,
    HandleEnds,
    Resumed,
    ResumedWithInput,
    Slots,
    SlotsOfTags,
    Rate,
    Input,
}

pub(crate) const ALL: [Waits; 9] = [
    Waits::RunEnds,
    Waits::DeploymentRuns,
    Waits::HandleEnds,
    Waits::Resumed,
    Waits::ResumedWithInput,
    Waits::Slots,
    Waits::SlotsOfTags,
    Waits::Rate,
    Waits::Input,
];

#[dual(crate::faces)]
pub(crate) async fn await_for(
    client: &AsyncPrefectClient,
    what: Waits,
    timeout: Option<Duration>,
    poll: Duration,
) -> Result<(), Error> {
    let (id, run) = (Uuid::nil(), RunContext::flow_run(Uuid::nil()));
    match what {
        Waits::RunEnds => {
            let options = WaitForFlowRunOptions::new();
            let options = options.timeout(timeout).poll_interval(poll);
            await_for_flow_run_with(client, id, &options).await?;
        }
        Waits::DeploymentRuns => {
            let options = RunDeploymentOptions::new();
            let options = options.timeout(timeout).poll_interval(poll);
            arun_deployment_with(client, id, &options).await?;
        }
        Waits::HandleEnds => {
            let options = RunDeploymentOptions::new();
            let options = options.timeout(timeout).poll_interval(poll);
            let handle = astart_deployment_with(client, id, &options).await?;
            handle.await?;
        }
        Waits::Resumed => {
            let options = PauseFlowRunOptions::new();
            let options = options.timeout(timeout).poll_interval(poll);
            apause_flow_run_with(client, &run, &options).await?;
        }
        Waits::ResumedWithInput => {
            let (form, options) = (InputForm::<i64>::new(), PauseFlowRunOptions::new());
            let options = options.timeout(timeout).poll_interval(poll);
            apause_flow_run_for_input_with(client, &run, &form, &options).await?;
        }
        Waits::Slots => {
            let options = ConcurrencyOptions::new().timeout(timeout);
            let slots = aconcurrency_with(client, ["there"], &options).await?;
            slots.release().await?;
        }
        Waits::SlotsOfTags => {
            let options = v1::ConcurrencyOptions::new().timeout(timeout);
            let slots = v1::aconcurrency_with(client, ["there"], id, &options).await?;
            slots.release().await?;
        }
        Waits::Rate => {
            let options = RateLimitOptions::new().timeout(timeout);
            arate_limit_with(client, ["there"], &options).await?;
        }
        Waits::Input => {
            let options = ReceiveInputOptions::new();
            let options = options.timeout(timeout).poll_interval(poll);
            let mut inputs = areceive_input_with::<i64>(client, id, &options);
            inputs.anext().await.expect("an input or an error")?;
        }
    }
    Ok(())
}

/// A server that gives what is waited for when it is asked so often; never, unless that is said.
fn server(what: Waits, gives: Option<usize>) -> MockServer {
    let server = MockServer::new();
    let asked = AtomicUsize::new(0);
    let is_given =
        move || gives.is_some_and(|gives| asked.fetch_add(1, Ordering::Relaxed) >= gives);
    match what {
        Waits::RunEnds | Waits::DeploymentRuns | Waits::HandleEnds => {
            let id = Uuid::nil();
            let deployment =
                json!({"name": "d", "flow_id": id, "id": id, "created": null, "updated": null});
            server
                .on(&operations::READ_DEPLOYMENT)
                .answers_json(deployment);
            server
                .on(&operations::CREATE_FLOW_RUN_FROM_DEPLOYMENT)
                .answers_json(run("SCHEDULED"));
            let state = move || if is_given() { "COMPLETED" } else { "RUNNING" };
            let read = server.on(&operations::READ_FLOW_RUN);
            read.answers_with(move |_| Reply::Json(run(state())));
        }
        Waits::Resumed | Waits::ResumedWithInput => {
            let state = json!({"type": "PAUSED", "id": Uuid::nil()});
            let accepted =
                json!({"status": "ACCEPT", "state": state, "details": {"type": "accept_details"}});
            server
                .on(&operations::SET_FLOW_RUN_STATE)
                .answers_json(accepted);
            server
                .on(&operations::CREATE_FLOW_RUN_INPUT)
                .answers_json(Value::Null);
            server
                .on(&operations::READ_FLOW_RUN_INPUT)
                .answers_json(json!({"value": 1}));
            let state = move || if is_given() { "RUNNING" } else { "PAUSED" };
            let read = server.on(&operations::READ_FLOW_RUN);
            read.answers_with(move |_| Reply::Json(run(state())));
        }
        Waits::Slots => {
            let granted = json!({"lease_id": Uuid::nil(), "limits": [limit()]});
            server
                .on(&operations::BULK_INCREMENT_ACTIVE_SLOTS_WITH_LEASE)
                .answers_with(move |_| slots(is_given(), &granted));
        }
        Waits::SlotsOfTags => {
            let granted = json!([limit()]);
            server
                .on(&operations::INCREMENT_CONCURRENCY_LIMITS_V1)
                .answers_with(move |_| slots(is_given(), &granted));
        }
        Waits::Rate => {
            let granted = json!([limit()]);
            server
                .on(&operations::BULK_INCREMENT_ACTIVE_SLOTS)
                .answers_with(move |_| slots(is_given(), &granted));
        }
        Waits::Input => {
            let one = json!([{
                "flow_run_id": Uuid::nil(), "key": "x", "value": r#"{"value": 1}"#, "id": Uuid::nil(),
                "created": null, "updated": null,
            }]);
            let found = move || if is_given() { one.clone() } else { json!([]) };
            let filter = server.on(&operations::FILTER_FLOW_RUN_INPUT);
            filter.answers_with(move |_| Reply::Json(found()));
        }
    }
    server.on(&operations::RENEW_CONCURRENCY_LEASE).answers(&());
    server
        .on(&operations::BULK_DECREMENT_ACTIVE_SLOTS_WITH_LEASE)
        .answers(&());
    server
        .on(&operations::DECREMENT_CONCURRENCY_LIMITS_V1)
        .answers_json(json!([]));
    server.on(&operations::CREATE_EVENTS).answers(&());
    server
}

pub(crate) fn run(state: &str) -> Value {
    let id = Uuid::nil();
    let state = json!({"type": state, "id": id});
    json!({"id": id, "flow_id": id, "created": null, "updated": null, "state": state})
}

fn limit() -> Value {
    json!({"id": Uuid::nil(), "name": "there", "limit": 1})
}

fn slots<T>(are_free: bool, granted: &Value) -> Reply<T> {
    if are_free {
        return Reply::Json(granted.clone());
    }
    let headers = HeaderMap::from_iter([
        (RETRY_AFTER, HeaderValue::from_static("0.0")),
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
    ]);
    let taken = r#"{"detail": "taken"}"#;
    Reply::Answer(Answer::new(StatusCode::LOCKED, headers, taken))
}

/// Both faces.
fn of_both(
    what: Waits,
    gives: Option<usize>,
    timeout: Option<Duration>,
    poll: Duration,
) -> [Result<(), Error>; 2] {
    let client = server(what, gives).client();
    let blocking = wait_for(&client, what, timeout, poll);
    let client = server(what, gives).async_client();
    [
        blocking,
        crate::run(await_for(&client, what, timeout, poll)),
    ]
}

#[test]
fn a_time_that_is_up_is_an_error_everywhere() {
    let short = [
        (Duration::ZERO, Duration::MAX),
        (Duration::from_nanos(1), Duration::ZERO),
        (Duration::from_millis(100), Duration::MAX),
    ];
    crate::must_end(move || {
        for what in ALL {
            for (timeout, poll) in short {
                for result in of_both(what, None, Some(timeout), poll) {
                    let error = result.expect_err("it is never given");
                    assert!(error.is_timeout(), "{what:?} within {timeout:?}: {error}");
                }
            }
        }
    });
}

#[test]
fn a_time_without_end_is_waited_everywhere() {
    let soon = Duration::from_millis(10);
    let endless = [
        (Some(Duration::MAX), soon),
        (Some(Duration::MAX), Duration::MAX),
        (None, soon),
    ];
    let rows = ALL.map(|what| {
        std::thread::spawn(move || {
            crate::must_end(move || {
                for (timeout, poll) in endless {
                    for result in of_both(what, Some(2), timeout, poll) {
                        result.unwrap_or_else(|error| panic!("{what:?} for {timeout:?}: {error}"));
                    }
                }
            });
        })
    });
    for row in rows {
        row.join().expect("a row");
    }
}

#[dual(crate::faces)]
async fn astay(client: &AsyncPrefectClient, timeout: Option<Duration>) -> Result<(), Error> {
    let run = RunContext::flow_run(Uuid::nil());
    let options = SuspendFlowRunOptions::new().timeout(timeout);
    asuspend_flow_run_with(client, &run, &options)
        .await
        .map(drop)
}

#[test]
fn a_run_stays_suspended_for_any_time() {
    for (timeout, has_end) in [
        (Some(Duration::ZERO), true),
        (Some(Duration::from_mins(1)), true),
        (Some(Duration::MAX), false),
        (None, false),
    ] {
        for face in 0..2 {
            let server = server(Waits::Resumed, None);
            match face {
                0 => stay(&server.client(), timeout).unwrap(),
                _ => crate::run(astay(&server.async_client(), timeout)).unwrap(),
            }
            let requests = server.requests();
            let sent: models::StateCreate =
                serde_json::from_value(requests[0].json()["state"].clone()).unwrap();
            let end = sent.state_details.and_then(|details| details.pause_timeout);
            assert_eq!(end.is_some(), has_end, "{timeout:?}");
        }
    }
}

/// The longest lease is asked for as it is; what the server takes is its own affair.
#[test]
fn the_longest_lease_is_no_overflow() {
    crate::must_end(|| {
        let longest = ConcurrencyOptions::new().lease_duration(Duration::MAX);
        let server = server(Waits::Slots, Some(0));
        let slots = concurrency_with(&server.client(), ["there"], &longest).expect("slots");
        assert!(!slots.is_lost());
        slots.release().expect("released");
        crate::run(async {
            let client = server.async_client();
            let slots = aconcurrency_with(&client, ["there"], &longest).await;
            let slots = slots.expect("slots");
            assert!(!slots.is_lost());
            slots.release().await.expect("released");
        });
    });
}
