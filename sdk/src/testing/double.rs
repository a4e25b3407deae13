//! What a server decides of flow runs, and keeps. No I/O.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use prefect_client::models::{
    Event, Flow, FlowRunResponse, OrchestrationResult, SetStateStatus, State, StateAbortDetails,
    StateAcceptDetails, StateDetails, StateRejectDetails, StateType, StateWaitDetails, TaskRun,
};
use serde_json::Value;
use uuid::Uuid;

use crate::flow_runs::is_last;

use super::recorded::{RecordedFlowRun, RecordedState};

#[derive(Default)]
pub(super) struct Double {
    flows: BTreeMap<String, Flow>,
    runs: Vec<Run>,
    events: Vec<Event>,
    event_ids: BTreeSet<Uuid>,
    /// The task runs that stand for subflows, by what tells them apart.
    tracking: BTreeMap<String, Uuid>,
}

struct Run {
    response: FlowRunResponse,
    states: Vec<State>,
    retries: i64,
    retry_delay: i64,
}

impl Double {
    /// The flow of that name, as there is one for each.
    pub(super) fn flow(&mut self, body: &Value) -> Flow {
        let name = body["name"].as_str().unwrap_or_default();
        let new = || Flow::new(name, Uuid::new_v4());
        let flow = self.flows.entry(name.to_owned()).or_insert_with(new);
        flow.clone()
    }

    pub(super) fn create_run(&mut self, body: &Value) -> FlowRunResponse {
        let flow_id = read::<Uuid>(&body["flow_id"]).unwrap_or_default();
        let key: Option<String> = read(&body["idempotency_key"]);
        let is_same =
            |run: &&Run| run.response.flow_id == flow_id && run.response.idempotency_key == key;
        if let Some(run) = self.runs.iter().find(|run| key.is_some() && is_same(run)) {
            return run.response.clone();
        }
        let mut response = FlowRunResponse::new(flow_id, Uuid::now_v7());
        let name = read(&body["name"]).unwrap_or_else(|| format!("run-{}", self.runs.len() + 1));
        response.name = Some(name);
        response.idempotency_key = key;
        response.parameters = read(&body["parameters"]).unwrap_or_default();
        response.tags = read(&body["tags"]).unwrap_or_default();
        response.parent_task_run_id = read(&body["parent_task_run_id"]);
        let policy = &body["empirical_policy"];
        let mut run = Run {
            response,
            states: Vec::new(),
            retries: policy["retries"].as_i64().unwrap_or_default(),
            retry_delay: policy["retry_delay"].as_i64().unwrap_or_default(),
        };
        if let Some(state) = state_of(&body["state"]) {
            run.enter(state);
        }
        let response = run.response.clone();
        self.runs.push(run);
        response
    }

    /// The task run that stands for a subflow: the same one where the flow run tries again.
    pub(super) fn track(&mut self, body: &Value) -> TaskRun {
        let [flow_run, key, dynamic_key] =
            ["flow_run_id", "task_key", "dynamic_key"].map(|name| body[name].to_string());
        let known = self.tracking.entry(flow_run + &key + &dynamic_key);
        let id = *known.or_insert_with(Uuid::now_v7);
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        TaskRun::new(text("task_key"), text("dynamic_key"), id)
    }

    /// The runs of the task runs that a filter asks for, the newest first.
    pub(super) fn found(&self, filter: &Value) -> Vec<FlowRunResponse> {
        let parents = &filter["flow_runs"]["parent_task_run_id"]["any_"];
        let parents: Vec<Uuid> = read(parents).unwrap_or_default();
        let is_asked_for = |run: &&Run| {
            let parent = run.response.parent_task_run_id;
            parent.is_some_and(|parent| parents.contains(&parent))
        };
        let found = self.runs.iter().rev().filter(is_asked_for);
        found.map(|run| run.response.clone()).collect()
    }

    pub(super) fn run(&self, id: Option<Uuid>) -> Option<FlowRunResponse> {
        let run = self.runs.iter().find(|run| Some(run.response.id) == id)?;
        Some(run.response.clone())
    }

    /// The states of a run, in their order; none where there is no such run.
    pub(super) fn states(&self, id: Option<Uuid>) -> Vec<State> {
        let run = self.runs.iter().find(|run| Some(run.response.id) == id);
        run.map(|run| run.states.clone()).unwrap_or_default()
    }

    /// Changes what the body says; `None` where there is no such run.
    pub(super) fn update_run(&mut self, id: Option<Uuid>, body: &Value) -> Option<()> {
        let run = self.run_mut(id)?;
        if let Some(name) = read(&body["name"]) {
            run.response.name = Some(name);
        }
        if let Some(retries) = body["empirical_policy"]["retries"].as_i64() {
            run.retries = retries;
        }
        if let Some(delay) = body["empirical_policy"]["retry_delay"].as_i64() {
            run.retry_delay = delay;
        }
        Some(())
    }

    /// What becomes of a state that is proposed; `None` where there is no such run, or no state.
    pub(super) fn propose(
        &mut self,
        id: Option<Uuid>,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Option<OrchestrationResult> {
        let is_forced = body["force"] == true;
        let proposed = state_of(&body["state"])?;
        Some(self.run_mut(id)?.decide(proposed, is_forced, now))
    }

    fn run_mut(&mut self, id: Option<Uuid>) -> Option<&mut Run> {
        let mut runs = self.runs.iter_mut();
        runs.find(|run| Some(run.response.id) == id)
    }

    /// Keeps events, each once.
    pub(super) fn add_events(&mut self, events: Vec<Event>) {
        for event in events {
            if self.event_ids.insert(event.id) {
                self.events.push(event);
            }
        }
    }

    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    /// How many of the events with these ids there are.
    pub(super) fn count_events(&self, ids: &[Uuid]) -> usize {
        let known = ids.iter().filter(|id| self.event_ids.contains(id));
        known.count()
    }

    pub(super) fn recorded(&self) -> Vec<RecordedFlowRun> {
        let name = |id: Uuid| {
            let mut flows = self.flows.values();
            let flow = flows.find(|flow| flow.id == id);
            flow.map(|flow| flow.name.clone()).unwrap_or_default()
        };
        let recorded = self.runs.iter().map(|run| RecordedFlowRun {
            id: run.response.id,
            name: run.response.name.clone().unwrap_or_default(),
            flow_name: name(run.response.flow_id),
            parameters: run.response.parameters.clone(),
            tags: run.response.tags.clone(),
            run_count: run.response.run_count,
            states: run.states.iter().map(recorded_state).collect(),
        });
        recorded.collect()
    }
}

impl Run {
    /// As Prefect's rules do, as far as flows written in Rust meet them.
    fn decide(
        &mut self,
        proposed: State,
        is_forced: bool,
        now: DateTime<Utc>,
    ) -> OrchestrationResult {
        if is_forced {
            return self.accept(proposed);
        }
        if self
            .states
            .last()
            .is_some_and(|state| is_last(&state.type_))
        {
            let reason = "This run has already terminated.";
            let details = StateAbortDetails::new().reason(reason);
            return OrchestrationResult::new(SetStateStatus::Abort, details);
        }
        if proposed.type_ == StateType::Running
            && let Some(seconds) = self.seconds_to_wait(now)
        {
            let details = StateWaitDetails::new(seconds).reason("Scheduled time is in the future");
            return OrchestrationResult::new(SetStateStatus::Wait, details);
        }
        let fails = self.response.state_type == Some(StateType::Running)
            && proposed.type_ == StateType::Failed;
        if fails && self.response.run_count <= self.retries {
            let mut state = State::new(StateType::Scheduled, Uuid::now_v7());
            state.name = Some("AwaitingRetry".to_owned());
            state.message = proposed.message;
            let time = now + TimeDelta::try_seconds(self.retry_delay).unwrap_or_default();
            state.state_details = Some(StateDetails::new().scheduled_time(time));
            self.enter(state.clone());
            let details = StateRejectDetails::new().reason("Retrying");
            return OrchestrationResult::new(SetStateStatus::Reject, details).state(state);
        }
        self.accept(proposed)
    }

    fn accept(&mut self, state: State) -> OrchestrationResult {
        self.enter(state.clone());
        OrchestrationResult::new(SetStateStatus::Accept, StateAcceptDetails::new()).state(state)
    }

    fn seconds_to_wait(&self, now: DateTime<Utc>) -> Option<i64> {
        let details = self.states.last()?.state_details.as_ref()?;
        let left = details.scheduled_time? - now;
        let seconds = left.num_seconds() + i64::from(left.subsec_nanos() > 0);
        (seconds > 0).then_some(seconds)
    }

    fn enter(&mut self, state: State) {
        if state.type_ == StateType::Running {
            self.response.run_count += 1;
        }
        self.response.state_type = Some(state.type_.clone());
        self.response.state_name.clone_from(&state.name);
        self.response.state_id = Some(state.id);
        self.response.state = Some(state.clone());
        self.states.push(state);
    }
}

/// A state that was sent, with an id of its own.
fn state_of(sent: &Value) -> Option<State> {
    let mut sent = sent.clone();
    sent.as_object_mut()?
        .insert("id".to_owned(), Uuid::now_v7().to_string().into());
    serde_json::from_value(sent).ok()
}

fn recorded_state(state: &State) -> RecordedState {
    RecordedState {
        type_: state.type_.clone(),
        name: state.name.clone().unwrap_or_default(),
        message: state.message.clone().unwrap_or_default(),
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}
