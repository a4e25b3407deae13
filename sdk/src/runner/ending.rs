//! What a run ends with whose process has ended. No I/O.

use prefect_client::models::{FlowRunResponse, StateCreate, StateType};

use crate::states;

/// Why the runner ended a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Somebody cancelled the run.
    Cancelled,
    /// The runner stops.
    Stopped,
}

impl Ended {
    fn message(self) -> &'static str {
        match self {
            Self::Cancelled => "Flow run was cancelled successfully.",
            Self::Stopped => "Runner is shutting down.",
        }
    }
}

/// What the runner forces a run into, if into anything: what its process has reported stays.
pub(super) fn state(run: &FlowRunResponse, why: Option<Ended>, code: i32) -> Option<StateCreate> {
    let name = run.state_name.as_deref();
    match run.state_type.as_ref()? {
        StateType::Completed | StateType::Failed | StateType::Crashed | StateType::Cancelled => {
            None
        }
        StateType::Cancelling => {
            let why = why.unwrap_or(Ended::Cancelled);
            Some(states::cancelled().message(why.message()))
        }
        // It is to run again, in another process.
        StateType::Scheduled => None,
        StateType::Paused if name == Some("Suspended") => None,
        _ => Some(match why {
            Some(why) => states::cancelled().message(why.message()),
            None => states::crashed().message(crash(code)),
        }),
    }
}

/// Why a run crashed, by how its process ended.
pub(super) fn crash(code: i32) -> String {
    if code == 0 {
        return "Process exited cleanly, and had not said how the flow run ended.".to_owned();
    }
    let why = match code {
        1 => "Process exited with a general error.",
        -9 => {
            "Process exited due to a SIGKILL signal. Typically caused by the operating system terminating the process for exceeding memory limits, or by manual cancellation."
        }
        -15 => {
            "Process exited due to a SIGTERM signal. Typically caused by graceful shutdown or manual cancellation."
        }
        -6 => "Process aborted itself, as a Rust program does that runs out of memory or stack.",
        -11 => "Process exited due to a SIGSEGV signal: it used memory that is not its own.",
        126 => "Command found but not executable (permission denied).",
        127 => "Command not found.",
        137 => "Process was killed, likely due to an out-of-memory (OOM) condition.",
        _ => "Process exited with an unexpected status code.",
    };
    format!("Process exited with status code: {code}. {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn forced(type_: &str, name: &str, why: Option<Ended>, code: i32) -> Option<(String, String)> {
        let (id, now) = (uuid::Uuid::nil(), chrono::Utc::now());
        let run = json!({"id": id, "flow_id": id, "created": now, "updated": now, "state_type": type_, "state_name": name});
        let state = state(&serde_json::from_value(run).unwrap(), why, code)?;
        Some((state.type_.to_string(), state.message.unwrap_or_default()))
    }

    #[test]
    fn what_was_reported_stays() {
        for type_ in ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"] {
            for why in [None, Some(Ended::Cancelled), Some(Ended::Stopped)] {
                assert_eq!(forced(type_, "", why, 1), None);
            }
        }
        for (type_, name) in [("SCHEDULED", "AwaitingRetry"), ("PAUSED", "Suspended")] {
            assert_eq!(forced(type_, name, None, 0), None);
        }
    }

    #[test]
    fn whoever_says_nothing_has_crashed_or_was_cancelled() {
        for type_ in ["PENDING", "RUNNING", "PAUSED"] {
            let (crashed, why) = forced(type_, "", None, 0).unwrap();
            assert_eq!(crashed, "CRASHED");
            assert!(why.contains("had not said"), "{why}");
            let (crashed, why) = forced(type_, "", None, -9).unwrap();
            assert_eq!(crashed, "CRASHED");
            assert!(why.starts_with("Process exited with status code: -9. "));
            let stopped = forced(type_, "", Some(Ended::Stopped), -15).unwrap();
            assert_eq!(
                stopped,
                (
                    "CANCELLED".to_owned(),
                    "Runner is shutting down.".to_owned()
                )
            );
        }
        for why in [None, Some(Ended::Cancelled)] {
            let (cancelled, _) = forced("CANCELLING", "", why, 3).unwrap();
            assert_eq!(cancelled, "CANCELLED");
        }
    }
}
