//! A deployment, as it is described before the server has it.

use std::collections::BTreeMap;

use prefect_client::Patch;
use prefect_client::models::{DeploymentCreate, DeploymentUpdate, VersionInfo};
use serde_json::{Map, Value, json};
use uuid::Uuid;

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
        let parameters = parameters.into_iter();
        self.parameters = parameters
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
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

    /// The body that makes it.
    pub(super) fn to_create(&self, flow_id: Uuid) -> DeploymentCreate {
        let mut body = DeploymentCreate::new(&self.name, flow_id)
            .paused(self.paused.unwrap_or_default())
            .tags(self.tags.clone())
            .parameters(self.parameters.clone())
            .parameter_openapi_schema(self.schema())
            .enforce_parameter_schema(self.parameter_openapi_schema.is_some());
        body.description.clone_from(&self.description);
        body.version.clone_from(&self.version);
        body.version_info = self.version_info();
        body.entrypoint.clone_from(&self.entrypoint);
        body
    }

    /// The body that makes one of it that is there already.
    pub(super) fn to_update(&self) -> DeploymentUpdate {
        let mut body = DeploymentUpdate::new()
            .tags(self.tags.clone())
            .parameters(self.parameters.clone())
            .parameter_openapi_schema(self.schema())
            .enforce_parameter_schema(self.parameter_openapi_schema.is_some());
        // A runner that stopped has paused it.
        body.paused = Some(self.paused.unwrap_or_default());
        body.description = patch(self.description.clone());
        body.version = patch(self.version.clone());
        body.version_info = patch(self.version_info());
        body.entrypoint = patch(self.entrypoint.clone());
        body
    }

    fn schema(&self) -> BTreeMap<String, Value> {
        let described = self.parameter_openapi_schema.clone();
        described.unwrap_or_else(schema)
    }

    fn version_info(&self) -> Option<VersionInfo> {
        let version = self.version.as_ref()?;
        Some(VersionInfo::new("prefect:simple", version))
    }
}

fn patch<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Null, Patch::Value)
}

/// The schema of parameters of which nothing is known: any.
fn schema() -> BTreeMap<String, Value> {
    let schema: Map<String, Value> = Map::from_iter([
        ("title".to_owned(), json!("Parameters")),
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), json!({})),
    ]);
    schema.into_iter().collect()
}
