//! What the server's answers mean for a flow run. No I/O.

use std::ops::ControlFlow;
use std::time::Duration;

use prefect_client::models::{State, StateType};

use crate::flow_runs::Proposal;
use crate::{Error, Refusal};

/// What follows from the answer to `Running`.
#[derive(Debug, PartialEq)]
pub(super) enum Begin {
    /// The function runs, as the run is in this state.
    Run(Box<State>),
    /// The server is not ready for it: it is proposed again after a while, if nobody has said otherwise by then.
    Later(Duration),
    /// It is being cancelled: the server takes nothing but the end of that.
    Cancelled,
    /// The run is in this state, and does not run.
    Ended(Box<State>),
}

/// What follows from the answer to a last state.
#[derive(Debug, PartialEq)]
pub(super) enum End {
    /// This is the run's last state.
    Over(Box<State>),
    /// The run has retries left: it begins again.
    Again,
    /// It is being cancelled, or was: where it is, the server takes nothing but the end of that.
    Cancelled,
    /// The run is in this state instead.
    Ended(Box<State>),
}

/// How long to wait until `Running` is proposed again to a server that is not ready for it; as long as Python waits.
const LATER: Duration = Duration::from_millis(200);

pub(super) fn begin(answer: ControlFlow<Proposal, Duration>) -> Result<Begin, Error> {
    let proposal = match answer {
        ControlFlow::Break(proposal) => proposal,
        ControlFlow::Continue(wait) => return Ok(Begin::Later(wait)),
    };
    match decided(proposal)? {
        Decided::Accepted(state) if state.type_ == StateType::Running => {
            Ok(Begin::Run(Box::new(state)))
        }
        Decided::Rejected(state) if is_before(&state) => Ok(Begin::Later(LATER)),
        Decided::Rejected(state) if state.type_ == StateType::Cancelling => Ok(Begin::Cancelled),
        Decided::Accepted(state) | Decided::Rejected(state) => Ok(Begin::Ended(Box::new(state))),
    }
}

/// What has become of a run while nothing was proposed: `None` where it still waits to run. The server would let a run begin anew
/// that was cancelled meanwhile.
pub(super) fn meanwhile(state: State) -> Option<Begin> {
    match state.type_ {
        StateType::Cancelling => Some(Begin::Cancelled),
        StateType::Completed
        | StateType::Failed
        | StateType::Crashed
        | StateType::Cancelled
        | StateType::Paused => Some(Begin::Ended(Box::new(state))),
        _ => None,
    }
}

/// As [`meanwhile`], of a run whose function has ended: whatever else it is in, the server says to the last state what becomes of it.
pub(super) fn cancelled_meanwhile(state: State) -> Option<Begin> {
    let is_cancelled = state.type_ == StateType::Cancelled;
    is_cancelled.then(|| Begin::Ended(Box::new(state)))
}

/// Whether a run was cancelled since it last waited to run: whoever began it at the same moment was not told, as the server lets
/// cancelled runs begin anew.
pub(super) fn was_cancelled(states: &[State]) -> bool {
    let last = |is: &dyn Fn(&StateType) -> bool| {
        let states = states.iter().filter(|state| is(&state.type_));
        states.map(|state| state.timestamp).max()
    };
    let waited = last(&|type_| *type_ == StateType::Scheduled);
    let cancelled = last(&|type_| matches!(type_, StateType::Cancelled | StateType::Cancelling));
    cancelled.is_some() && cancelled >= waited
}

pub(super) fn end(proposal: Proposal) -> Result<End, Error> {
    match decided(proposal)? {
        Decided::Accepted(state) => Ok(End::Over(Box::new(state))),
        Decided::Rejected(state) if is_before(&state) => Ok(End::Again),
        Decided::Rejected(state) if state.type_ == StateType::Cancelling => Ok(End::Cancelled),
        Decided::Rejected(state) => Ok(End::Ended(Box::new(state))),
    }
}

enum Decided {
    Accepted(State),
    Rejected(State),
}

fn decided(proposal: Proposal) -> Result<Decided, Error> {
    match proposal {
        Proposal::Accepted(state) => Ok(Decided::Accepted(state)),
        Proposal::Rejected(Some(state), _) => Ok(Decided::Rejected(state)),
        Proposal::Rejected(None, reason) | Proposal::Aborted(reason) => {
            let text = format!("the server takes no state of the run: {reason}");
            Err(Error::refused(Refusal::State, text))
        }
    }
}

/// Whether the run is still to run.
fn is_before(state: &State) -> bool {
    matches!(state.type_, StateType::Scheduled | StateType::Pending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn state(type_: &str) -> State {
        serde_json::from_value(json!({"type": type_, "id": uuid::Uuid::nil()})).unwrap()
    }

    fn rejected(type_: &str) -> Proposal {
        Proposal::Rejected(Some(state(type_)), "no".to_owned())
    }

    #[test]
    fn a_run_begins_waits_or_has_ended() {
        let begin = |proposal| begin(ControlFlow::Break(proposal));
        let accepted = Proposal::Accepted(state("RUNNING"));
        let run = Begin::Run(Box::new(state("RUNNING")));
        assert_eq!(begin(accepted).unwrap(), run);
        for before in ["PENDING", "SCHEDULED"] {
            assert_eq!(begin(rejected(before)).unwrap(), Begin::Later(LATER));
        }
        for other in ["COMPLETED", "CANCELLED", "PAUSED", "RUNNING", "NEW"] {
            assert_eq!(
                begin(rejected(other)).unwrap(),
                Begin::Ended(Box::new(state(other)))
            );
        }
        assert_eq!(begin(rejected("CANCELLING")).unwrap(), Begin::Cancelled);
        let nothing = Proposal::Rejected(None, "why".to_owned());
        assert!(begin(nothing).unwrap_err().is_refused());
        assert!(
            begin(Proposal::Aborted("why".to_owned()))
                .unwrap_err()
                .is_refused()
        );
    }

    #[test]
    fn who_waits_runs_only_if_nobody_has_said_otherwise_meanwhile() {
        let wait = Duration::from_secs(30);
        let answer = begin(ControlFlow::Continue(wait));
        assert_eq!(answer.unwrap(), Begin::Later(wait));
        for before in ["SCHEDULED", "PENDING", "RUNNING"] {
            assert_eq!(meanwhile(state(before)), None);
        }
        assert_eq!(meanwhile(state("CANCELLING")), Some(Begin::Cancelled));
        for over in ["CANCELLED", "CRASHED", "COMPLETED", "FAILED", "PAUSED"] {
            let ended = Begin::Ended(Box::new(state(over)));
            assert_eq!(meanwhile(state(over)), Some(ended));
        }
    }

    #[test]
    fn a_cancellation_counts_until_it_is_scheduled_again() {
        let states = |types: &[&str]| -> Vec<State> {
            let each = types.iter().zip(0..);
            each.map(|(type_, second)| {
                let mut state = state(type_);
                state.timestamp = chrono::DateTime::from_timestamp(second, 0);
                state
            })
            .collect()
        };
        let retried = ["PENDING", "RUNNING", "SCHEDULED", "RUNNING"];
        assert!(!was_cancelled(&states(&retried)));
        let meanwhile = ["RUNNING", "SCHEDULED", "RUNNING", "CANCELLED"];
        assert!(was_cancelled(&states(&meanwhile)));
        let before = ["SCHEDULED", "CANCELLED", "SCHEDULED", "RUNNING"];
        assert!(!was_cancelled(&states(&before)));
    }

    #[test]
    fn a_run_ends_begins_again_or_was_cancelled() {
        let failed = state("FAILED");
        assert_eq!(
            end(Proposal::Accepted(failed.clone())).unwrap(),
            End::Over(Box::new(failed))
        );
        assert_eq!(end(rejected("SCHEDULED")).unwrap(), End::Again);
        assert_eq!(end(rejected("CANCELLING")).unwrap(), End::Cancelled);
        for other in ["CANCELLED", "CRASHED", "COMPLETED"] {
            assert_eq!(
                end(rejected(other)).unwrap(),
                End::Ended(Box::new(state(other)))
            );
        }
    }
}
