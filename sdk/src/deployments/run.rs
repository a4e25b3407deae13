//! Running a deployment.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::{
    DeploymentFlowRunCreate, FlowRunResponse, StateCreate, StateDetails, StateType,
};
use serde_json::Value;
use uuid::Uuid;

#[dual(sdk, map(acreate_run => create_run, acreate_within => create_within))]
use super::create::{acreate_run, acreate_within};
use super::named::named;
use super::{DeploymentRef, FlowRunHandle};
use crate::faces::sdk;
use crate::flow_runs::WaitForFlowRunOptions;
use crate::{Error, RunContext};

/// What is optional about running a deployment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunDeploymentOptions {
    /// The parameters that differ from the deployment's.
    pub parameters: BTreeMap<String, Value>,
    /// When the run is to begin; now unless set.
    pub scheduled_time: Option<DateTime<Utc>>,
    /// The name of the run; the server makes one up unless set.
    pub flow_run_name: Option<String>,
    /// How long to wait for the end of the run; `None`, as unless set, is for ever.
    pub timeout: Option<Duration>,
    /// How long to wait between two looks at most: the first follows soon, and the waits grow. 5 seconds unless set.
    pub poll_interval: Duration,
    /// Tags of the run, beside the deployment's.
    pub tags: Vec<String>,
    /// Where a run with this key is there already, it is that run, and no other is made. Unless it is set, each call has a key of its own.
    pub idempotency_key: Option<String>,
    /// The work queue that the run goes to; the deployment's unless set.
    pub work_queue_name: Option<String>,
    /// What differs from the deployment's infrastructure, such as `env.LEVEL`.
    pub job_variables: Option<BTreeMap<String, Value>>,
    /// Whether the run is linked to [`run`](field@Self::run) as its subflow, if that is set. It is unless set otherwise.
    pub as_subflow: bool,
    /// The run that the program is part of.
    pub run: Option<RunContext>,
}

impl Default for RunDeploymentOptions {
    fn default() -> Self {
        Self {
            parameters: BTreeMap::new(),
            scheduled_time: None,
            flow_run_name: None,
            timeout: None,
            poll_interval: Duration::from_secs(5),
            tags: Vec::new(),
            idempotency_key: None,
            work_queue_name: None,
            job_variables: None,
            as_subflow: true,
            run: None,
        }
    }
}

impl RunDeploymentOptions {
    /// With the deployment's parameters, now, and waited for as long as it takes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the parameters that differ from the deployment's.
    #[must_use]
    pub fn parameters(
        mut self,
        parameters: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        self.parameters = named(parameters);
        self
    }

    /// Sets when the run is to begin.
    #[must_use]
    pub fn scheduled_time(mut self, time: DateTime<Utc>) -> Self {
        self.scheduled_time = Some(time);
        self
    }

    /// Sets the name of the run.
    #[must_use]
    pub fn flow_run_name(mut self, name: impl Into<String>) -> Self {
        self.flow_run_name = Some(name.into());
        self
    }

    /// Sets how long to wait for the end of the run; `None` is for ever.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets how long to wait between two looks at most; 10 milliseconds at least.
    #[must_use]
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.poll_interval = poll_interval;
        self
    }

    /// Sets the tags of the run, beside the deployment's.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the key by which the server recognises that this run is there already.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Sets the work queue that the run goes to. The server makes it where there is none of that name.
    #[must_use]
    pub fn work_queue_name(mut self, name: impl Into<String>) -> Self {
        self.work_queue_name = Some(name.into());
        self
    }

    /// Sets what differs from the deployment's infrastructure.
    #[must_use]
    pub fn job_variables(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        self.job_variables = Some(named(variables));
        self
    }

    /// Sets whether the run is linked to the run that the program is part of.
    #[must_use]
    pub fn as_subflow(mut self, as_subflow: bool) -> Self {
        self.as_subflow = as_subflow;
        self
    }

    /// Sets the run that the program is part of.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.run = Some(run.clone());
        self
    }

    fn parent(&self) -> Option<&RunContext> {
        let run = self.run.as_ref().filter(|_| self.as_subflow)?;
        (run.flow_run_id.is_some() || run.task_run_id.is_some()).then_some(run)
    }

    fn waiting(&self) -> WaitForFlowRunOptions {
        WaitForFlowRunOptions::new()
            .timeout(self.timeout)
            .poll_interval(self.poll_interval)
    }

    pub(super) fn body(&self, parent: Option<Uuid>) -> DeploymentFlowRunCreate {
        let details =
            StateDetails::new().scheduled_time(self.scheduled_time.unwrap_or_else(Utc::now));
        let state = StateCreate::new(StateType::Scheduled)
            .name("Scheduled")
            .state_details(details);
        let mut body = DeploymentFlowRunCreate::new()
            .parameters(self.parameters.clone())
            .state(state)
            .tags(self.tags.clone());
        body.name.clone_from(&self.flow_run_name);
        body.idempotency_key.clone_from(&self.idempotency_key);
        body.work_queue_name.clone_from(&self.work_queue_name);
        body.job_variables.clone_from(&self.job_variables);
        body.parent_task_run_id = parent;
        body
    }
}

/// Runs a deployment, given by id or as `flow/deployment`, and waits until the run has ended, for as long as it takes.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, deployments};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let run = deployments::arun_deployment(&client, "etl/nightly").await?;
/// println!("{:?}", run.state_name);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The name has not the form `flow/deployment` ([`Error::is_invalid`]). There is no such deployment
/// ([`Error::is_not_found`]). Another call of the client failed ([`Error::api`]).
#[dual(sdk)]
pub async fn arun_deployment(
    client: &AsyncPrefectClient,
    deployment: impl Into<DeploymentRef>,
) -> Result<FlowRunResponse, Error> {
    arun_deployment_with(client, deployment, &RunDeploymentOptions::new()).await
}

/// As [`arun_deployment`], with what is optional about it.
///
/// A run that has not ended when the time is up goes on, and is an error that names it; Python gives the run as it is. To
/// run a deployment without waiting, or to wait in steps, there is [`astart_deployment`].
///
/// Within a run ([`RunDeploymentOptions::run`]), the new one is its subflow: a task run that stands for it is made first.
/// Unlike in Python, a parameter that came out of another task is not noted as that task run's input, as a value does not
/// say where it came from, and no label continues a trace.
///
/// ```no_run
/// # use prefect_sdk::client::AsyncPrefectClient;
/// # use prefect_sdk::deployments::{self, RunDeploymentOptions};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = RunDeploymentOptions::new().parameters([("day", "monday")]);
/// let run = deployments::arun_deployment_with(&client, "etl/nightly", &options).await?;
/// println!("{:?}", run.state_name);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The run did not end in time ([`Error::is_timeout`]). The server refuses the parameters, or another call of the client
/// failed ([`Error::api`]). Or as [`arun_deployment`].
#[dual(sdk)]
pub async fn arun_deployment_with(
    client: &AsyncPrefectClient,
    deployment: impl Into<DeploymentRef>,
    options: &RunDeploymentOptions,
) -> Result<FlowRunResponse, Error> {
    let handle = astart_deployment_with(client, deployment, options).await?;
    handle.await
}

/// Runs a deployment, given by id or as `flow/deployment`, and gives a handle on the run at once: see
/// [`FlowRunHandle`] for how it is waited for.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, deployments};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let handle = deployments::astart_deployment(&client, "etl/nightly").await?;
/// println!("started {}", handle.id());
/// # drop(handle);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`arun_deployment`].
#[dual(sdk)]
pub async fn astart_deployment(
    client: &AsyncPrefectClient,
    deployment: impl Into<DeploymentRef>,
) -> Result<FlowRunHandle<AsyncPrefectClient>, Error> {
    astart_deployment_with(client, deployment, &RunDeploymentOptions::new()).await
}

/// As [`astart_deployment`], with what is optional about it.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::client::AsyncPrefectClient;
/// # use prefect_sdk::deployments::{self, RunDeploymentOptions};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = RunDeploymentOptions::new().timeout(Duration::from_mins(10));
/// let handle = deployments::astart_deployment_with(&client, "etl/nightly", &options).await?;
/// println!("started {}", handle.id());
/// # drop(handle);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`arun_deployment_with`], but for waiting.
#[dual(sdk, map(acreate_run => create_run, acreate_within => create_within))]
pub async fn astart_deployment_with(
    client: &AsyncPrefectClient,
    deployment: impl Into<DeploymentRef>,
    options: &RunDeploymentOptions,
) -> Result<FlowRunHandle<AsyncPrefectClient>, Error> {
    let deployment = match deployment.into() {
        DeploymentRef::Id(id) => client.read_deployment(id).await?,
        DeploymentRef::Name(name) => {
            let (flow, name) = DeploymentRef::split(&name)?;
            client.read_deployment_by_name(flow, name).await?
        }
    };
    let run = match options.parent() {
        Some(run) => acreate_within(client, run, &deployment, options).await?,
        None => acreate_run(client, deployment.id, options.body(None)).await?,
    };
    Ok(FlowRunHandle::new(client.clone(), run, options.waiting()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_body_has_what_was_set_and_nothing_else() {
        let time = "2030-01-02T03:04:05Z".parse().unwrap();
        let plain = RunDeploymentOptions::new().scheduled_time(time).body(None);
        let details = json!({"scheduled_time": "2030-01-02T03:04:05Z"});
        let state = json!({"type": "SCHEDULED", "name": "Scheduled", "state_details": details});
        assert_eq!(
            serde_json::to_value(plain).unwrap(),
            json!({"parameters": {}, "state": state, "tags": []})
        );
        let full = RunDeploymentOptions::new()
            .scheduled_time(time)
            .parameters([("x", 1)])
            .flow_run_name("a run")
            .tags(["t"])
            .idempotency_key("once")
            .work_queue_name("fast")
            .job_variables([("env.LEVEL", "debug")])
            .body(Some(Uuid::nil()));
        let expected = json!({
            "parameters": {"x": 1}, "state": state, "tags": ["t"], "name": "a run",
            "idempotency_key": "once", "work_queue_name": "fast",
            "job_variables": {"env.LEVEL": "debug"}, "parent_task_run_id": Uuid::nil(),
        });
        assert_eq!(serde_json::to_value(full).unwrap(), expected);
    }

    #[test]
    fn a_subflow_needs_a_run_and_may_be_declined() {
        let run = RunContext::flow_run(Uuid::nil());
        assert_eq!(RunDeploymentOptions::new().parent(), None);
        assert_eq!(RunDeploymentOptions::new().run(&run).parent(), Some(&run));
        assert_eq!(
            RunDeploymentOptions::new()
                .run(&run)
                .as_subflow(false)
                .parent(),
            None
        );
        assert_eq!(
            RunDeploymentOptions::new()
                .run(&RunContext::default())
                .parent(),
            None
        );
    }

    #[test]
    fn it_is_waited_for_without_end_unless_said() {
        assert_eq!(RunDeploymentOptions::new().waiting().timeout, None);
        let second = Duration::from_secs(1);
        let how = RunDeploymentOptions::new()
            .timeout(second)
            .poll_interval(second);
        assert_eq!(
            how.waiting(),
            WaitForFlowRunOptions::new()
                .timeout(second)
                .poll_interval(second)
        );
    }
}
