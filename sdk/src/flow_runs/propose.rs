//! A state is proposed to the server, and the server says what becomes of it.

use std::ops::ControlFlow;
use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{
    OrchestrationDetails, OrchestrationResult, SetStateStatus, State, StateCreate, StateType,
};
use prefect_client::requests::SetFlowRunState;
use uuid::Uuid;

#[dual(sdk, map(atell => tell))]
use super::tell::atell;
use super::tell::{Told, is_ours};
#[cfg(feature = "flows")]
use super::wait::is_last;
#[dual(sdk)]
use crate::faces::asleep_for;
use crate::faces::sdk;
use crate::{Error, Refusal};

/// What became of a proposed state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Proposal {
    /// The run is in this state now.
    Accepted(State),
    /// The run is in this state instead; `None` if the server didn't say in which.
    Rejected(Option<State>, String),
    /// The server refuses to change anything.
    Aborted(String),
}

/// Proposes a state until the server decides. Each attempt is a transition of its own, by which the server knows one
/// that reaches it twice; a state that names its transition keeps it, so that whoever lost the answer can propose the same again.
#[dual(sdk, map(apropose_once => propose_once))]
pub(crate) async fn apropose_state(
    client: &AsyncPrefectClient,
    id: Uuid,
    state: &StateCreate,
) -> Result<Proposal, Error> {
    loop {
        match apropose_once(client, id, state).await? {
            ControlFlow::Break(proposal) => return Ok(proposal),
            ControlFlow::Continue(delay) => asleep_for(client, delay).await,
        }
    }
}

/// Proposes a state one time: what the server decides, or how long it says to wait.
#[dual(sdk, map(atell => tell))]
pub(crate) async fn apropose_once(
    client: &AsyncPrefectClient,
    id: Uuid,
    state: &StateCreate,
) -> Result<ControlFlow<Proposal, Duration>, Error> {
    let state = attempt(state, id);
    let request = SetFlowRunState::new().force(false);
    let proposal = match atell(client, id, &state, &request, is_decided).await? {
        Told::Answered(answer) => match decide(answer)? {
            ControlFlow::Break(proposal) => proposal,
            wait @ ControlFlow::Continue(_) => return Ok(wait),
        },
        Told::Became(now) => {
            Proposal::Rejected(Some(now), "the run is in another state by now".to_owned())
        }
    };
    Ok(ControlFlow::Break(recognised(proposal, &state)))
}

/// Sets a state whatever the server has to say, unless the run has ended before its answer was lost; gives the state that it is in then.
#[cfg(feature = "flows")]
#[dual(sdk, map(atell => tell))]
pub(crate) async fn aforce_state(
    client: &AsyncPrefectClient,
    id: Uuid,
    state: &StateCreate,
) -> Result<Option<State>, Error> {
    let state = attempt(state, id);
    let request = SetFlowRunState::new().force(true);
    let has_ended = |now: &State, sent: &StateCreate| is_ours(now, sent) || is_last(&now.type_);
    match atell(client, id, &state, &request, has_ended).await? {
        Told::Answered(answer) => Ok(answer.state),
        Told::Became(now) => Ok(Some(now)),
    }
}

/// What the answer to a resume says, which no wait can be an answer to.
pub(crate) fn answer_of(answer: OrchestrationResult) -> Result<Proposal, Error> {
    match decide(answer)? {
        ControlFlow::Break(proposal) => Ok(proposal),
        ControlFlow::Continue(_) => {
            let text = "the server says to wait and try again";
            Err(Error::refused(Refusal::State, text))
        }
    }
}

fn attempt(state: &StateCreate, id: Uuid) -> StateCreate {
    let mut state = state.clone();
    let details = state.state_details.take().unwrap_or_default();
    let transition = details.transition_id.unwrap_or_else(Uuid::new_v4);
    state.state_details(details.flow_run_id(id).transition_id(transition))
}

/// A transition that reached the server twice, as its first answer was lost, is rejected the second time: the run is in
/// the state already. Python's engine takes a pause to be somebody else's then.
fn recognised(proposal: Proposal, sent: &StateCreate) -> Proposal {
    match proposal {
        Proposal::Rejected(Some(state), _) if is_ours(&state, sent) => Proposal::Accepted(state),
        other => other,
    }
}

/// Whether the server has decided about a state, as the run is in this one now, or somebody else has.
fn is_decided(now: &State, sent: &StateCreate) -> bool {
    let begins = matches!(sent.type_, StateType::Running | StateType::Pending);
    let is_before = match now.type_ {
        StateType::Pending => true,
        // One that was to end is to be tried again.
        StateType::Scheduled => begins,
        StateType::Running => !begins,
        _ => false,
    };
    is_ours(now, sent) || !is_before
}

/// What became of the state; or how long to wait, and propose it again.
fn decide(answer: OrchestrationResult) -> Result<ControlFlow<Proposal, Duration>, Error> {
    let proposal = match (answer.status, answer.state) {
        (SetStateStatus::Accept, Some(state)) => Proposal::Accepted(state),
        (SetStateStatus::Reject, state) => Proposal::Rejected(state, reason(answer.details)),
        (SetStateStatus::Abort, _) => Proposal::Aborted(reason(answer.details)),
        (SetStateStatus::Wait, _) => return Ok(ControlFlow::Continue(delay(&answer.details))),
        (status, _) => {
            let text =
                format!("the server answered a proposed state with `{status}`, and no state");
            return Err(Error::answer(text));
        }
    };
    Ok(ControlFlow::Break(proposal))
}

fn reason(details: OrchestrationDetails) -> String {
    let reason = match details {
        OrchestrationDetails::StateRejectDetails(details) => details.reason,
        OrchestrationDetails::StateAbortDetails(details) => details.reason,
        OrchestrationDetails::StateWaitDetails(details) => details.reason,
        _ => None,
    };
    reason.unwrap_or_else(|| "the server gave no reason".to_owned())
}

/// A second at least, so that a server that says zero isn't asked without a pause.
fn delay(details: &OrchestrationDetails) -> Duration {
    let seconds = match details {
        OrchestrationDetails::StateWaitDetails(details) => details.delay_seconds,
        _ => 0,
    };
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use prefect_client::models::StateDetails;
    use serde_json::{Value, json};

    fn decided(answer: Value) -> Result<ControlFlow<Proposal, Duration>, Error> {
        decide(serde_json::from_value(answer).unwrap())
    }

    fn state(type_: &str) -> Value {
        json!({"type": type_, "id": Uuid::nil()})
    }

    #[test]
    fn an_accepted_state_is_the_server_s_not_the_proposed_one() {
        let answer = json!({"status": "ACCEPT", "state": state("PAUSED"), "details": {"type": "accept_details"}});
        let Ok(ControlFlow::Break(Proposal::Accepted(state))) = decided(answer) else {
            panic!("accepted")
        };
        assert_eq!((state.type_, state.id), (StateType::Paused, Uuid::nil()));
    }

    #[test]
    fn a_rejection_and_an_abort_keep_their_reason() {
        let details = json!({"type": "reject_details", "reason": "fired"});
        let answer = json!({"status": "REJECT", "state": state("RUNNING"), "details": details});
        let Ok(ControlFlow::Break(Proposal::Rejected(Some(state), reason))) = decided(answer)
        else {
            panic!("rejected")
        };
        assert_eq!((state.type_, &*reason), (StateType::Running, "fired"));
        // The route that resumes answers a rejection with the details of an abort.
        let answer = json!({"status": "REJECT", "state": null, "details": {"type": "abort_details", "reason": "no"}});
        let rejected = Proposal::Rejected(None, "no".to_owned());
        assert_eq!(decided(answer).unwrap(), ControlFlow::Break(rejected));
        let answer =
            json!({"status": "ABORT", "state": null, "details": {"type": "abort_details"}});
        let aborted = Proposal::Aborted("the server gave no reason".to_owned());
        assert_eq!(decided(answer).unwrap(), ControlFlow::Break(aborted));
    }

    #[test]
    fn a_wait_is_as_long_as_the_server_says_but_never_nothing() {
        let wait = |seconds: i64| {
            decided(json!({"status": "WAIT", "state": null, "details": {"type": "wait_details", "delay_seconds": seconds}}))
                .unwrap()
        };
        assert_eq!(wait(30), ControlFlow::Continue(Duration::from_secs(30)));
        assert_eq!(wait(0), ControlFlow::Continue(Duration::from_secs(1)));
        assert_eq!(wait(-5), ControlFlow::Continue(Duration::from_secs(1)));
    }

    #[test]
    fn an_answer_that_says_nothing_is_an_error() {
        for status in ["ACCEPT", "PERHAPS"] {
            let answer =
                json!({"status": status, "state": null, "details": {"type": "accept_details"}});
            assert!(decided(answer).unwrap_err().is_decode());
        }
    }

    #[test]
    fn a_transition_that_arrived_twice_is_accepted() {
        let sent = attempt(&StateCreate::new(StateType::Paused), Uuid::nil());
        let rejected = |details: Option<&StateDetails>| {
            let state = json!({"type": "PAUSED", "id": Uuid::nil(), "state_details": details});
            let state = serde_json::from_value(state).unwrap();
            Proposal::Rejected(Some(state), "made already".to_owned())
        };
        let twice = recognised(rejected(sent.state_details.as_ref()), &sent);
        assert!(matches!(twice, Proposal::Accepted(_)));
        let other = attempt(&StateCreate::new(StateType::Paused), Uuid::nil());
        for theirs in [other.state_details.as_ref(), None] {
            let kept = recognised(rejected(theirs), &sent);
            assert!(matches!(kept, Proposal::Rejected(..)));
        }
    }

    #[test]
    fn each_attempt_is_a_transition_of_its_own_unless_the_state_names_it() {
        let proposed = StateCreate::new(StateType::Paused);
        let id = Uuid::new_v4();
        let [one, two] = [(); 2].map(|()| attempt(&proposed, id).state_details.unwrap());
        assert_eq!((one.flow_run_id, two.flow_run_id), (Some(id), Some(id)));
        assert_ne!(one.transition_id, two.transition_id);
        let named = proposed.state_details(StateDetails::new().transition_id(id));
        let again = attempt(&named, id).state_details.unwrap();
        assert_eq!(again.transition_id, Some(id));
    }
}
