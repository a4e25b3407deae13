//! What a run ends with whose process has ended. No I/O.

use prefect_client::models::{FlowRunPolicyRetryType, FlowRunResponse, StateCreate, StateType};
use uuid::Uuid;

use super::running::{Ended, Facts};
use crate::control::Receipt;
use crate::flow_runs::is_last;
use crate::states;

/// What has become of a run that has no process any more, or had none.
#[derive(Clone, Debug)]
pub(super) enum Over {
    /// Its process ended so.
    Ended(Facts),
    /// Its process ended so, and gave a receipt for what it had said of the run.
    Receipted(Facts, Receipt),
    /// It is this runner's, and could not be started.
    NotStarted(String),
    /// It is this runner's if it is in the state of that transition, and could not be started.
    PerhapsTaken { transition: Uuid, why: String },
    /// Whoever had it is gone; others see that, too.
    Left(String),
}

impl Over {
    /// Whether hooks are called of the state that the run ends in. What could not be started is told nothing of, as by Python's runner;
    /// of what is left, nobody knows how far it came, and whoever had it can't call them any more.
    pub(super) fn calls_hooks(&self) -> bool {
        match self {
            Self::Ended(facts) | Self::Receipted(facts, _) => facts.code.is_some(),
            Self::NotStarted(_) | Self::PerhapsTaken { .. } => false,
            Self::Left(_) => true,
        }
    }

    /// The last state of the run, where the server need not be asked for it.
    pub(super) fn last_state(&self) -> Option<String> {
        let Self::Receipted(
            _,
            Receipt::StateReported {
                state_name,
                state_type,
                ..
            },
        ) = self
        else {
            return None;
        };
        let name = || state_name.clone().unwrap_or_else(|| state_type.to_string());
        is_last(state_type).then(name)
    }
}

/// What the runner has a run end in, if in anything.
pub(super) fn of(run: &FlowRunResponse, over: &Over) -> Option<StateCreate> {
    match over {
        Over::Ended(facts) => state(run, facts.end, facts.code.unwrap_or(-1)),
        // Whatever else it said is as it is to be.
        Over::Receipted(facts, _) => (run.state_type == Some(StateType::Cancelling))
            .then(|| cancelled(facts.end.unwrap_or(Ended::Cancelled))),
        Over::NotStarted(why) | Over::Left(why) => not_started(run, why),
        Over::PerhapsTaken { transition, why } => {
            let details = run.state.as_ref()?.state_details.as_ref()?;
            let is_ours = details.transition_id.as_ref() == Some(transition);
            is_ours.then(|| not_started(run, why)).flatten()
        }
    }
}

/// What runs has been begun by somebody else.
fn not_started(run: &FlowRunResponse, why: &str) -> Option<StateCreate> {
    match run.state_type.as_ref()? {
        StateType::Cancelling => Some(cancelled(Ended::Cancelled)),
        StateType::Pending => {
            let text = format!("Flow run could not start: {why}");
            Some(states::crashed().message(text))
        }
        _ => None,
    }
}

/// What a run ends in that was ended for this.
pub(super) fn cancelled(why: Ended) -> StateCreate {
    states::cancelled().message(why.message())
}

/// Whether it waits in the process that it failed in, to run again there.
pub(super) fn is_retried_in_process(run: &FlowRunResponse) -> bool {
    let policy = run.empirical_policy.as_ref();
    run.state_name.as_deref() == Some("AwaitingRetry")
        && policy.and_then(|policy| policy.retry_type.as_ref())
            == Some(&FlowRunPolicyRetryType::InProcess)
}

/// What a run ends in whose process has ended: what that has reported stays.
fn state(run: &FlowRunResponse, why: Option<Ended>, code: i32) -> Option<StateCreate> {
    let name = run.state_name.as_deref();
    match run.state_type.as_ref()? {
        StateType::Completed | StateType::Failed | StateType::Crashed | StateType::Cancelled => {
            None
        }
        StateType::Cancelling => Some(cancelled(why.unwrap_or(Ended::Cancelled))),
        // It is to run again, in another process.
        StateType::Scheduled if !is_retried_in_process(run) => None,
        StateType::Paused if name == Some("Suspended") => None,
        _ => Some(why.map_or_else(|| states::crashed().message(crash(code)), cancelled)),
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

    fn run(type_: &str, name: &str, transition: Uuid) -> FlowRunResponse {
        let (id, now) = (Uuid::nil(), chrono::Utc::now());
        let state = json!({"id": id, "type": type_, "name": name, "state_details": {"transition_id": transition}});
        let run = json!({
            "id": id, "flow_id": id, "created": now, "updated": now, "state_type": type_, "state_name": name, "state": state,
        });
        serde_json::from_value(run).unwrap()
    }

    fn told(state: StateCreate) -> (String, String) {
        (state.type_.to_string(), state.message.unwrap_or_default())
    }

    fn forced(type_: &str, name: &str, why: Option<Ended>, code: i32) -> Option<(String, String)> {
        state(&run(type_, name, Uuid::nil()), why, code).map(told)
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
    fn what_there_is_a_receipt_for_stays_however_the_process_exits() {
        let facts = Facts {
            code: Some(5),
            ..Facts::default()
        };
        let told = |over: &Over, type_: &str| of(&run(type_, "", Uuid::nil()), over).map(told);
        let reported = |state_type| Receipt::StateReported {
            state_id: None,
            state_name: None,
            state_type,
        };
        let completed = Over::Receipted(facts, reported(StateType::Completed));
        assert_eq!(completed.last_state().as_deref(), Some("COMPLETED"));
        for receipt in [reported(StateType::Paused), Receipt::OrchestrationAborted] {
            let over = Over::Receipted(facts, receipt);
            assert_eq!(over.last_state(), None);
            for type_ in ["PAUSED", "SCHEDULED", "RUNNING", "COMPLETED"] {
                assert_eq!(told(&over, type_), None);
            }
            assert_eq!(told(&over, "CANCELLING").unwrap().0, "CANCELLED");
        }
        assert_eq!(told(&Over::Ended(facts), "RUNNING").unwrap().0, "CRASHED");
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

    #[test]
    fn whose_process_is_gone_in_the_delay_of_a_retry_runs_no_more() {
        let mut run = run("SCHEDULED", "AwaitingRetry", Uuid::nil());
        let mut retried = |retry_type: &str, why| {
            run.empirical_policy = serde_json::from_value(json!({"retry_type": retry_type})).ok();
            state(&run, why, -9).map(|state| state.type_)
        };
        assert_eq!(retried("in_process", None), Some(StateType::Crashed));
        let stopped = Some(Ended::Stopped);
        assert_eq!(retried("in_process", stopped), Some(StateType::Cancelled));
        // Somebody else is to run it.
        assert_eq!(retried("reschedule", None), None);
    }

    #[test]
    fn a_run_that_never_began_ends_only_if_it_is_this_runner_s() {
        let [ours, theirs] = [1, 2].map(Uuid::from_u128);
        let not_started = Over::NotStarted("why".to_owned());
        let perhaps = Over::PerhapsTaken {
            transition: ours,
            why: "why".to_owned(),
        };
        let crashed = (
            "CRASHED".to_owned(),
            "Flow run could not start: why".to_owned(),
        );
        let left = Over::Left("why".to_owned());
        for (over, transition, ends) in [
            (&not_started, theirs, true),
            (&left, theirs, true),
            (&perhaps, ours, true),
            (&perhaps, theirs, false),
        ] {
            let pending = run("PENDING", "Submitting", transition);
            assert_eq!(of(&pending, over).map(told), ends.then(|| crashed.clone()));
            // Whoever runs it has begun it.
            for type_ in ["RUNNING", "SCHEDULED", "PAUSED", "COMPLETED"] {
                assert!(of(&run(type_, "", transition), over).is_none());
            }
        }
        let cancelling = of(&run("CANCELLING", "", theirs), &not_started).map(told);
        assert_eq!(cancelling.unwrap().0, "CANCELLED");
    }
}
