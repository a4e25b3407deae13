//! A flow: a name and a function.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

#[dual(engine)]
use super::AsyncFlowRun;
use super::{FlowOptions, RunFailed, RunFlowOptions, parameters_schema};
#[dual(engine)]
use crate::engine::{AsyncBody, arun_flow};
use crate::engine::{engine, to_parameters};

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
    options: FlowOptions,
    schema: Option<fn() -> Map<String, Value>>,
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
        Self {
            name: name.into().into(),
            options: FlowOptions::new(),
            schema: None,
            body: AsyncBody::new(function),
        }
    }

    /// The same flow, with these options in the place of those that it has.
    #[must_use]
    pub fn with_options(mut self, options: FlowOptions) -> Self {
        self.options = options;
        self
    }

    /// Runs the flow now, in a run of its own, and gives what its function gives.
    ///
    /// # Errors
    ///
    /// The function gave an error, panicked or took too long ([`RunFailed`] says which), and has no retries left; the server
    /// put the run into another state, such as by a cancellation; or a call failed.
    pub async fn call(
        &self,
        client: &AsyncPrefectClient,
        parameters: &P,
    ) -> Result<T, RunFailed<E>> {
        self.call_with(client, parameters, &RunFlowOptions::new())
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
        client: &AsyncPrefectClient,
        parameters: &P,
        options: &RunFlowOptions,
    ) -> Result<T, RunFailed<E>> {
        let parameters = to_parameters(parameters)?;
        arun_flow(self, client, parameters, options).await
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
            options: self.options.clone(),
            schema: self.schema,
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

#[cfg(all(test, feature = "async"))]
mod tests {
    use super::*;
    use crate::engine::AsyncEnclosingRun;
    use crate::tasks::AsyncTask;

    /// That this compiles is the test: whoever writes a function of any flow, run or parameters can spawn it.
    #[expect(clippy::manual_async_fn, reason = "that the future is `Send` is said")]
    fn called<'a, R: AsyncEnclosingRun, P>(
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
