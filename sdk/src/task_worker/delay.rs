//! Submits runs of tasks to the background.

use std::collections::BTreeMap;

use chrono::Utc;
use diptych_macros::dual;
#[dual(task_workers)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{
    StateDetails, TaskInput, TaskRunCreate, TaskRunPolicy, TaskRunResult,
};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

#[dual(task_workers)]
use super::AsyncDistributedFuture;
use super::parameters::Kept;
#[dual(task_workers)]
use super::parameters::aparameter_store;
use super::task_workers;
use super::upstream::WAIT_FOR;
use crate::engine::{TaskFacts, TaskRecord, to_parameters, told_policy};
#[dual(task_workers)]
use crate::events::atell;
#[dual(task_workers)]
use crate::flow_runs::acreate_surely;
use crate::results::ResultSettings;
#[dual(task_workers)]
use crate::tasks::AsyncTask;
use crate::{Error, RunContext, states};

/// What is optional about a run in the background.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DelayOptions {
    /// Tags of the run, beside those of the task.
    pub tags: Vec<String>,
    /// Where parameters and the result are kept; as the environment says unless set ([`ResultSettings::from_env`]).
    pub results: Option<ResultSettings>,
    /// The run that submits it, if it is to be part of that; of none unless set.
    pub run: Option<RunContext>,
    /// The ids of task runs that must have completed before it begins, wherever they run. Where one does not complete, it fails.
    pub wait_for: Vec<Uuid>,
}

impl DelayOptions {
    /// Nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the tags of the run, beside those of the task.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets where parameters and the result are kept.
    #[must_use]
    pub fn results(mut self, settings: ResultSettings) -> Self {
        self.results = Some(settings);
        self
    }

    /// Sets the run that submits it, and that it is to be part of.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.run = Some(run.clone());
        self
    }

    /// Sets the task runs that must have completed before it begins, by their ids.
    ///
    /// ```
    /// # use prefect_sdk::task_worker::DelayOptions;
    /// # let fetched = uuid::Uuid::nil();
    /// // Such as that of `fetch().delay(&client, &url)?.id()`.
    /// let after = DelayOptions::new().wait_for([fetched]);
    /// ```
    #[must_use]
    pub fn wait_for(mut self, runs: impl IntoIterator<Item = Uuid>) -> Self {
        self.wait_for = runs.into_iter().collect();
        self
    }

    pub(super) fn settings(&self) -> Result<ResultSettings, Error> {
        self.results
            .clone()
            .map_or_else(ResultSettings::from_env, Ok)
    }
}

#[dual(task_workers)]
impl<P: Serialize + Sync, T: Send + Sync, E: Send> AsyncTask<P, T, E> {
    /// Submits a run to the background, for a [worker](crate::task_worker) that serves the task, and gives a future of it. This
    /// is Python's `delay` and `apply_async`.
    ///
    /// The server has so many runs of one task wait for workers: a thousand, unless its setting
    /// `PREFECT_SERVER_TASKS_SCHEDULING_MAX_SCHEDULED_QUEUE_SIZE` says otherwise. Where there are more, it answers when a worker takes one.
    ///
    /// # Errors
    ///
    /// The parameters have no JSON ([`Error::is_invalid`]), or can't be kept; the environment says what can't be read; or a call
    /// failed. Where it is not known whether the server has the run, it may be executed.
    pub async fn delay(
        &self,
        client: &AsyncPrefectClient,
        parameters: &P,
    ) -> Result<AsyncDistributedFuture<T>, Error> {
        self.delay_with(client, parameters, &DelayOptions::new())
            .await
    }

    /// As [`delay`](Self::delay), with what is optional about the run.
    ///
    /// # Errors
    ///
    /// As those of [`delay`](Self::delay).
    pub async fn delay_with(
        &self,
        client: &AsyncPrefectClient,
        parameters: &P,
        options: &DelayOptions,
    ) -> Result<AsyncDistributedFuture<T>, Error> {
        let (given, settings) = (to_parameters(parameters)?, options.settings()?);
        let mut kept = None;
        if !given.is_empty() {
            let (id, results) = (Uuid::new_v4(), &self.options().results);
            let store = aparameter_store(client, &settings, results).await?;
            let parameters = Kept { parameters: &given };
            store.store_parameters(id, &parameters).await?;
            kept = Some(id);
        }
        let facts = self.facts(&options.tags);
        let run = run_to_create(&facts, &given, kept, options)?;
        let run = acreate_surely(client, || client.create_task_run(&run)).await?;
        let event = TaskRecord::of_existing(&facts, &run, Utc::now())?.first_event(&[])?;
        atell(client, vec![event], options.run.as_ref()).await;
        Ok(AsyncDistributedFuture::new(client, run.id).settings(settings))
    }

    /// Submits a run to the background for each, and gives the futures in that order: Python's `map(…, deferred=True)`.
    ///
    /// # Errors
    ///
    /// As those of [`delay`](Self::delay); what was submitted before stays submitted.
    pub async fn delay_each(
        &self,
        client: &AsyncPrefectClient,
        parameters: &[P],
        options: &DelayOptions,
    ) -> Result<Vec<AsyncDistributedFuture<T>>, Error> {
        let mut futures = Vec::with_capacity(parameters.len());
        for parameters in parameters {
            futures.push(self.delay_with(client, parameters, options).await?);
        }
        Ok(futures)
    }
}

fn run_to_create(
    task: &TaskFacts<'_>,
    given: &Map<String, Value>,
    kept: Option<Uuid>,
    options: &DelayOptions,
) -> Result<TaskRunCreate, Error> {
    let mut details = StateDetails::new()
        .scheduled_time(Utc::now())
        .deferred(true);
    details.task_parameters_id = kept;
    let state = states::scheduled(Utc::now()).state_details(details);
    let policy: TaskRunPolicy = serde_json::from_value(told_policy(task))
        .map_err(|error| Error::invalid("the retries can't be told").because(error))?;
    let mut inputs: BTreeMap<String, Vec<TaskInput>> = given
        .keys()
        .map(|name| (name.clone(), Vec::new()))
        .collect();
    let run = options.run.clone().unwrap_or_default();
    if let Some(parent) = run.task_run_id {
        let parent = TaskInput::TaskRunResult(TaskRunResult::new(parent));
        inputs.insert("__parents__".to_owned(), vec![parent]);
    }
    if !options.wait_for.is_empty() {
        let runs = options.wait_for.iter();
        let runs = runs.map(|run| TaskInput::TaskRunResult(TaskRunResult::new(*run)));
        inputs.insert(WAIT_FOR.to_owned(), runs.collect());
    }
    let key = format!("{}-{}", task.key, Uuid::new_v4().simple());
    let mut create = TaskRunCreate::new(task.key, key)
        .name(task.name)
        .state(state)
        .empirical_policy(policy)
        .tags(task.tags.clone())
        .task_inputs(inputs);
    create.flow_run_id = run.flow_run_id;
    create.task_version = task.version.map(str::to_owned);
    Ok(create)
}
