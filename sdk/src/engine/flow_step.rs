//! What the server's answers mean for a flow run. No I/O.

use prefect_client::models::{State, StateType};

use crate::flow_runs::Proposal;
use crate::{Error, Refusal};

/// What follows from the answer to `Running`.
#[derive(Debug, PartialEq)]
pub(super) enum Begin {
    /// The function runs.
    Run,
    /// The server is not ready for it: it is proposed again after a while.
    Later,
    /// It is being cancelled: the server takes nothing but the end of that.
    Cancelled,
    /// The run is in this state, and does not run.
    Ended(Box<State>),
}

/// What follows from the answer to a last state.
#[derive(Debug, PartialEq)]
pub(super) enum End {
    /// It is the run's last state.
    Over,
    /// The run has retries left: it begins again.
    Again,
    /// It is being cancelled, or was: where it is, the server takes nothing but the end of that.
    Cancelled,
    /// The run is in this state instead.
    Ended(Box<State>),
}

pub(super) fn begin(proposal: Proposal) -> Result<Begin, Error> {
    match decided(proposal)? {
        Decided::Accepted(state) if state.type_ == StateType::Running => Ok(Begin::Run),
        Decided::Rejected(state) if is_before(&state) => Ok(Begin::Later),
        Decided::Rejected(state) if state.type_ == StateType::Cancelling => Ok(Begin::Cancelled),
        Decided::Accepted(state) | Decided::Rejected(state) => Ok(Begin::Ended(Box::new(state))),
    }
}

pub(super) fn end(proposal: Proposal) -> Result<End, Error> {
    match decided(proposal)? {
        Decided::Accepted(_) => Ok(End::Over),
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
        let accepted = Proposal::Accepted(state("RUNNING"));
        assert_eq!(begin(accepted).unwrap(), Begin::Run);
        for before in ["PENDING", "SCHEDULED"] {
            assert_eq!(begin(rejected(before)).unwrap(), Begin::Later);
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
    fn a_run_ends_begins_again_or_was_cancelled() {
        assert_eq!(end(Proposal::Accepted(state("FAILED"))).unwrap(), End::Over);
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
