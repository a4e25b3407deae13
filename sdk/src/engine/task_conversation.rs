//! What is told of one task run, by events alone, and what is known of it.

use std::fmt::{Debug, Display};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use diptych_macros::dual;
use prefect_client::models::{StateCreate, StateType};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tracing::Span;
use tracing::level_filters::LevelFilter;
use uuid::Uuid;

#[dual(engine)]
use super::AsyncWithin;
#[dual(engine)]
use super::hooks::{AsyncHooks, AsyncTaskRunEntered};
#[dual(engine)]
use super::results::{akept, akept_error};
use super::retry::{Retry, RetryPolicy};
#[dual(engine)]
use super::scope::asend;
use super::shown::StateShown;
#[dual(engine)]
use super::slots::atake_slots;
use super::task_record::TaskRecord;
#[dual(engine)]
use super::waiting::await_unless;
use super::{RunFailed, engine, last_state, remarks};
use crate::Error;
#[dual(engine)]
use crate::concurrency::AsyncSlots;
use crate::events::Written;
use crate::logs;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::{CreateRecordOptions, ResultRecord};
use crate::states::{self, RunError};
use crate::transactions::Leaves;
#[dual(engine)]
use crate::transactions::{AsyncOpen, AsyncTransaction};

/// What is told of one task run.
#[dual(engine)]
pub(super) struct AsyncTaskConversation<'a> {
    pub(super) within: &'a AsyncWithin,
    pub(super) parameters: Map<String, Value>,
    /// The key of its result, if it has one that others find it by, and for how long.
    pub(super) key: Option<String>,
    pub(super) expires_after: Option<Duration>,
    /// The name of its task.
    task_name: &'a str,
    hooks: &'a AsyncHooks<AsyncTaskRunEntered>,
    log_level: Option<LevelFilter>,
    pub(super) record: TaskRecord,
    shown: StateShown,
    /// What is not given to the sender yet.
    unsent: Option<Written>,
    is_over: bool,
}

#[dual(engine)]
impl<'a> AsyncTaskConversation<'a> {
    /// Tells of a run that is pending.
    #[dual(name = begin)]
    pub(super) async fn abegin(
        within: &'a AsyncWithin,
        record: TaskRecord,
        (first, shown): (StateCreate, StateShown),
        (task_name, hooks, log_level): (
            &'a str,
            &'a AsyncHooks<AsyncTaskRunEntered>,
            Option<LevelFilter>,
        ),
    ) -> Result<Self, Error> {
        let mut run = Self {
            within,
            parameters: Map::new(),
            key: None,
            expires_after: None,
            task_name,
            hooks,
            log_level,
            record,
            shown,
            unsent: None,
            is_over: false,
        };
        run.enter(first).await?;
        Ok(run)
    }

    async fn enter(&mut self, state: StateCreate) -> Result<(), Error> {
        self.tell(state).await?;
        self.call_hooks().await;
        Ok(())
    }

    async fn tell(&mut self, state: StateCreate) -> Result<(), Error> {
        let scope = &self.within.scope;
        // Whoever drops this while it waits for room sends it before the state that follows.
        let written = self.record.enter(state, &scope.related, Utc::now());
        let sent = match written {
            Ok(written) => {
                self.unsent = Some(written);
                asend(&scope.sender, &mut self.unsent).await
            }
            Err(error) => Err(error),
        };
        self.unsent = None;
        self.show();
        sent
    }

    /// Calls the hooks of the state that it has entered.
    async fn call_hooks(&self) {
        if self.hooks.is_empty() {
            return;
        }
        let scope = &self.within.scope;
        let state = self.shown.get(self.record.id);
        if !self.hooks.has(&state.type_) {
            return;
        }
        let entered = AsyncTaskRunEntered {
            client: scope.client.clone(),
            id: self.record.id,
            name: self.record.name.clone(),
            run_count: self.record.run_count,
            flow_run_id: scope.id,
            state,
            span: self.span(),
        };
        self.hooks.entered(entered).await;
    }

    /// What is said in it stands in the logs of the run.
    fn span(&self) -> Span {
        logs::span_of_task_run(self.within.scope.logs, self.record.id, self.log_level)
    }

    fn show(&self) {
        if let Some(state) = self.record.state() {
            self.shown.set(state.clone(), self.within.scope.flow_run());
        }
    }

    /// It enters its last state.
    pub(super) async fn finish(&mut self, state: StateCreate) -> Result<(), Error> {
        self.tell_last(state).await?;
        self.finished().await;
        Ok(())
    }

    /// It has entered its last state: calls the hooks of that, and says so.
    pub(super) async fn finished(&self) {
        self.call_hooks().await;
        if let Some(entered) = self.record.state() {
            remarks::task_run_finished(&self.span(), &entered.state);
        }
    }

    /// It enters its last state, whose hooks are still to be called.
    pub(super) async fn tell_last(&mut self, state: StateCreate) -> Result<(), Error> {
        self.tell(state).await?;
        // Whoever drops this while hooks are called takes nothing of that back.
        self.is_over = true;
        Ok(())
    }

    /// It can't go on, and says why.
    pub(super) async fn crash(&mut self, why: Error) -> Error {
        let crashed = last_state::crashed(&why);
        remarks::task_run_crashed(&self.span(), &crashed);
        match self.finish(crashed).await {
            Ok(()) => why,
            Err(error) => error,
        }
    }

    /// Whether it runs once more; then it does when this is over.
    pub(super) async fn tries_once_more(
        &mut self,
        policy: &RetryPolicy,
        retried: u32,
        is_worth_it: bool,
        fault: Option<&str>,
    ) -> Result<bool, Error> {
        let scope = &self.within.scope;
        if scope.suspension.is_told() {
            return Ok(false);
        }
        let next = policy.after_failure(retried, is_worth_it, Utc::now(), fastrand::f64);
        if let Some(fault) = fault {
            remarks::task_run_failed(&self.span(), fault, &next, retried, policy.retries);
        }
        match next {
            Retry::Now(state) => self.enter(state).await?,
            Retry::After(delay, state) => {
                self.enter(state).await?;
                let scope = &self.within.scope;
                await_unless(scope.of_attempt(), &scope.client, delay).await;
                if scope.of_attempt().is_requested() || scope.suspension.is_told() {
                    return Ok(false);
                }
                self.enter(states::retrying()).await?;
            }
            Retry::Never => return Ok(false),
        }
        Ok(true)
    }

    /// It enters its last state, after its function ended so. Where that went well, the hooks of that are called once its transaction
    /// is left.
    pub(super) async fn ended<T: Serialize + Send + Sync + 'static, E: Display + Debug + Send>(
        &mut self,
        store: Option<&AsyncResultStore>,
        open: &mut AsyncOpen,
        ended: Result<T, RunFailed<E>>,
        hooks: &AsyncHooks<AsyncTransaction>,
    ) -> Result<T, RunFailed<E>> {
        let waits = !hooks.is_empty() || open.transaction().is_shared();
        let failed = match self.keep(store, ended, waits).await {
            Ok((value, state, staged)) => {
                self.tell_last(state).await?;
                if waits {
                    let task = self.record.clone();
                    open.transaction().stage_task(staged, task, hooks);
                }
                return Ok(value);
            }
            Err(failed) => failed,
        };
        // As Python's, what is undone is undone before the run fails.
        open.aleave(Leaves::Badly).await;
        let late = match failed {
            RunFailed::TimedOut(timeout) => Some(timeout),
            _ => None,
        };
        self.fail(store, late, &failed.run_error()).await?;
        Err(failed)
    }

    /// It is pending until there are slots. Where none can be had, it ends; where its flow run is suspended meanwhile, it stays as it is.
    pub(super) async fn wait_for_slots<E>(&mut self) -> Result<Option<AsyncSlots>, RunFailed<E>> {
        match atake_slots(self.within, &self.record).await {
            Err(RunFailed::Engine(error)) => Err(self.crash(error).await.into()),
            Err(RunFailed::Ended(state)) => {
                self.is_over = true;
                Err(RunFailed::Ended(state))
            }
            had => had,
        }
    }

    /// It runs, by its own name from here on, if it has one.
    pub(super) async fn start(&mut self, name: Option<String>) -> Result<(), Error> {
        if let Some(name) = name {
            self.record.name = name;
        }
        self.record.begin(self.within.scope.run_count, Utc::now());
        self.enter(states::running()).await
    }

    /// Keeps what its function gave, if it is to be, and gives the state of that; and the record, where that waits for a transaction.
    async fn keep<T: Serialize + Send + Sync + 'static, E: Send>(
        &self,
        store: Option<&AsyncResultStore>,
        ended: Result<T, RunFailed<E>>,
        waits: bool,
    ) -> Result<(T, StateCreate, Option<ResultRecord>), RunFailed<E>> {
        let value = ended?;
        let mut options = CreateRecordOptions::new();
        // What went wrong is nobody else's result, and not where one is looked for.
        if last_state::of_value(&value, None).type_ == StateType::Completed {
            options.key.clone_from(&self.key);
        } else {
            options.key = Some(Uuid::new_v4().simple().to_string());
        }
        if options.key.is_none() && store.is_some_and(AsyncResultStore::has_key_format) {
            options = options.key_values(self.key_values());
        }
        let lasts = self.expires_after.map(TimeDelta::from_std);
        options.expiration = lasts.and_then(|lasts| Utc::now().checked_add_signed(lasts.ok()?));
        let (data, staged) = match store {
            Some(store) if waits => {
                let record = store.create_record_with(&value, &options).await?;
                (Some(record.metadata().to_state_data()), Some(record))
            }
            _ => (akept(store, &value, &options).await?, None),
        };
        let mut state = last_state::of_value(&value, data);
        // Only flows follow their values.
        if self.within.scope.flow_run().is_none()
            && let Some(details) = &mut state.state_details
        {
            details.untrackable_result = None;
        }
        Ok((value, state, staged))
    }

    pub(super) async fn fail(
        &mut self,
        store: Option<&AsyncResultStore>,
        late: Option<Duration>,
        error: &RunError,
    ) -> Result<(), Error> {
        let state = if let Some(timeout) = late {
            last_state::timed_out("Task", timeout)
        } else {
            let data = akept_error(store, error).await;
            last_state::failed(error.task_message(), data)
        };
        self.finish(state).await
    }

    /// What the format string of a task's keys is filled in with, by the names of `prefect.runtime`.
    pub(super) fn key_values(&self) -> Value {
        let scope = &self.within.scope;
        let mut task_run = self.record.key_values();
        task_run["task_name"] = self.task_name.into();
        task_run["parameters"] = self.parameters.clone().into();
        json!({
            "flow_run": {
                "id": scope.id, "name": scope.name, "flow_name": scope.flow_name, "tags": scope.tags,
                "parameters": scope.parameters, "run_count": scope.run_count,
            },
            "task_run": task_run,
            "parameters": self.parameters,
        })
    }
}

/// Whatever ends the conversation before the run has ended, such as a future that is dropped, ends the run.
#[dual(engine)]
impl Drop for AsyncTaskConversation<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let scope = &self.within.scope;
        let last = self
            .record
            .enter(last_state::left(), &scope.related, Utc::now());
        self.show();
        let mut events = self.unsent.take().map(Ok).into_iter().chain([last]);
        let sent = events.try_for_each(|event| scope.sender.send_in_any_case(event?));
        if let Err(error) = sent {
            tracing::error!(task_run = %self.record.id, "the task run has no last state: {error}");
        }
    }
}
