//! What runs say, as the server has it.

use prefect_sdk::client::models::{Log, LogFilter, LogFilterFlowRunId};
use prefect_sdk::client::requests::ReadLogs;
use serde_json::json;
use uuid::Uuid;

use super::flows::{ATALK, TALK};
use super::{pending, started_for};
use crate::server;

#[test]
fn what_a_run_says_is_its_own() {
    for flow in [TALK, ATALK] {
        let names = ["one", "two"];
        let runs = names.map(|name| {
            let id = pending(flow, json!({"parameter": name}));
            (id, started_for(&id.to_string()).spawn().unwrap())
        });
        for ((id, mut child), name) in runs.into_iter().zip(names) {
            assert_eq!(child.wait().unwrap().code(), Some(0));
            let logs = logs(id);
            let said: Vec<(i64, &str, bool)> = logs
                .iter()
                .map(|log| (log.level, &*log.message, log.task_run_id.is_some()))
                .collect();
            let texts =
                ["in a flow", "in a task", "in a thread"].map(|place| format!("{name} {place}"));
            let failed = format!("Encountered exception during execution: {name} fails");
            let last = format!(
                "Finished in state Failed('Flow run encountered an exception: Error: {name} fails')"
            );
            let expected = [
                (20, &*texts[0], false),
                (30, &*texts[1], true),
                (20, &*texts[2], true),
                (20, "Finished in state Completed()", true),
                (40, &*failed, false),
                (20, &*last, false),
            ];
            assert!(
                said[0].1.starts_with("Beginning flow run "),
                "{}",
                said[0].1
            );
            assert_eq!(said[1..], expected);
        }
    }
}

/// What a run has said, in that order.
pub(super) fn logs(run: Uuid) -> Vec<Log> {
    let filter = LogFilter::new().flow_run_id(LogFilterFlowRunId::new().any([run]));
    let request = ReadLogs::new().logs(filter);
    let mut logs = server::patiently(|| server::client().read_logs_with(&request));
    logs.sort_by_key(|log| log.timestamp);
    logs
}

#[test]
fn the_environment_says_what_is_shipped() {
    let said = |name: &str, value: &str| {
        let id = pending(TALK, json!({"parameter": "one"}));
        let mut program = started_for(&id.to_string());
        let code = program.env(name, value).output().unwrap().status.code();
        (code, logs(id))
    };
    let (code, all) = said("PREFECT_LOGGING_LEVEL", "debug");
    let texts: Vec<&str> = all.iter().map(|log| &*log.message).collect();
    assert_eq!(code, Some(0));
    assert!(texts.contains(&"too little"), "{texts:?}");
    let (_, bad) = said("PREFECT_LOGGING_LEVEL", "ERROR");
    assert_eq!(bad.len(), 1);
    assert_eq!(said("PREFECT_LOGGING_TO_API_ENABLED", "false").1.len(), 0);
    let (code, none) = said("PREFECT_LOGGING_LEVEL", "loud");
    assert_eq!((code, none.len()), (Some(1), 0));
}
