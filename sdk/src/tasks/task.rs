//! A task: a name and a function.

mod caching;
mod hooks;
#[cfg(all(feature = "async", feature = "blocking"))]
mod to_async;

use std::collections::BTreeSet;
use std::fmt::{self, Debug, Display};
use std::panic::Location;
use std::sync::Arc;

use diptych_macros::dual;
use prefect_client::models::State;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Argument, CallTaskOptions, Each, TaskOptions};
#[dual(engine)]
use super::{AsyncTaskFuture, AsyncTaskRun};
use crate::Error;
#[dual(engine)]
use crate::engine::{
    AsyncBody, AsyncCaller, AsyncEnclosingRun, AsyncHooks, AsyncTaskRunEntered, acall_task,
    asubmit_task,
};
use crate::engine::{Caching, Order, RunFailed, StateShown, TaskFacts, engine, only_value};
use crate::hex::hex;
#[dual(engine)]
use crate::transactions::AsyncTransaction;

type Condition<E> = Arc<dyn Fn(&RunFailed<E>) -> bool + Send + Sync>;
type StandIn<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// A task: a name, and a function of the run and of its parameters (`P`) that gives a value (`T`) or an error (`E`), which is
/// whatever can be displayed. Clones are the same task.
///
/// ```async
/// # use prefect_sdk::{flows::AsyncFlowRun, tasks::{AsyncTask, AsyncTaskRun, TaskOptions}};
/// # async fn flow(run: AsyncFlowRun) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let parse = AsyncTask::new("parse", |_: AsyncTaskRun, text: String| async move { text.parse::<u64>() })
///     .with_options(TaskOptions::new().tags(["text"]));
/// let number = parse.call(&run, "42".to_owned()).await?;
/// # Ok(()) }
/// ```
///
/// ```blocking
/// # use prefect_sdk::{flows::FlowRun, tasks::{Task, TaskRun, TaskOptions}};
/// # fn flow(run: FlowRun) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let parse = Task::new("parse", |_: TaskRun, text: String| text.parse::<u64>())
///     .with_options(TaskOptions::new().tags(["text"]));
/// let number = parse.call(&run, "42".to_owned())?;
/// # Ok(()) }
/// ```
#[dual(engine)]
pub struct AsyncTask<P, T, E> {
    name: Arc<str>,
    key: Arc<str>,
    options: Arc<TaskOptions>,
    condition: Option<Condition<E>>,
    hooks: AsyncHooks<AsyncTaskRunEntered>,
    transaction_hooks: AsyncHooks<AsyncTransaction>,
    caching: Option<Caching<T>>,
    stand_in: Option<StandIn<T>>,
    body: AsyncBody<AsyncTaskRun, P, T, E>,
}

#[dual(engine)]
impl<P, T, E> AsyncTask<P, T, E>
where
    P: Serialize + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    /// A task of that name, with nothing optional.
    #[must_use]
    #[track_caller]
    pub fn new<F, Fut>(name: impl Into<String>, function: F) -> Self
    where
        F: Fn(AsyncTaskRun, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let name = name.into();
        Self {
            key: key::<F>(&name, Location::caller()).into(),
            name: name.into(),
            options: Arc::default(),
            condition: None,
            hooks: AsyncHooks::default(),
            transaction_hooks: AsyncHooks::default(),
            caching: None,
            stand_in: None,
            body: AsyncBody::new(function),
        }
    }

    /// The same task, with these options in the place of those that it has.
    #[must_use]
    pub fn with_options(mut self, options: TaskOptions) -> Self {
        self.options = Arc::new(options);
        self
    }

    /// Sets what says whether a run that failed is worth a retry; each is unless set.
    #[must_use]
    pub fn retry_condition(
        mut self,
        is_worth_it: impl Fn(&RunFailed<E>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.condition = Some(Arc::new(is_worth_it));
        self
    }

    /// Runs the task now, and gives what its function gives. Called with a run, it runs within that; with a client, outside of flows,
    /// in a task run of its own. What other task runs will give is waited for.
    ///
    /// # Errors
    ///
    /// The function gave an error, panicked or took too long ([`RunFailed`] says which), and has no retries left; a run that
    /// it depends on did not complete; or the engine can't go on.
    pub async fn call(
        &self,
        caller: &impl AsyncCaller,
        parameters: impl Into<Argument<P>> + Send,
    ) -> Result<T, RunFailed<E>> {
        let options = CallTaskOptions::new();
        self.call_with(caller, parameters, &options).await
    }

    /// As [`call`](Self::call), with what is optional about the run.
    ///
    /// # Errors
    ///
    /// As those of [`call`](Self::call).
    pub async fn call_with(
        &self,
        caller: &impl AsyncCaller,
        parameters: impl Into<Argument<P>> + Send,
        options: &CallTaskOptions,
    ) -> Result<T, RunFailed<E>> {
        let (called_by, shown) = (caller.called_by(), StateShown::default());
        let order = Order::new(Uuid::now_v7(), parameters.into(), options, shown);
        acall_task(self, called_by, order, options.results.as_ref()).await
    }

    /// Runs the task as [`call`](Self::call) does, and gives the state that its run ends in, also where that is a failure.
    pub async fn return_state(
        &self,
        caller: &impl AsyncCaller,
        parameters: impl Into<Argument<P>> + Send,
    ) -> State {
        let options = CallTaskOptions::new();
        self.return_state_with(caller, parameters, &options).await
    }

    /// As [`return_state`](Self::return_state), with what is optional about the run.
    pub async fn return_state_with(
        &self,
        caller: &impl AsyncCaller,
        parameters: impl Into<Argument<P>> + Send,
        options: &CallTaskOptions,
    ) -> State {
        let (called_by, shown) = (caller.called_by(), StateShown::default());
        let id = Uuid::now_v7();
        let order = Order::new(id, parameters.into(), options, shown.clone());
        let results = options.results.as_ref();
        if let Err(failed) = acall_task(self, called_by, order, results).await {
            shown.end(&failed);
        }
        shown.get(id)
    }

    /// Submits the task, to run beside the caller within that run, and gives a future of it. It begins when all that it
    /// depends on has ended, and one of the [places](field@crate::flows::FlowOptions::max_workers) of the flow run is free.
    ///
    /// ```async
    /// # use prefect_sdk::{flows::AsyncFlowRun, tasks::AsyncTask};
    /// # async fn flow(
    /// #     run: AsyncFlowRun, load: AsyncTask<String, Vec<u64>, String>, sum: AsyncTask<Vec<u64>, u64, String>,
    /// # ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let numbers = load.submit(&run, "numbers.csv".to_owned());
    /// let others = load.submit(&run, "others.csv".to_owned());
    /// let sum = sum.submit(&run, &numbers);
    /// println!("{} {:?}", sum.await?, others.await?);
    /// # Ok(()) }
    /// ```
    ///
    /// ```blocking
    /// # use prefect_sdk::{flows::FlowRun, tasks::Task};
    /// # fn flow(
    /// #     run: FlowRun, load: Task<String, Vec<u64>, String>, sum: Task<Vec<u64>, u64, String>,
    /// # ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let numbers = load.submit(&run, "numbers.csv".to_owned());
    /// let others = load.submit(&run, "others.csv".to_owned());
    /// let sum = sum.submit(&run, &numbers);
    /// println!("{} {:?}", sum.result()?, others.result()?);
    /// # Ok(()) }
    /// ```
    ///
    /// A run that is over when this is called begins nothing, and neither does one that fails before: the future says so.
    pub fn submit(
        &self,
        run: &impl AsyncEnclosingRun,
        parameters: impl Into<Argument<P>>,
    ) -> AsyncTaskFuture<T, E> {
        self.submit_with(run, parameters, &CallTaskOptions::new())
    }

    /// As [`submit`](Self::submit), with what is optional about the run.
    pub fn submit_with(
        &self,
        run: &impl AsyncEnclosingRun,
        parameters: impl Into<Argument<P>>,
        options: &CallTaskOptions,
    ) -> AsyncTaskFuture<T, E> {
        asubmit_task(self, run.within(), parameters.into(), options)
    }

    /// Submits the task once for each, and gives the futures in that order: `map(&run, 0..10)`, or with more than one
    /// parameter an [`Each`].
    ///
    /// # Errors
    ///
    /// Nothing says how many runs there are, or iterables of different lengths do ([`Error::is_invalid`](crate::Error::is_invalid)).
    pub fn map(
        &self,
        run: &impl AsyncEnclosingRun,
        parameters: impl Into<Each<P>>,
    ) -> Result<Vec<AsyncTaskFuture<T, E>>, Error> {
        self.map_with(run, parameters, &CallTaskOptions::new())
    }

    /// As [`map`](Self::map), with what is optional about the runs.
    ///
    /// # Errors
    ///
    /// As those of [`map`](Self::map).
    pub fn map_with(
        &self,
        run: &impl AsyncEnclosingRun,
        parameters: impl Into<Each<P>>,
        options: &CallTaskOptions,
    ) -> Result<Vec<AsyncTaskFuture<T, E>>, Error> {
        let arguments = parameters.into().arguments()?.into_iter();
        let submit = |argument| asubmit_task(self, run.within(), argument, options);
        Ok(arguments.map(submit).collect())
    }
}

#[dual(engine)]
impl<P, T, E> AsyncTask<P, T, E> {
    /// The name of the task.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the server tells it from others by: its name and where it is made, unless [set](Self::with_key).
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The same task, with this key. Who submits a run to [the background](crate::task_worker) and who executes it must mean the
    /// same key, whichever programs and languages they are: one that is set stays the same when code moves.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into().into();
        self
    }

    pub(crate) fn options(&self) -> &TaskOptions {
        &self.options
    }

    pub(crate) fn hooks(&self) -> &AsyncHooks<AsyncTaskRunEntered> {
        &self.hooks
    }

    pub(crate) fn transaction_hooks(&self) -> &AsyncHooks<AsyncTransaction> {
        &self.transaction_hooks
    }

    pub(crate) fn body(&self) -> &AsyncBody<AsyncTaskRun, P, T, E> {
        &self.body
    }

    pub(crate) fn is_worth_a_retry(&self, failed: &RunFailed<E>) -> bool {
        self.condition
            .as_ref()
            .is_none_or(|is_worth_it| is_worth_it(failed))
    }

    /// What it says of a run in a flow run of these tags.
    pub(crate) fn facts(&self, tags: &[String]) -> TaskFacts<'_> {
        let tags: BTreeSet<&String> = tags.iter().chain(&self.options.tags).collect();
        TaskFacts {
            name: &self.name,
            key: &self.key,
            version: self.options.version.as_deref(),
            retry: &self.options.retry,
            tags: tags.into_iter().cloned().collect(),
        }
    }
}

#[dual(engine)]
impl<P, T: Clone + Send + Sync + 'static, E> AsyncTask<P, T, E> {
    /// Sets what stands in for its value where a flow that needs it is [drawn](crate::flows::AsyncFlow::visualize), which runs no task.
    #[must_use]
    pub fn viz_return_value(mut self, value: T) -> Self {
        self.stand_in = Some(Arc::new(move || value.clone()));
        self
    }
}

#[dual(engine)]
impl<P, T: 'static, E> AsyncTask<P, T, E> {
    /// What stands in for its value.
    pub(crate) fn stand_in(&self) -> Option<T> {
        let set = self.stand_in.as_ref().map(|stand_in| stand_in());
        set.or_else(only_value)
    }
}

#[dual(engine)]
impl<P, T, E> Clone for AsyncTask<P, T, E> {
    fn clone(&self) -> Self {
        Self {
            name: Arc::clone(&self.name),
            key: Arc::clone(&self.key),
            options: Arc::clone(&self.options),
            condition: self.condition.clone(),
            hooks: self.hooks.clone(),
            transaction_hooks: self.transaction_hooks.clone(),
            caching: self.caching.clone(),
            stand_in: self.stand_in.clone(),
            body: self.body.clone(),
        }
    }
}

#[dual(engine)]
impl<P, T, E> Debug for AsyncTask<P, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("name", &self.name)
            .field("options", &self.options)
            .field(
                "result_storage_key",
                &self.caching.as_ref().and_then(Caching::storage_key),
            )
            .finish_non_exhaustive()
    }
}

/// What tells a task from others of its name: where it is made, which is the same for all runs of a program.
fn key<F>(name: &str, place: &Location<'_>) -> String {
    let function = std::any::type_name::<F>();
    let digest = Sha256::digest(format!("{function} {}:{}", place.line(), place.column()));
    format!("{name}-{}", hex(&digest[..4]))
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_one_name_have_keys_of_their_own() {
        let one = Task::new("load", |_: super::super::TaskRun, (): ()| {
            Ok::<_, String>(1)
        });
        let two = Task::new("load", |_: super::super::TaskRun, (): ()| {
            Ok::<_, String>(2)
        });
        assert_ne!(one.key, two.key);
        assert_eq!(one.key, one.clone().with_options(TaskOptions::new()).key);
        assert!(one.key.starts_with("load-") && one.key.len() == "load-".len() + 8);
    }

    #[test]
    fn tags_are_those_of_both_and_each_once() {
        let task = Task::new("load", |_: super::super::TaskRun, (): ()| {
            Ok::<_, String>(1)
        });
        let task = task.with_options(TaskOptions::new().tags(["b", "a"]));
        assert_eq!(
            task.facts(&["c".to_owned(), "a".to_owned()]).tags,
            ["a", "b", "c"]
        );
    }
}
