//! Takes a run, which the server gives to one runner only: it is pending, and then submitting.

use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(runners)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{StateDetails, StateType};
use uuid::Uuid;

use super::ending::Over;
use super::runners;
use crate::Error;
use crate::deadline::Deadline;
#[dual(runners)]
use crate::faces::asleep;
use crate::flow_runs::Proposal;
#[dual(runners)]
use crate::flow_runs::apropose_state;
use crate::states;

/// How long it is tried to take a run from a server that does not answer.
const TAKING: Duration = Duration::from_secs(30);
/// How long to wait until it is asked again; twice as long each time, up to the longest.
const AGAIN: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);

/// What came of taking a run.
#[derive(Debug)]
pub(super) enum Taken {
    /// It begins here.
    Ours,
    /// It is another runner's, or is not to run: it is left as it is.
    Left,
    /// It does not begin, and is to end.
    Over(Over),
}

/// Takes a run.
#[dual(runners)]
pub(super) async fn atake(
    client: &AsyncPrefectClient,
    id: Uuid,
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
) -> Taken {
    let transition = Uuid::new_v4();
    // The same transition each time: so the server knows the one whose answer was lost, and tells it from another runner's.
    let details = StateDetails::new().transition_id(transition);
    let pending = states::pending().state_details(details);
    let end = Deadline::after(Some(TAKING), Instant::now());
    let (mut is_lost, mut pause) = (false, AGAIN);
    loop {
        let error = match apropose_state(client, id, &pending).await {
            Ok(proposal) => match refused(&proposal) {
                None => break,
                Some(why) => {
                    tracing::info!(flow_run = %id, "the run does not begin here: {why}");
                    return Taken::Left;
                }
            },
            Err(error) => error,
        };
        tracing::warn!(flow_run = %id, "the run can't begin yet: {error}");
        let is_answer = is_answer(&error);
        if is_answer && !is_lost {
            return Taken::Left;
        }
        if is_answer || is_stopping() || end.is_over(Instant::now()) {
            let why = error.to_string();
            return Taken::Over(Over::PerhapsTaken { transition, why });
        }
        is_lost = true;
        asleep(pause).await;
        pause = (2 * pause).min(LONGEST);
    }
    match apropose_state(client, id, &states::submitting()).await {
        Ok(proposal) => match refused(&proposal) {
            None => Taken::Ours,
            Some(why) => Taken::Over(Over::NotStarted(why)),
        },
        Err(error) if is_answer(&error) => Taken::Over(Over::NotStarted(error.to_string())),
        // It is this runner's, whatever it is called.
        Err(_) => Taken::Ours,
    }
}

/// Why the run is not pending as it was proposed, if it is not.
fn refused(proposal: &Proposal) -> Option<String> {
    match proposal {
        Proposal::Accepted(state) if state.type_ == StateType::Pending => None,
        Proposal::Accepted(state) | Proposal::Rejected(Some(state), _) => Some(format!(
            "it is {}",
            state.name.as_deref().unwrap_or_default()
        )),
        Proposal::Rejected(None, reason) | Proposal::Aborted(reason) => Some(reason.clone()),
    }
}

/// Whether the server has decided, such as where the run is gone; else the same may be answered otherwise soon.
pub(super) fn is_answer(error: &Error) -> bool {
    let status = error.api().and_then(prefect_client::Error::status);
    status.is_some_and(|status| status.is_client_error() && !matches!(status.as_u16(), 408 | 429))
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use std::sync::{Arc, Mutex};

    use prefect_client::models::OrchestrationResult;
    use prefect_client::operations::SET_FLOW_RUN_STATE;
    use prefect_client::testing::{MockServer, Received, Reply};
    use serde_json::{Value, json};

    use super::*;

    /// A server's answer to a request for a state.
    type Answer = Reply<OrchestrationResult>;

    fn accepted(request: &Received) -> Answer {
        let mut state = request.json()["state"].clone();
        state["id"] = json!(Uuid::nil());
        Reply::Json(
            json!({"status": "ACCEPT", "state": state, "details": {"type": "accept_details"}}),
        )
    }

    fn rejected(type_: &str, name: &str) -> Answer {
        let state = json!({"id": Uuid::nil(), "type": type_, "name": name});
        Reply::Json(
            json!({"status": "REJECT", "state": state, "details": {"type": "reject_details"}}),
        )
    }

    fn aborted() -> Answer {
        let details = json!({"type": "abort_details", "reason": "no"});
        Reply::Json(json!({"status": "ABORT", "state": null, "details": details}))
    }

    fn taken(server: &MockServer) -> Taken {
        take(&server.client(), Uuid::from_u128(1), &|| false)
    }

    fn transition(request: &Received) -> Value {
        request.json()["state"]["state_details"]["transition_id"].clone()
    }

    /// A server that has taken the first transition, and lost the answer.
    fn forgetful() -> MockServer {
        let server = MockServer::new();
        let first = Arc::<Mutex<Option<Value>>>::default();
        server.on(&SET_FLOW_RUN_STATE).answers_with(move |request| {
            let mut first = first.lock().unwrap();
            match &*first {
                None => {
                    *first = Some(transition(request));
                    Reply::TimesOut
                }
                Some(first) if *first == transition(request) => {
                    let state = json!({"id": Uuid::nil(), "type": "PENDING", "name": "Pending", "state_details": {"transition_id": first}});
                    Reply::Json(json!({"status": "REJECT", "state": state, "details": {"type": "reject_details"}}))
                }
                Some(_) => accepted(request),
            }
        });
        server
    }

    #[test]
    fn a_run_that_is_due_is_taken_and_its_own_although_the_answer_was_lost() {
        let server = MockServer::new();
        server.on(&SET_FLOW_RUN_STATE).answers_with(accepted);
        assert!(matches!(taken(&server), Taken::Ours));
        let names: Vec<Value> = server
            .requests()
            .iter()
            .map(|request| request.json()["state"]["name"].clone())
            .collect();
        assert_eq!(names, ["Pending", "Submitting"]);
        assert!(matches!(taken(&forgetful()), Taken::Ours));
    }

    #[test]
    fn what_the_server_has_decided_is_left_alone() {
        for status in [401, 403, 404, 422] {
            let server = MockServer::new();
            server.on(&SET_FLOW_RUN_STATE).fails(status, "no");
            assert!(matches!(taken(&server), Taken::Left), "{status}");
            assert_eq!(server.requests().len(), 1);
        }
        let another = || rejected("PENDING", "Submitting");
        for answer in [another(), rejected("CANCELLED", "Cancelled"), aborted()] {
            let server = MockServer::new();
            server.on(&SET_FLOW_RUN_STATE).replies(answer);
            assert!(matches!(taken(&server), Taken::Left));
        }
        // It was another's in the meantime, whatever the name of its state.
        for answer in [another(), rejected("PENDING", "Pending"), aborted()] {
            let server = MockServer::new();
            server.on(&SET_FLOW_RUN_STATE).times_out().replies(answer);
            assert!(matches!(taken(&server), Taken::Left));
        }
    }

    #[test]
    fn what_is_taken_and_can_not_begin_is_to_end() {
        let refusals = [
            rejected("CANCELLING", "Cancelling"),
            aborted(),
            Reply::Failure(404, "gone".to_owned()),
        ];
        for refusal in refusals {
            let server = MockServer::new();
            let refusal = Mutex::new(Some(refusal));
            server.on(&SET_FLOW_RUN_STATE).answers_with(
                move |request| match request.json()["state"]["name"].as_str() {
                    Some("Pending") => accepted(request),
                    _ => refusal.lock().unwrap().take().expect("asked once"),
                },
            );
            let taken = taken(&server);
            assert!(
                matches!(taken, Taken::Over(Over::NotStarted(_))),
                "{taken:?}"
            );
        }
    }

    #[test]
    fn a_runner_that_stops_does_not_know_whether_a_run_is_its_own() {
        let server = MockServer::new();
        server.on(&SET_FLOW_RUN_STATE).times_out();
        let taken = take(&server.client(), Uuid::nil(), &|| true);
        let sent = transition(&server.requests()[0]);
        let Taken::Over(Over::PerhapsTaken { transition, .. }) = taken else {
            panic!("{taken:?}")
        };
        assert_eq!(sent, json!(transition));
    }
}
