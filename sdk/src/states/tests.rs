//! What comes out of states, without a server: their data, and records in files.

use std::path::PathBuf;

use chrono::Utc;
use diptych_macros::dual;
#[dual(states)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{State, StateType};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::*;
use crate::Error;
use crate::results::ResultSettings;

/// Nobody is asked.
const NOWHERE: &str = "http://127.0.0.1:9/api";

struct Room(PathBuf);

impl Room {
    fn new() -> Self {
        let room = Self(std::env::temp_dir().join(format!("prefect-sdk-{}", Uuid::new_v4())));
        std::fs::create_dir(&room.0).unwrap();
        room
    }

    /// The data of a state whose record holds that.
    fn record(&self, result: &str) -> Json {
        let path = self.0.join(Uuid::new_v4().to_string());
        let serializer = json!({"type": "json"});
        let record = json!({"metadata": {"serializer": serializer}, "result": result});
        std::fs::write(&path, record.to_string()).unwrap();
        json!({"storage_key": path, "serializer": serializer})
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn state(type_: &str, message: Option<&str>, data: &Json) -> State {
    let state = json!({"type": type_, "id": Uuid::new_v4(), "message": message, "data": data});
    serde_json::from_value(state).unwrap()
}

fn once() -> StateResultOptions {
    StateResultOptions::new().retry(false)
}

#[dual(states, map(agives => gives))]
async fn agives(client: &AsyncPrefectClient, room: &Room) -> Result<(), Error> {
    for (data, expected) in [
        (room.record("[1, 2]"), json!([1, 2])),
        (json!({"a": 1}), json!({"a": 1})),
        (json!("text"), json!("text")),
    ] {
        let completed = state("COMPLETED", None, &data);
        let result: Json = aget_state_result_with(client, &completed, &once()).await?;
        assert_eq!(result, expected);
        araise_state_exception(client, &completed).await?;
    }
    for (type_, data) in [
        ("PAUSED", Json::Null),
        ("RUNNING", json!(1)),
        ("SCHEDULED", json!(1)),
    ] {
        let state = state(type_, None, &data);
        let error = aget_state_result::<Json>(client, &state).await.unwrap_err();
        assert!(error.is_refused(), "{error}");
        assert!(
            aget_state_exception(client, &state)
                .await
                .unwrap_err()
                .is_invalid()
        );
        araise_state_exception(client, &state).await?;
    }
    let nothing = state("COMPLETED", None, &Json::Null);
    assert!(
        aget_state_result::<Json>(client, &nothing)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let relative = state("COMPLETED", None, &json!({"storage_key": "k"}));
    let error = aget_state_result::<Json>(client, &relative)
        .await
        .unwrap_err();
    assert!(error.is_invalid(), "{error}");
    let here = once().settings(ResultSettings::new(room.0.to_str().unwrap()));
    let error = aget_state_result_with::<Json>(client, &relative, &here)
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");
    std::fs::write(
        room.0.join("k"),
        r#"{"metadata":{"serializer":{"type":"json"}},"result":"5"}"#,
    )
    .unwrap();
    assert_eq!(
        aget_state_result_with::<u8>(client, &relative, &here).await?,
        5
    );
    let broken = state("COMPLETED", None, &json!({"storage_key": 5}));
    assert!(
        aget_state_result::<Json>(client, &broken)
            .await
            .unwrap_err()
            .is_unfit()
    );
    Ok(())
}

#[test]
fn a_completed_run_gives_its_result() {
    let client = prefect_client::PrefectClient::new(NOWHERE).unwrap();
    gives(&client, &Room::new()).unwrap();
    let client = AsyncPrefectClient::new(NOWHERE).unwrap();
    run(agives(&client, &Room::new())).unwrap();
}

#[dual(states, map(afails => fails))]
async fn afails(client: &AsyncPrefectClient, room: &Room) -> Result<(), Error> {
    let inner = |type_: &str, message: &str| {
        let inner = json!({"type": type_, "id": Uuid::new_v4(), "message": message, "data": null});
        json!({"__class__": "prefect.client.schemas.objects.State", "data": inner})
    };
    let exception = r#"{"__exc_type__": "builtins.ValueError", "message": "m"}"#;
    let value_error = Some("builtins.ValueError");
    let first = json!([
        inner("COMPLETED", "no"),
        inner("CRASHED", "first"),
        inner("FAILED", "second")
    ]);
    for (type_, message, data, class, said) in [
        ("FAILED", Some("why"), Json::Null, None, "why"),
        ("FAILED", None, Json::Null, None, "Run failed."),
        ("CRASHED", None, Json::Null, None, "Run crashed."),
        ("CANCELLED", None, Json::Null, None, "Run cancelled."),
        (
            "FAILED",
            Some("why"),
            room.record(exception),
            value_error,
            "m",
        ),
        ("CRASHED", None, room.record("\"text\""), None, "text"),
        ("FAILED", None, json!("direct"), None, "direct"),
        ("FAILED", Some("why"), room.record("null"), None, "why"),
        (
            "FAILED",
            None,
            room.record(&inner("FAILED", "inside").to_string()),
            None,
            "inside",
        ),
        (
            "FAILED",
            None,
            room.record(&first.to_string()),
            None,
            "first",
        ),
    ] {
        let state = state(type_, message, &data);
        let exception = aget_state_exception_with(client, &state, &once()).await?;
        assert_eq!(
            (exception.class.as_deref(), &*exception.message),
            (class, said)
        );
        let raised = araise_state_exception_with(client, &state, &once())
            .await
            .unwrap_err();
        assert_eq!(raised.exception(), Some(&exception));
        assert_eq!(raised.to_string(), exception.to_string());
        let raised = aget_state_result_with::<Json>(client, &state, &once())
            .await
            .unwrap_err();
        assert_eq!(raised.exception(), Some(&exception));
    }
    for data in ["{}", "[1]", "[]", "5"] {
        let state = state("FAILED", None, &room.record(data));
        let error = aget_state_exception_with(client, &state, &once())
            .await
            .unwrap_err();
        assert!(
            error.is_unfit() && error.exception().is_none(),
            "{data}: {error}"
        );
    }
    Ok(())
}

#[test]
fn a_failed_run_gives_its_exception() {
    let client = prefect_client::PrefectClient::new(NOWHERE).unwrap();
    fails(&client, &Room::new()).unwrap();
    let client = AsyncPrefectClient::new(NOWHERE).unwrap();
    run(afails(&client, &Room::new())).unwrap();
}

/// A result that is written after its state is waited for.
#[test]
fn a_result_may_come_later() {
    let room = Room::new();
    let client = prefect_client::PrefectClient::new(NOWHERE).unwrap();
    let path = room.0.join("late");
    let completed = state("COMPLETED", None, &json!({"storage_key": path}));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            let whole = r#"{"metadata":{"serializer":{"type":"json"}},"result":"7"}"#;
            let beside = room.0.join("beside");
            std::fs::write(&beside, whole).unwrap();
            std::fs::rename(beside, &path).unwrap();
        });
        assert_eq!(get_state_result::<u8>(&client, &completed).unwrap(), 7);
    });
}

#[test]
fn states_have_prefect_s_names_and_types() {
    let now = Utc::now();
    for (state, type_, name) in [
        (scheduled(now), StateType::Scheduled, "Scheduled"),
        (late(now), StateType::Scheduled, "Late"),
        (awaiting_retry(now), StateType::Scheduled, "AwaitingRetry"),
        (
            awaiting_concurrency_slot(now),
            StateType::Scheduled,
            "AwaitingConcurrencySlot",
        ),
        (pending(), StateType::Pending, "Pending"),
        (submitting(), StateType::Pending, "Submitting"),
        (
            infrastructure_pending(),
            StateType::Pending,
            "InfrastructurePending",
        ),
        (running(), StateType::Running, "Running"),
        (retrying(), StateType::Running, "Retrying"),
        (completed(), StateType::Completed, "Completed"),
        (failed(), StateType::Failed, "Failed"),
        (crashed(), StateType::Crashed, "Crashed"),
        (cancelling(), StateType::Cancelling, "Cancelling"),
        (cancelled(), StateType::Cancelled, "Cancelled"),
        (paused(), StateType::Paused, "Paused"),
        (suspended(), StateType::Paused, "Suspended"),
    ] {
        assert_eq!((&state.type_, state.name.as_deref()), (&type_, Some(name)));
        if type_ == StateType::Scheduled {
            assert_eq!(state.state_details.unwrap().scheduled_time, Some(now));
        }
    }
    let options = PausedStateOptions::new().expiration(now).key("1");
    let details = suspended_with(&options).state_details.unwrap();
    assert_eq!(
        (details.pause_timeout, details.pause_key.as_deref()),
        (Some(now), Some("1"))
    );
    assert_eq!(details.pause_reschedule, Some(true));
    assert_eq!(
        paused_with(&options)
            .state_details
            .unwrap()
            .pause_reschedule,
        Some(false)
    );
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}
