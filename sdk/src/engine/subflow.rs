//! The run of a flow within another: a task run of the outer one stands for it, whose states the server sets.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{
    FlowRunFilter, FlowRunFilterParentTaskRunId, FlowRunResponse, FlowRunSort, StateType,
    TaskInput, TaskRunCreate, TaskRunPolicy, TaskRunPolicyRetryDelay, TaskRunResult,
};
use prefect_client::requests::ReadFlowRuns;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::engine;
#[dual(engine)]
use super::unbegun::AsyncUnbegun;
#[dual(engine)]
use super::{AsyncFlowFacts, AsyncWithin};
use crate::flow_runs::is_last;
use crate::flows::RunFlowOptions;
use crate::results::{ResultRecord, ResultRecordMetadata, ResultSettings};
use crate::states::StateResultOptions;
#[dual(engine)]
use crate::states::reading::aread_record;
use crate::{Error, states};

/// How often each flow was called in an attempt of a flow run, by its key: so the next attempt finds the same task runs.
#[derive(Default)]
pub(crate) struct Subflows(Mutex<BTreeMap<String, u64>>);

impl Subflows {
    fn next(&self, key: &str) -> u64 {
        let mut called = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = called.entry(key.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

/// What is said of a flow in the task run that stands for its run.
struct Tracked<'a> {
    name: &'a str,
    key: &'a str,
    version: Option<&'a str>,
    parameters: &'a Map<String, Value>,
}

/// A run that is there already, and what it gave, if it does not run again.
pub(super) struct TakenUp {
    pub(super) run: FlowRunResponse,
    pub(super) had: Option<ResultRecord>,
}

/// Makes the task run that stands for a subflow's run, or finds it again; and finds the run that is taken up, if there is one. In the
/// background there may be no flow run that it is a part of.
#[dual(engine)]
pub(super) async fn aof_subflow(
    within: &AsyncWithin,
    of: &AsyncFlowFacts<'_>,
    parameters: &Map<String, Value>,
    how: &RunFlowOptions,
    unbegun: &mut AsyncUnbegun<'_>,
) -> Result<Option<TakenUp>, Error> {
    let scope = &within.scope;
    if scope.flow_run().is_none() {
        return Ok(None);
    }
    let dynamic_key = match within.parent {
        None => scope.subflows.next(of.key).to_string(),
        // Another attempt of the task runs it anew.
        Some(_) => Uuid::new_v4().to_string(),
    };
    let tracked = Tracked {
        name: of.name,
        key: of.key,
        version: of.options.version.as_deref(),
        parameters,
    };
    let mut run = task_run(&tracked, &dynamic_key, within.parent);
    run = run.flow_run_id(scope.id).tags(how.tags.clone());
    let task_run = unbegun.make_task_run(run).await?;
    let of_run = FlowRunFilterParentTaskRunId::new().any([task_run]);
    let filter = ReadFlowRuns::new()
        .flow_runs(FlowRunFilter::new().parent_task_run_id(of_run))
        .sort(FlowRunSort::ExpectedStartTimeDesc)
        .limit(1);
    let found = scope.client.read_flow_runs_with(&filter).await?;
    let Some(run) = found.into_iter().next() else {
        return Ok(None);
    };
    if goes_on(&run) {
        return Ok(Some(TakenUp { run, had: None }));
    }
    if !of.is_taken_up || !has_given(&run) {
        return Ok(None);
    }
    let had = ataken_up(&scope.client, &run, how.results.as_ref()).await;
    Ok(had.map(|had| TakenUp {
        run,
        had: Some(had),
    }))
}

/// One that failed is not taken up, as a new one has all its retries.
fn goes_on(run: &FlowRunResponse) -> bool {
    let state = run.state_type.as_ref();
    state.is_some_and(|state| !is_last(state))
}

/// Whether it has completed, and what it gave is kept.
fn has_given(run: &FlowRunResponse) -> bool {
    let state = run.state.as_ref();
    state.is_some_and(|state| {
        let data = state.data.as_ref();
        state.type_ == StateType::Completed && data.is_some_and(|data| !data.is_null())
    })
}

/// What a run that has ended gave. Where that can't be read, the flow runs again.
#[dual(engine)]
async fn ataken_up(
    client: &AsyncPrefectClient,
    run: &FlowRunResponse,
    settings: Option<&ResultSettings>,
) -> Option<ResultRecord> {
    let data = run.state.as_ref()?.data.as_ref()?;
    let mut options = StateResultOptions::new().retry(false);
    options.settings = settings.cloned();
    let read = match ResultRecordMetadata::of_state_data(data) {
        Ok(Some(metadata)) => aread_record(client, &metadata, &options).await,
        Ok(None) => return None,
        Err(error) => Err(error),
    };
    match read {
        Ok(record) => Some(record),
        Err(error) => {
            tracing::warn!(flow_run = %run.id, "what the flow run gave can't be read, so that it runs again: {error}");
            None
        }
    }
}

fn task_run(flow: &Tracked<'_>, dynamic_key: &str, parent: Option<Uuid>) -> TaskRunCreate {
    let names = flow.parameters.keys().cloned();
    let mut inputs: BTreeMap<String, Vec<TaskInput>> =
        names.map(|name| (name, Vec::new())).collect();
    if let Some(parent) = parent {
        let parent = TaskInput::from(TaskRunResult::new(parent));
        inputs.insert("__parents__".to_owned(), vec![parent]);
    }
    let policy = TaskRunPolicy::new()
        .max_retries(0)
        .retry_delay_seconds(0.0)
        .retries(0)
        .retry_delay(TaskRunPolicyRetryDelay::Integer(0));
    let mut run = TaskRunCreate::new(flow.key, dynamic_key)
        .name(format!("{}-{dynamic_key}", flow.name))
        .state(states::pending())
        .task_inputs(inputs)
        .empirical_policy(policy);
    run.task_version = flow.version.map(str::to_owned);
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_counted_by_its_key_and_one_that_ended_does_not_go_on() {
        let subflows = Subflows::default();
        let counts = ["a", "b", "a"].map(|key| subflows.next(key));
        assert_eq!(counts, [0, 0, 1]);
        let of = |state: &str| {
            let mut run = FlowRunResponse::new(Uuid::nil(), Uuid::nil());
            run.state_type = Some(state.into());
            goes_on(&run)
        };
        assert!(of("RUNNING") && of("PENDING") && of("SCHEDULED") && of("PAUSED"));
        assert!(!of("COMPLETED") && !of("FAILED") && !of("CRASHED") && !of("CANCELLED"));
    }
}
