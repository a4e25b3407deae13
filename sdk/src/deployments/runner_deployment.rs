//! A deployment, as it is described before the server has it.

use std::collections::BTreeMap;

use prefect_client::models::{ConcurrencyLimitStrategy, VersionInfo};
use serde_json::{Map, Value};

use super::named::named;
use super::source::flow_name;
use super::{RunSchedule, RunTrigger, Source};
#[cfg(feature = "flows")]
use crate::runner::FlowHooks;

/// A deployment of a flow: with these parameters, under this name. [`aapply`](Self::aapply) makes the server have it.
///
/// ```
/// use prefect_sdk::deployments::RunnerDeployment;
///
/// let nightly = RunnerDeployment::new("load", "nightly")
///     .description("All of yesterday")
///     .parameters([("days", 1)])
///     .tags(["sales"]);
/// assert_eq!(nightly.full_name(), "load/nightly");
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RunnerDeployment {
    /// The name of the flow.
    pub flow_name: String,
    /// Its own name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// The version that its runs are said to be of.
    pub version: Option<String>,
    /// The tags of its runs.
    pub tags: Vec<String>,
    /// The parameters of its runs, where nobody says others.
    pub parameters: BTreeMap<String, Value>,
    /// Whether its schedules make no runs; they do unless set, also where it is applied again after a runner that paused it.
    pub paused: Option<bool>,
    /// Where a runner or worker finds the flow.
    pub entrypoint: Option<String>,
    /// The JSON schema of its flow's parameters: the server checks them against it. Any are taken unless set.
    pub parameter_openapi_schema: Option<BTreeMap<String, Value>>,
    /// Whether parameters that do not fit the schema are refused; they are where there is one, unless set otherwise.
    pub enforce_parameter_schema: Option<bool>,
    /// The schedules that make runs of it, in the place of all that it has; those stay as they are unless set.
    pub schedules: Option<Vec<RunSchedule>>,
    /// What it is run on beside its schedules, in the place of all that there was.
    pub triggers: Vec<RunTrigger>,
    /// How many of its runs there are at once, wherever they run; as many as there are unless set.
    pub concurrency_limit: Option<i64>,
    /// What becomes of a run that the limit has no room for; it waits unless set.
    pub collision_strategy: Option<ConcurrencyLimitStrategy>,
    /// Where its version is from; the version alone unless set.
    pub version_info: Option<VersionInfo>,
    /// The work pool whose workers run it; a runner runs it unless set.
    pub work_pool_name: Option<String>,
    /// The queue of the work pool that its runs wait in; the pool's default one unless set.
    pub work_queue_name: Option<String>,
    /// What is changed of the infrastructure that its work pool describes, such as the `command`.
    pub job_variables: BTreeMap<String, Value>,
    /// Where its code is, for whoever runs it; in the program that runs it unless set.
    pub source: Option<Source>,
    /// What runs it where its code was fetched: a program and its arguments. One of Python's entrypoints needs none.
    pub command: Vec<String>,
    /// The steps by which Python's workers fetch the code; those of its source unless set.
    pub pull_steps: Vec<Map<String, Value>>,
    /// What a runner calls where the flow's own process can't any more.
    #[cfg(feature = "flows")]
    pub(crate) hooks: Option<FlowHooks>,
}

impl RunnerDeployment {
    /// A deployment of that flow, with nothing optional.
    #[must_use]
    pub fn new(flow_name: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            flow_name: flow_name.into(),
            name: name.into(),
            ..Self::default()
        }
    }

    /// A deployment of the flow whose code is there, at that entrypoint: one of Python's (`flows.py:load`, `shop.flows.load`), or one
    /// of a program that a [command](field@Self::command) runs (`shop:load`). Its flow has the name of its function, as Python
    /// makes it, and nothing is known of its parameters. Nothing is fetched by this; a runner that it is added to, and workers, do.
    #[must_use]
    pub fn from_storage(
        source: impl Into<Source>,
        entrypoint: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        let entrypoint = entrypoint.into();
        let mut deployment = Self::new(flow_name(&entrypoint), name);
        deployment.source = Some(source.into());
        deployment.entrypoint = Some(entrypoint);
        deployment
    }

    /// The name by which it is found: `flow/deployment`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.flow_name, self.name)
    }

    /// Sets what it is about.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the version that its runs are said to be of.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets the tags of its runs.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the parameters of its runs, where nobody says others.
    #[must_use]
    pub fn parameters(
        mut self,
        parameters: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        self.parameters = named(parameters);
        self
    }

    /// Sets whether its schedules make no runs.
    #[must_use]
    pub fn paused(mut self, paused: bool) -> Self {
        self.paused = Some(paused);
        self
    }

    /// Sets where a runner or worker finds the flow.
    #[must_use]
    pub fn entrypoint(mut self, entrypoint: impl Into<String>) -> Self {
        self.entrypoint = Some(entrypoint.into());
        self
    }

    /// Sets the JSON schema of its flow's parameters.
    #[must_use]
    pub fn parameter_openapi_schema(
        mut self,
        schema: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        let schema = schema.into_iter();
        let schema = schema.map(|(key, value)| (key.into(), value.into()));
        self.parameter_openapi_schema = Some(schema.collect());
        self
    }

    /// Sets the schedules that make runs of it, in the place of all that it has: none where there are none, unless
    /// `PREFECT_DEPLOYMENTS_CLEAR_SCHEDULES_ON_EMPTY=false` is in the environment, by which none of them is removed then. Unlike in
    /// Python, whose default that still is, they are where the variable is not set.
    #[must_use]
    pub fn schedules(mut self, schedules: impl IntoIterator<Item = RunSchedule>) -> Self {
        self.schedules = Some(schedules.into_iter().collect());
        self
    }

    /// Sets what it is run on beside its schedules.
    #[must_use]
    pub fn triggers(mut self, triggers: impl IntoIterator<Item = RunTrigger>) -> Self {
        self.triggers = triggers.into_iter().collect();
        self
    }

    /// Sets how many of its runs there are at once, wherever they run.
    #[must_use]
    pub fn concurrency_limit(mut self, limit: impl Into<Option<i64>>) -> Self {
        self.concurrency_limit = limit.into();
        self
    }

    /// Sets what becomes of a run that the limit has no room for.
    #[must_use]
    pub fn collision_strategy(
        mut self,
        strategy: impl Into<Option<ConcurrencyLimitStrategy>>,
    ) -> Self {
        self.collision_strategy = strategy.into();
        self
    }

    /// Sets where its version is from.
    #[must_use]
    pub fn version_info(mut self, info: VersionInfo) -> Self {
        self.version_info = Some(info);
        self
    }

    /// Sets the work pool whose workers run it.
    #[must_use]
    pub fn work_pool_name(mut self, name: impl Into<String>) -> Self {
        self.work_pool_name = Some(name.into());
        self
    }

    /// Sets the queue of the work pool that its runs wait in.
    #[must_use]
    pub fn work_queue_name(mut self, name: impl Into<String>) -> Self {
        self.work_queue_name = Some(name.into());
        self
    }

    /// Sets what is changed of the infrastructure that its work pool describes.
    #[must_use]
    pub fn job_variables(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        self.job_variables = named(variables);
        self
    }

    /// Sets the steps by which Python's workers fetch the code.
    #[must_use]
    pub fn pull_steps(mut self, steps: impl IntoIterator<Item = Map<String, Value>>) -> Self {
        self.pull_steps = steps.into_iter().collect();
        self
    }

    /// Sets what runs it where its code was fetched: a program and its arguments.
    #[must_use]
    pub fn command(mut self, command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command = command.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether parameters that do not fit the schema are refused.
    #[must_use]
    pub fn enforce_parameter_schema(mut self, enforce: bool) -> Self {
        self.enforce_parameter_schema = Some(enforce);
        self
    }
}
