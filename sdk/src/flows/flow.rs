//! A flow: a name and a function.

mod hooks;
#[cfg(all(feature = "async", feature = "blocking"))]
mod to_async;

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use diptych_macros::dual;
use prefect_client::models::State;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

#[dual(engine)]
use super::AsyncFlowRun;
use super::{FlowGraph, FlowOptions, RunFailed, RunFlowOptions, parameters_schema};
use crate::Error;
#[dual(engine)]
use crate::engine::{
    AsyncBody, AsyncCaller, AsyncFlowFacts, AsyncFlowRunEntered, AsyncHooks, adraw, aflow_state,
    arun_flow,
};
use crate::engine::{engine, to_parameters};
use crate::hex::hex;
use crate::results::ResultRecord;

/// A flow: a name, and a function of the run and of its parameters (`P`) that gives a value (`T`) or an error (`E`), which is
/// whatever can be displayed. Clones are the same flow.
///
/// Parameters travel as JSON: a struct by its fields' names, `()` as none. They are read again for each attempt, and by
/// whoever else runs the flow.
///
/// ```async
/// # use prefect_sdk::{client::AsyncPrefectClient, flows::{AsyncFlow, AsyncFlowRun}};
/// # async fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let client = AsyncPrefectClient::from_env()?;
/// let greet = AsyncFlow::new("greet", |_: AsyncFlowRun, name: String| async move {
///     Ok::<_, std::fmt::Error>(format!("Hello, {name}!"))
/// });
/// println!("{}", greet.call(&client, &"you".to_owned()).await?);
/// # Ok(()) }
/// ```
///
/// ```blocking
/// # use prefect_sdk::{client::PrefectClient, flows::{Flow, FlowRun}};
/// # fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let client = PrefectClient::from_env()?;
/// let greet = Flow::new("greet", |_: FlowRun, name: String| {
///     Ok::<_, std::fmt::Error>(format!("Hello, {name}!"))
/// });
/// println!("{}", greet.call(&client, &"you".to_owned())?);
/// # Ok(()) }
/// ```
#[dual(engine)]
pub struct AsyncFlow<P, T, E> {
    name: Arc<str>,
    key: Arc<str>,
    options: FlowOptions,
    schema: Option<fn() -> Map<String, Value>>,
    reads: Option<ReadResult<T>>,
    hooks: AsyncHooks<AsyncFlowRunEntered>,
    body: AsyncBody<AsyncFlowRun, P, T, E>,
}

#[dual(engine)]
impl<P, T, E> AsyncFlow<P, T, E>
where
    P: Serialize + DeserializeOwned + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    /// A flow of that name, with nothing optional.
    #[must_use]
    pub fn new<F, Fut>(name: impl Into<String>, function: F) -> Self
    where
        F: Fn(AsyncFlowRun, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let name = name.into();
        Self {
            key: key::<F>(&name).into(),
            name: name.into(),
            options: FlowOptions::new(),
            schema: None,
            reads: None,
            hooks: AsyncHooks::default(),
            body: AsyncBody::new(function),
        }
    }

    /// The same flow, with these options in the place of those that it has.
    #[must_use]
    pub fn with_options(mut self, options: FlowOptions) -> Self {
        self.options = options;
        self
    }

    /// Runs the flow now, in a run of its own, and gives what its function gives. Called with a client, that stands alone;
    /// called with a run, it is a subflow of that: it has its tags and its store of results, is cancelled with it, and stands
    /// among its task runs.
    ///
    /// ```async
    /// # use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, RunFailed};
    /// # async fn flow(run: AsyncFlowRun, load: AsyncFlow<String, u32, String>) -> Result<u32, RunFailed<String>> {
    /// let count = load.call(&run, &"monday".to_owned()).await?;
    /// # Ok(count) }
    /// ```
    ///
    /// ```blocking
    /// # use prefect_sdk::flows::{Flow, FlowRun, RunFailed};
    /// # fn flow(run: FlowRun, load: Flow<String, u32, String>) -> Result<u32, RunFailed<String>> {
    /// let count = load.call(&run, &"monday".to_owned())?;
    /// # Ok(count) }
    /// ```
    ///
    /// # Errors
    ///
    /// The function gave an error, panicked or took too long ([`RunFailed`] says which), and has no retries left; the server
    /// put the run into another state, such as by a cancellation; or a call failed.
    pub async fn call(&self, caller: &impl AsyncCaller, parameters: &P) -> Result<T, RunFailed<E>> {
        self.call_with(caller, parameters, &RunFlowOptions::new())
            .await
    }

    /// As [`call`](Self::call), with what is optional about the run.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, flows::{AsyncFlow, RunFlowOptions}, results::ResultSettings};
    /// # async fn run(flow: AsyncFlow<(), u32, String>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let options = RunFlowOptions::new().tags(["nightly"]).results(ResultSettings::from_env()?);
    /// flow.call_with(&client, &(), &options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As those of [`call`](Self::call).
    pub async fn call_with(
        &self,
        caller: &impl AsyncCaller,
        parameters: &P,
        options: &RunFlowOptions,
    ) -> Result<T, RunFailed<E>> {
        let parameters = to_parameters(parameters)?;
        arun_flow(self, caller.called_by(), parameters, options).await
    }

    /// Runs the flow as [`call`](Self::call) does, and gives the state that its run ends in, also where that is a failure.
    ///
    /// # Errors
    ///
    /// There is no run, or nothing says how it ended: a call failed, or the flow can't be run so.
    pub async fn return_state(
        &self,
        caller: &impl AsyncCaller,
        parameters: &P,
    ) -> Result<State, Error> {
        let options = RunFlowOptions::new();
        self.return_state_with(caller, parameters, &options).await
    }

    /// As [`return_state`](Self::return_state), with what is optional about the run.
    ///
    /// # Errors
    ///
    /// As those of [`return_state`](Self::return_state).
    pub async fn return_state_with(
        &self,
        caller: &impl AsyncCaller,
        parameters: &P,
        options: &RunFlowOptions,
    ) -> Result<State, Error> {
        let parameters = to_parameters(parameters)?;
        aflow_state(self, caller.called_by(), parameters, options).await
    }

    /// Draws what the flow calls with these parameters. Its function is called, but neither its tasks nor its subflows are run, and
    /// nothing is sent: the run's own client refuses to.
    ///
    /// What the function takes from a task ([`call`](crate::tasks::AsyncTask::call), the result of a future) is what the task
    /// [says stands in for it](crate::tasks::AsyncTask::viz_return_value); a value that nobody needs, and `()`, need none. What it
    /// takes from a subflow is what that one's function gives then. Edges are the futures that tasks are given or wait for.
    ///
    /// ```no_run
    /// # use prefect_sdk::flows::AsyncFlow;
    /// # async fn run(report: AsyncFlow<String, u32, String>) -> Result<(), Box<dyn std::error::Error>> {
    /// let graph = report.visualize(&"monday".to_owned()).await?;
    /// std::fs::write("report.dot", graph.to_dot())?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing stands in for a value that is needed, and the error names the task; the parameters don't fit; or the function gives an
    /// error, or panics ([`Error::is_invalid`]).
    #[dual(name = visualize)]
    pub async fn visualize(&self, parameters: &P) -> Result<FlowGraph, Error> {
        adraw(self, to_parameters(parameters)?).await
    }
}

#[dual(engine)]
impl<P: JsonSchema + DeserializeOwned, T, E> AsyncFlow<P, T, E> {
    /// The same flow, whose parameters are described as their type is: who fills them in is shown a form, and the server
    /// checks them.
    #[must_use]
    pub fn describe_parameters(mut self) -> Self {
        self.schema = Some(parameters_schema::described::<P>);
        self
    }
}

#[dual(engine)]
impl<P, T: DeserializeOwned, E> AsyncFlow<P, T, E> {
    /// The same flow, whose runs within another give what they gave before, where that one is tried again: one that has completed,
    /// and whose result is kept, does not run again. Otherwise each attempt runs it anew.
    ///
    /// ```
    /// # #[cfg(feature = "blocking")]
    /// # fn kept(load: prefect_sdk::flows::Flow<u32, String, String>) -> prefect_sdk::flows::Flow<u32, String, String> {
    /// use prefect_sdk::{flows::FlowOptions, results::FlowResultOptions};
    ///
    /// let options = FlowOptions::new().results(FlowResultOptions::new().persist(true));
    /// load.with_options(options).take_up_results()
    /// # }
    /// ```
    #[must_use]
    pub fn take_up_results(mut self) -> Self {
        self.reads = Some(ResultRecord::value);
        self
    }
}

#[dual(engine)]
impl<P, T, E> AsyncFlow<P, T, E> {
    /// The name of the flow.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The JSON schema of its parameters, as Python's flows have it: the `parameter_openapi_schema` of its deployments. One
    /// that nothing [describes](Self::describe_parameters) takes whatever there is.
    #[must_use]
    pub fn parameter_openapi_schema(&self) -> Value {
        let schema = self.described();
        Value::Object(schema.unwrap_or_else(parameters_schema::undescribed))
    }

    /// The schema of its parameters, if there is one.
    pub(super) fn described(&self) -> Option<Map<String, Value>> {
        self.schema.map(|schema| schema())
    }

    pub(crate) fn facts(&self) -> AsyncFlowFacts<'_> {
        AsyncFlowFacts {
            name: &self.name,
            key: &self.key,
            options: &self.options,
            is_taken_up: self.reads.is_some(),
            hooks: &self.hooks,
        }
    }

    pub(crate) fn reads(&self) -> Option<ReadResult<T>> {
        self.reads
    }

    pub(crate) fn options(&self) -> &FlowOptions {
        &self.options
    }

    pub(crate) fn body(&self) -> &AsyncBody<AsyncFlowRun, P, T, E> {
        &self.body
    }
}

#[dual(engine)]
impl<P, T, E> Clone for AsyncFlow<P, T, E> {
    fn clone(&self) -> Self {
        Self {
            name: Arc::clone(&self.name),
            key: Arc::clone(&self.key),
            options: self.options.clone(),
            schema: self.schema,
            reads: self.reads,
            hooks: self.hooks.clone(),
            body: self.body.clone(),
        }
    }
}

#[dual(engine)]
impl<P, T, E> Debug for AsyncFlow<P, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("name", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Reads what a run gave before.
pub(crate) type ReadResult<T> = fn(&ResultRecord) -> Result<T, Error>;

/// What tells a flow's runs from others in the run that calls it, which is the same for all runs of a program.
fn key<F>(name: &str) -> String {
    let digest = Sha256::digest(std::any::type_name::<F>());
    format!("{}-{}", name.replace('-', "_"), hex(&digest[..4]))
}

#[cfg(all(test, feature = "async"))]
mod tests {
    use super::*;
    use crate::engine::AsyncCaller;
    use crate::tasks::AsyncTask;
    use prefect_client::AsyncPrefectClient;

    /// That this compiles is the test: whoever writes a function of any flow, run or parameters can spawn it.
    #[expect(clippy::manual_async_fn, reason = "that the future is `Send` is said")]
    fn called<'a, R: AsyncCaller, P>(
        flow: &'a AsyncFlow<P, (), String>,
        task: &'a AsyncTask<P, (), String>,
        (client, run): (&'a AsyncPrefectClient, &'a R),
        parameters: &'a P,
    ) -> impl Future<Output = Result<(), RunFailed<String>>> + Send
    where
        P: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    {
        async move {
            task.call(run, parameters.clone()).await?;
            flow.call(client, parameters).await
        }
    }

    #[test]
    fn calls_of_anything_can_be_spawned() {
        let _ = called::<AsyncFlowRun, u32>;
    }
}
