//! What pausing and suspending have in common: the proposed state, and what its answer means.

use std::time::Duration;

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use prefect_client::models::{State, StateCreate, StateDetails, StateType};
use uuid::Uuid;

use super::propose::Proposal;
use crate::input::Keyset;
use crate::{Error, Refusal, RunContext};

/// The two ways to stop a run for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The process waits.
    Pause,
    /// The process ends, and another goes on later.
    Suspend,
}

/// What a proposed pause came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The run is paused or suspended.
    Now,
    /// This pause was there before, and the run was resumed since.
    Before,
}

impl Way {
    fn participle(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Suspend => "suspended",
        }
    }

    fn state_name(self) -> &'static str {
        match self {
            Self::Pause => "Paused",
            Self::Suspend => "Suspended",
        }
    }

    /// The flow run that the program is part of.
    pub(crate) fn current(self, run: &RunContext) -> Result<Uuid, Error> {
        run.flow_run_id.ok_or_else(|| {
            let way = self.participle();
            Error::invalid(format!("the context has no flow run that could be {way}"))
        })
    }

    /// Where the input is that resuming a pause with this key must give.
    pub(crate) fn keyset(self, key: &str) -> Keyset {
        Keyset::of_pause(self.state_name(), key)
    }

    /// The state to propose.
    pub(crate) fn state(
        self,
        key: &str,
        timeout: Option<Duration>,
        keyset: Option<Keyset>,
    ) -> StateCreate {
        let mut details = StateDetails::new()
            .pause_key(key)
            .pause_reschedule(self == Self::Suspend);
        details.pause_timeout = timeout.and_then(|timeout| end(Utc::now(), timeout));
        details.run_input_keyset = keyset.map(Into::into);
        StateCreate::new(StateType::Paused)
            .name(self.state_name())
            .state_details(details)
    }

    /// What the server's answer to it means.
    pub(crate) fn stopped(self, proposal: Proposal) -> Result<Stopped, Error> {
        let reason = match proposal {
            Proposal::Accepted(state) if state.type_ == StateType::Paused => {
                return Ok(Stopped::Now);
            }
            Proposal::Rejected(Some(state), _) if state.type_ == StateType::Running => {
                return Ok(Stopped::Before);
            }
            Proposal::Rejected(Some(state), _) if self.is_already(&state) => {
                return Ok(Stopped::Now);
            }
            Proposal::Accepted(state) => format!("the server made it {}", state.type_),
            Proposal::Rejected(_, reason) | Proposal::Aborted(reason) => reason,
        };
        let way = self.participle();
        let text = format!("the flow run cannot be {way}: {reason}");
        Err(Error::refused(Refusal::State, text))
    }

    /// Whether somebody else suspended the run: the process is to end then just as well. A pause is not of that kind, as
    /// whoever paused the run may have other ideas of how long.
    fn is_already(self, state: &State) -> bool {
        self == Self::Suspend
            && state.type_ == StateType::Paused
            && state.name.as_deref() == Some("Suspended")
    }
}

/// `None` where it is after the last year that the server's calendar has.
fn end(now: DateTime<Utc>, timeout: Duration) -> Option<DateTime<Utc>> {
    const LAST_YEAR: i32 = 9999;
    let timeout = TimeDelta::from_std(timeout).ok()?;
    let end = now.checked_add_signed(timeout)?;
    (end.year() <= LAST_YEAR).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn state(type_: &str, name: &str) -> State {
        serde_json::from_value(json!({"type": type_, "name": name, "id": Uuid::nil()})).unwrap()
    }

    fn rejected(type_: &str, name: &str) -> Proposal {
        Proposal::Rejected(Some(state(type_, name)), "because".to_owned())
    }

    #[test]
    fn the_states_are_prefect_s() {
        let keyset = Way::Pause.keyset("1");
        let hour = Duration::from_hours(1);
        let paused = Way::Pause.state("1", Some(hour), Some(keyset));
        let mut paused = serde_json::to_value(paused).unwrap();
        let end = paused["state_details"]["pause_timeout"].take();
        let left = end.as_str().unwrap().parse::<DateTime<Utc>>().unwrap() - Utc::now();
        assert!(left.num_seconds() > 3000 && left.num_seconds() <= 3600);
        let keyset = json!({
            "schema": "paused-1-schema", "response": "paused-1-response", "description": "paused-1-description"
        });
        let details = json!({
            "pause_key": "1", "pause_reschedule": false, "pause_timeout": null, "run_input_keyset": keyset
        });
        assert_eq!(
            paused,
            json!({"type": "PAUSED", "name": "Paused", "state_details": details})
        );
        let suspended = Way::Suspend.state("k", None, None);
        let details = json!({"pause_key": "k", "pause_reschedule": true});
        assert_eq!(
            serde_json::to_value(suspended).unwrap(),
            json!({"type": "PAUSED", "name": "Suspended", "state_details": details})
        );
    }

    #[test]
    fn a_timeout_beyond_the_calendar_has_no_end() {
        for timeout in [Duration::MAX, Duration::from_hours(9000 * 366 * 24)] {
            let state = Way::Pause.state("1", Some(timeout), None);
            let details = state.state_details.unwrap();
            assert_eq!(details.pause_timeout, None);
        }
    }

    #[test]
    fn a_run_that_is_running_was_paused_before() {
        for way in [Way::Pause, Way::Suspend] {
            let before = way.stopped(rejected("RUNNING", "Running"));
            assert_eq!(before.unwrap(), Stopped::Before);
            let accepted = way.stopped(Proposal::Accepted(state("PAUSED", "Paused")));
            assert_eq!(accepted.unwrap(), Stopped::Now);
        }
    }

    #[test]
    fn a_run_that_somebody_suspended_is_suspended_but_not_paused() {
        let suspended = rejected("PAUSED", "Suspended");
        assert!(Way::Suspend.stopped(suspended.clone()).is_ok());
        assert!(Way::Pause.stopped(suspended).unwrap_err().is_refused());
        let paused = rejected("PAUSED", "Paused");
        assert!(Way::Suspend.stopped(paused).unwrap_err().is_refused());
    }

    #[test]
    fn everything_else_says_why() {
        let aborted = Way::Suspend.stopped(Proposal::Aborted("no deployment".to_owned()));
        assert_eq!(
            aborted.unwrap_err().to_string(),
            "the flow run cannot be suspended: no deployment"
        );
        let pending = Way::Pause.stopped(rejected("PENDING", "Pending"));
        assert_eq!(
            pending.unwrap_err().to_string(),
            "the flow run cannot be paused: because"
        );
        assert!(
            Way::Pause
                .current(&RunContext::default())
                .unwrap_err()
                .is_invalid()
        );
    }
}
