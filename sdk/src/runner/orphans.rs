//! Runs that somebody has taken, and that nobody has any more: their runner was killed before they had a process, or with it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
use prefect_client::models::{
    FlowRunFilter, FlowRunFilterDeploymentId, FlowRunFilterState, FlowRunFilterStateType,
    FlowRunResponse, StateType,
};
use prefect_client::requests::ReadFlowRuns;
use uuid::Uuid;

#[dual(runners)]
use super::conclude::aconclude;
use super::ending::Over;
#[dual(runners)]
use super::shared::AsyncShared;
use super::{REQUEST, runners};
use crate::Error;
#[dual(runners)]
use crate::deadline::abounded;

/// How often it is looked for such runs.
const INTERVAL: Duration = Duration::from_secs(30);
/// For how long a run may be in one state that does not last: processes begin, and end, within it.
const LEFT: Duration = Duration::from_mins(5);

/// What is seen of runs that others have.
#[derive(Default)]
struct Seen(HashMap<Uuid, (Option<Uuid>, Instant)>);

impl Seen {
    /// Those that have been in their state for too long. It is timed here, as clocks differ.
    fn left(&mut self, runs: &[FlowRunResponse], longest: Duration, now: Instant) -> Vec<Uuid> {
        self.0.retain(|id, _| runs.iter().any(|run| run.id == *id));
        let mut left = Vec::new();
        for run in runs {
            let (state, since) = self.0.entry(run.id).or_insert((run.state_id, now));
            if *state != run.state_id {
                (*state, *since) = (run.state_id, now);
            }
            if now.duration_since(*since) >= longest {
                left.push(run.id);
            }
        }
        left
    }
}

#[dual(runners)]
impl AsyncShared {
    /// Says now and then how runs of the deployments end that nobody has, until the runner stops.
    pub(super) async fn alook_after_orphans(&self) {
        let mut seen = Seen::default();
        let longest = LEFT.max(self.options.grace.saturating_mul(2));
        loop {
            match self.aof_others().await {
                Ok(runs) => {
                    for id in seen.left(&runs, longest, Instant::now()) {
                        tracing::warn!(flow_run = %id, "nobody has the run any more");
                        let why = "whoever took it is gone".to_owned();
                        aconclude(self, id, &Over::Left(why)).await;
                    }
                }
                Err(error) => tracing::debug!("runs of others can't be read: {error}"),
            }
            self.pause(INTERVAL, true).await;
            if self.is_stopping() {
                return;
            }
        }
    }

    /// The runs of the deployments that somebody else has, in a state that does not last.
    async fn aof_others(&self) -> Result<Vec<FlowRunResponse>, Error> {
        let deployments = FlowRunFilterDeploymentId::new().any(self.deployments());
        let states = [StateType::Pending, StateType::Cancelling];
        let states = FlowRunFilterStateType::new().any(states);
        let filter = FlowRunFilter::new()
            .deployment_id(deployments)
            .state(FlowRunFilterState::new().type_(states));
        let request = ReadFlowRuns::new().flow_runs(filter);
        let client = abounded(&self.client, REQUEST);
        let mut runs = client.read_flow_runs_with(&request).await?;
        let now = Utc::now();
        runs.retain(|run| self.running.get(run.id).is_none() && is_due(run, now));
        Ok(runs)
    }
}

/// Whoever takes a run before its time has it wait.
fn is_due(run: &FlowRunResponse, now: DateTime<Utc>) -> bool {
    run.expected_start_time.is_none_or(|time| time <= now)
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use std::sync::Arc;

    use prefect_client::operations::{READ_FLOW_RUN, READ_FLOW_RUNS, SET_FLOW_RUN_STATE};
    use prefect_client::testing::MockServer;
    use serde_json::{Value, json};

    use super::super::RunnerOptions;
    use super::super::shared::Shared;
    use super::*;

    fn run(id: u128, state: u128, type_: &str) -> Value {
        let (id, now) = (Uuid::from_u128(id), chrono::Utc::now());
        json!({
            "id": id, "flow_id": id, "created": now, "updated": now, "state_id": Uuid::from_u128(state), "state_type": type_,
        })
    }

    #[test]
    fn a_run_is_left_that_stays_in_one_state() {
        let read = |id, state| serde_json::from_value(run(id, state, "PENDING")).unwrap();
        let (mut seen, begun) = (Seen::default(), Instant::now());
        let mut left = |runs: &[FlowRunResponse], after: Duration| {
            let left = seen.left(runs, LEFT, begun + after);
            left.iter().map(Uuid::as_u128).collect::<Vec<_>>()
        };
        assert!(left(&[read(1, 1), read(2, 1), read(3, 1)], Duration::ZERO).is_empty());
        // One goes on, and one was not there meanwhile.
        assert!(left(&[read(1, 1), read(2, 2)], LEFT / 2).is_empty());
        assert_eq!(left(&[read(1, 1), read(2, 2), read(3, 1)], LEFT), [1]);
    }

    #[test]
    fn what_others_have_is_asked_for_but_not_what_runs_here() {
        let server = MockServer::new();
        let mut early = run(3, 1, "PENDING");
        early["expected_start_time"] = json!(Utc::now() + Duration::from_hours(1));
        let runs = json!([run(1, 1, "PENDING"), run(2, 1, "CANCELLING"), early]);
        server.on(&READ_FLOW_RUNS).answers_json(runs);
        let shared = Arc::new(Shared::new(&server.client(), &RunnerOptions::new()));
        drop(shared.running.insert(Uuid::from_u128(2)));
        let others = shared.of_others().unwrap();
        assert_eq!(others.len(), 1);
        assert_eq!(others[0].id, Uuid::from_u128(1));
        let asked = server.requests()[0].json();
        let states = &asked["flow_runs"]["state"]["type"]["any_"];
        assert_eq!(*states, json!(["PENDING", "CANCELLING"]));
    }

    #[test]
    fn who_is_left_crashes_or_is_cancelled() {
        for (state, becomes) in [("PENDING", "CRASHED"), ("CANCELLING", "CANCELLED")] {
            let server = MockServer::new();
            server.on(&READ_FLOW_RUN).answers_json(run(1, 1, state));
            let accepted = json!({"id": Uuid::nil(), "type": becomes});
            let accepted = json!({"status": "ACCEPT", "state": accepted, "details": {"type": "accept_details"}});
            server.on(&SET_FLOW_RUN_STATE).answers_json(accepted);
            let shared = Shared::new(&server.client(), &RunnerOptions::new());
            let over = Over::Left("whoever took it is gone".to_owned());
            super::super::conclude::conclude(&shared, Uuid::from_u128(1), &over);
            let told = server.requests();
            let told = told
                .iter()
                .filter(|request| request.operation().name() == SET_FLOW_RUN_STATE.name());
            let told: Vec<Value> = told
                .map(|request| request.json()["state"]["type"].clone())
                .collect();
            assert_eq!(told.first(), Some(&json!(becomes)), "{told:?}");
        }
    }
}
