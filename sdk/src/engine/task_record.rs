//! What is known of a task run, and the events that tell the server of it. No I/O: a task run is made of its events.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use prefect_client::json;
use prefect_client::models::{
    Event, RelatedResource, StateCreate, StateDetails, StateType, TaskRun,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::order::Inputs;
use super::retry::RetryPolicy;
use super::task_event::{Empty, Entered, Micros, RunTold, StateTold};
use super::task_state::{TaskState, after};
use crate::Error;
use crate::events::{Written, follows};
use crate::flow_runs::is_last;
use crate::states;

/// The name of a task run ends with so much of its key.
const KEY_IN_NAME: usize = 3;

/// What a task says of its runs.
#[derive(Clone, Debug)]
pub(crate) struct TaskFacts<'a> {
    pub(crate) name: &'a str,
    pub(crate) key: &'a str,
    pub(crate) version: Option<&'a str>,
    pub(crate) retry: &'a RetryPolicy,
    pub(crate) tags: Vec<String>,
}

/// A task run, as the server is told of it.
#[derive(Clone, Debug)]
pub(crate) struct TaskRecord {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    task_key: String,
    pub(super) dynamic_key: String,
    version: Option<String>,
    policy: Value,
    pub(super) tags: Vec<String>,
    inputs: Value,
    pub(crate) run_count: u32,
    flow_run_run_count: i64,
    expected_start_time: DateTime<Utc>,
    start_time: Option<DateTime<Utc>>,
    end_time: Option<DateTime<Utc>>,
    total_run_time: TimeDelta,
    state: Option<TaskState>,
}

impl TaskRecord {
    /// A run in a flow run that is not told of yet.
    pub(super) fn new(task: TaskFacts<'_>, id: Uuid, inputs: &Inputs, now: DateTime<Utc>) -> Self {
        let key = Uuid::new_v4().to_string();
        let name = format!("{}-{}", task.name, &key[..KEY_IN_NAME]);
        Self::called(task, id, inputs, now, [name, key])
    }

    /// A run outside of flows that is not told of yet.
    pub(super) fn outside(
        task: TaskFacts<'_>,
        id: Uuid,
        inputs: &Inputs,
        now: DateTime<Utc>,
    ) -> Self {
        let key = format!("{}-{}", task.key, Uuid::new_v4().simple());
        let name = task.name.to_owned();
        Self::called(task, id, inputs, now, [name, key])
    }

    fn called(
        task: TaskFacts<'_>,
        id: Uuid,
        inputs: &Inputs,
        now: DateTime<Utc>,
        [name, dynamic_key]: [String; 2],
    ) -> Self {
        Self {
            id,
            name,
            task_key: task.key.to_owned(),
            dynamic_key,
            version: task.version.map(str::to_owned),
            policy: policy(task.retry),
            tags: task.tags,
            inputs: told_inputs(inputs),
            run_count: 0,
            flow_run_run_count: 0,
            expected_start_time: now.trunc_subsecs(6),
            start_time: None,
            end_time: None,
            total_run_time: TimeDelta::zero(),
            state: None,
        }
    }

    /// A run that the server has already, in the state that it is in there.
    pub(crate) fn of_existing(
        task: &TaskFacts<'_>,
        run: &TaskRun,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let inputs = json::to_value(&run.task_inputs);
        let inputs =
            inputs.map_err(|error| Error::unfit("the inputs have no JSON").because(error))?;
        let version = run.task_version.clone();
        Ok(Self {
            id: run.id,
            name: run.name.clone().unwrap_or_else(|| task.name.to_owned()),
            task_key: run.task_key.clone(),
            dynamic_key: run.dynamic_key.clone(),
            version: version.or_else(|| task.version.map(str::to_owned)),
            policy: policy(task.retry),
            tags: run.tags.clone(),
            inputs,
            run_count: u32::try_from(run.run_count).unwrap_or_default(),
            flow_run_run_count: run.flow_run_run_count,
            expected_start_time: run.expected_start_time.unwrap_or(now).trunc_subsecs(6),
            start_time: run.start_time,
            end_time: None,
            total_run_time: TimeDelta::zero(),
            state: run.state.as_ref().map(|state| TaskState::of(state, now)),
        })
    }

    /// The event of the state that it is in, which is its first.
    pub(crate) fn first_event(&self, related: &[RelatedResource]) -> Result<Event, Error> {
        let state = self.state.as_ref();
        let state = state.ok_or_else(|| Error::answer("the task run has no state"))?;
        let written = self.event(state, None, related)?;
        let event = written.event();
        event.ok_or_else(|| Error::answer("the task run can't be told of"))
    }

    /// The run begins, in a run of the flow that is its `count`th.
    pub(super) fn begin(&mut self, count: i64, now: DateTime<Utc>) {
        self.start_time = Some(now.trunc_subsecs(6));
        self.flow_run_run_count = count;
    }

    /// The run enters a state. The event tells of it, and follows the one before.
    pub(crate) fn enter(
        &mut self,
        state: StateCreate,
        related: &[RelatedResource],
        now: DateTime<Utc>,
    ) -> Result<Written, Error> {
        let before = self.state.take();
        let new = TaskState {
            id: Uuid::now_v7(),
            timestamp: after(before.as_ref(), now.trunc_subsecs(6)),
            state,
        };
        if let Some(before) = before
            .as_ref()
            .filter(|before| before.is(&StateType::Running))
        {
            self.total_run_time += new.timestamp - before.timestamp;
        }
        if new.is(&StateType::Running) {
            self.run_count += 1;
        }
        if is_last(&new.state.type_) {
            self.end_time = self.start_time.map(|_| new.timestamp);
        }
        let event = self.event(&new, before.as_ref(), related);
        self.state = Some(new);
        event
    }

    fn event(
        &self,
        new: &TaskState,
        before: Option<&TaskState>,
        related: &[RelatedResource],
    ) -> Result<Written, Error> {
        let entered = Entered {
            run_id: self.id,
            run: self.told(),
            state: StateTold {
                data: Some(new.state.data.as_ref().unwrap_or(&Value::Null)),
                ..new.told()
            },
            state_id: new.id,
            timestamp: new.timestamp,
            before: before.map(TaskState::told),
            follows: before
                .and_then(|before| follows((before.id, before.timestamp), new.timestamp)),
            related,
        };
        entered.written()
    }

    /// The state that it is in.
    pub(super) fn state(&self) -> Option<&TaskState> {
        self.state.as_ref()
    }

    fn told(&self) -> RunTold<'_> {
        RunTold {
            name: &self.name,
            task_key: &self.task_key,
            dynamic_key: &self.dynamic_key,
            task_version: self.version.as_deref(),
            empirical_policy: &self.policy,
            tags: &self.tags,
            labels: Empty {},
            task_inputs: &self.inputs,
            run_count: self.run_count,
            flow_run_run_count: self.flow_run_run_count,
            expected_start_time: Micros(self.expected_start_time),
            start_time: self.start_time.map(Micros),
            end_time: self.end_time.map(Micros),
            total_run_time: self.total_run_time.as_seconds_f64(),
        }
    }

    /// What a format string of keys is filled in with.
    pub(super) fn key_values(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "task_key": self.task_key, "dynamic_key": self.dynamic_key,
            "tags": self.tags, "run_count": self.run_count,
        })
    }
}

fn policy(retry: &RetryPolicy) -> Value {
    let mut policy = json!({
        "max_retries": 0,
        "retry_delay_seconds": 0.0,
        "retries": retry.retries,
        "retry_delay": retry.delay.told(retry.retries),
    });
    if let Some(jitter) = retry.jitter {
        policy["retry_jitter_factor"] = jitter.into();
    }
    policy
}

fn told_inputs(inputs: &Inputs) -> Value {
    let told = inputs.iter().map(|(name, runs)| {
        let runs = runs
            .iter()
            .map(|id| json!({"input_type": "task_run", "id": id}));
        (name.clone(), runs.collect())
    });
    Value::Object(told.collect())
}

/// The first state of a run that a worker executes.
pub(super) fn deferred_state() -> StateCreate {
    states::pending().state_details(StateDetails::new().deferred(true))
}

/// The policy of retries as the server has it.
pub(crate) fn told_policy(task: &TaskFacts<'_>) -> Value {
    policy(task.retry)
}

/// The first state of a run.
pub(super) fn first_state() -> StateCreate {
    states::pending()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(retry: &RetryPolicy) -> TaskRecord {
        let facts = TaskFacts {
            name: "load",
            key: "load-1",
            version: None,
            retry,
            tags: vec!["a".to_owned(), "b".to_owned()],
        };
        let Value::Object(parameters) = json!({"x": 1}) else {
            panic!("an object")
        };
        let mut inputs: Inputs = parameters
            .keys()
            .map(|name| (name.clone(), Vec::new()))
            .collect();
        inputs.insert("__parents__".to_owned(), vec![Uuid::nil()]);
        TaskRecord::new(facts, Uuid::now_v7(), &inputs, Utc::now())
    }

    fn entered(
        run: &mut TaskRecord,
        state: StateCreate,
        related: &[RelatedResource],
        now: DateTime<Utc>,
    ) -> Event {
        let written = run.enter(state, related, now).unwrap();
        written.event().unwrap()
    }

    #[test]
    fn events_follow_each_other_and_count_what_runs() {
        let mut run = record(&RetryPolicy::default());
        let now = Utc::now();
        let pending = entered(&mut run, first_state(), &[], now);
        run.begin(2, now);
        // The clock stands still, or goes back.
        let running = entered(&mut run, states::running(), &[], now);
        let earlier = now - TimeDelta::seconds(1);
        let retrying = entered(&mut run, states::retrying(), &[], earlier);
        let later = now + TimeDelta::seconds(2);
        let completed = entered(&mut run, states::completed(), &[], later);
        assert!(pending.occurred < running.occurred && running.occurred < retrying.occurred);
        let follows = [&pending, &running, &retrying, &completed].map(|event| event.follows);
        assert_eq!(
            follows,
            [None, Some(pending.id), Some(running.id), Some(retrying.id)]
        );
        let told = &completed.payload.unwrap()["task_run"];
        assert_eq!(told["run_count"], 2);
        assert_eq!(told["flow_run_run_count"], 2);
        assert!((told["total_run_time"].as_f64().unwrap() - 2.0).abs() < 1e-4);
        assert!(told["end_time"].is_string() && told["start_time"].is_string());
    }

    #[test]
    fn the_first_event_is_python_s() {
        let policy = RetryPolicy {
            retries: 1,
            delay: RetryPolicy::default().delay,
            jitter: Some(0.5),
        };
        let mut run = record(&policy);
        let event = entered(&mut run, first_state(), &[], Utc::now());
        let payload = event.payload.unwrap();
        assert_eq!(payload["intended"], json!({"from": null, "to": "PENDING"}));
        assert_eq!(payload["initial_state"], Value::Null);
        let expected = json!({
            "type": "PENDING", "name": "Pending", "message": "", "state_details": {}, "data": null,
        });
        assert_eq!(payload["validated_state"], expected);
        let inputs =
            json!({"x": [], "__parents__": [{"input_type": "task_run", "id": Uuid::nil()}]});
        assert_eq!(payload["task_run"]["task_inputs"], inputs);
        assert_eq!(
            payload["task_run"]["empirical_policy"]["retry_jitter_factor"],
            0.5
        );
        assert_eq!(event.resource["prefect.state-message"], "");
        let related = event.related.unwrap();
        assert_eq!(related[1]["prefect.resource.id"], "prefect.tag.b");
        assert_eq!(event.id.get_version_num(), 7);
    }
}
