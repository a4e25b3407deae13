//! Artifacts of any type.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{ArtifactCreate, ArtifactFilter, ArtifactFilterKey, ArtifactSort};
use prefect_client::requests::ReadArtifacts;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::data::{ArtifactData, check_key};
use super::event;
#[dual(sdk, map(atell => tell))]
use crate::events::atell;
use crate::faces::sdk;
use crate::{Error, RunContext};

/// An artifact that the server has.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Artifact {
    /// Its id.
    pub id: Uuid,
    /// Its key; artifacts with the same key are versions of one thing.
    pub key: Option<String>,
    /// Its type, such as `markdown`, `table`, `progress`, `image`.
    pub type_: Option<String>,
    /// Its description, in Markdown.
    pub description: Option<String>,
    /// Its data, as it travels: see [`parse`](Self::parse).
    pub data: Option<Value>,
    /// What else is said about it.
    pub metadata: BTreeMap<String, String>,
    /// The flow run that it belongs to.
    pub flow_run_id: Option<Uuid>,
    /// The task run that it belongs to.
    pub task_run_id: Option<Uuid>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// When it was last updated.
    pub updated: Option<DateTime<Utc>>,
}

/// What is optional about creating an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateArtifactOptions {
    /// The key: lower case letters, digits and dashes. Without one, the artifact is not on Prefect's page of artifacts.
    pub key: Option<String>,
    /// The description, in Markdown.
    pub description: Option<String>,
    /// What else is to be said about it.
    pub metadata: BTreeMap<String, String>,
    /// The run that it belongs to. Prefect deprecates artifacts without one: there is a warning.
    pub run: Option<RunContext>,
}

impl CreateArtifactOptions {
    /// Without any of it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets what else is to be said about it.
    #[must_use]
    pub fn metadata<K: Into<String>, V: Into<String>>(
        mut self,
        metadata: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let metadata = metadata.into_iter();
        self.metadata = metadata.map(|(k, v)| (k.into(), v.into())).collect();
        self
    }

    /// Sets the run that it belongs to.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.run = Some(run.clone());
        self
    }
}

#[dual(sdk, map(atell => tell))]
impl Artifact {
    /// Creates an artifact. The event `prefect.artifact.created` follows; where that fails, there is a warning.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{Artifact, ArtifactData}};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let data = ArtifactData::json(&[1, 2, 3])?.type_("numbers");
    /// let artifact = Artifact::acreate(&client, &data).await?;
    /// assert_eq!(artifact.parse::<Vec<u8>>()?, [1, 2, 3]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A call of the client failed; or the server's answer has no id ([`Error::is_decode`]).
    pub async fn acreate(client: &AsyncPrefectClient, data: &ArtifactData) -> Result<Self, Error> {
        Self::acreate_with(client, data, &CreateArtifactOptions::new()).await
    }

    /// Creates an artifact, with a key and what else is optional about it.
    ///
    /// ```no_run
    /// # use prefect_sdk::client::AsyncPrefectClient;
    /// # use prefect_sdk::artifacts::{Artifact, ArtifactData, CreateArtifactOptions};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let data = ArtifactData::markdown("# Done");
    /// let options = CreateArtifactOptions::new().key("report");
    /// let report = Artifact::acreate_with(&client, &data, &options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The key has other characters than it may have ([`Error::is_invalid`]); or as [`acreate`](Self::acreate).
    pub async fn acreate_with(
        client: &AsyncPrefectClient,
        data: &ArtifactData,
        options: &CreateArtifactOptions,
    ) -> Result<Self, Error> {
        let create = create_request(data, options)?;
        let artifact = Self::read(client.create_artifact(&create).await?)?;
        let created = event::created(artifact.id, &create);
        atell(client, vec![created], options.run.as_ref()).await;
        Ok(artifact)
    }

    /// The artifact with a key that was updated last; `None` where there is none.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::Artifact};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// if let Some(report) = Artifact::aget(&client, "report").await? {
    ///     println!("{:?}", report.data);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A call of the client failed; or the server's answer has no id ([`Error::is_decode`]).
    pub async fn aget(client: &AsyncPrefectClient, key: &str) -> Result<Option<Self>, Error> {
        let filter = ArtifactFilter::new().key(ArtifactFilterKey::new().any([key]));
        let request = ReadArtifacts::new()
            .artifacts(filter)
            .sort(ArtifactSort::UpdatedDesc)
            .limit(1);
        let found = client.read_artifacts_with(&request).await?;
        found.into_iter().next().map(Self::read).transpose()
    }

    /// The artifact with a key that was updated last, or else one that is created with that key. `true` where it was
    /// created.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{Artifact, ArtifactData}};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let data = ArtifactData::markdown("# Nothing yet");
    /// let (report, is_new) = Artifact::aget_or_create(&client, "report", &data).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`acreate_with`](Self::acreate_with).
    pub async fn aget_or_create(
        client: &AsyncPrefectClient,
        key: &str,
        data: &ArtifactData,
    ) -> Result<(Self, bool), Error> {
        Self::aget_or_create_with(client, key, data, &CreateArtifactOptions::new()).await
    }

    /// As [`aget_or_create`](Self::aget_or_create), with what is optional about creating it. A key in the options is not
    /// looked at.
    ///
    /// ```no_run
    /// # use prefect_sdk::{RunContext, client::AsyncPrefectClient};
    /// # use prefect_sdk::artifacts::{Artifact, ArtifactData, CreateArtifactOptions};
    /// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let data = ArtifactData::markdown("# Nothing yet");
    /// let options = CreateArtifactOptions::new().run(&run);
    /// let (report, is_new) =
    ///     Artifact::aget_or_create_with(&client, "report", &data, &options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`acreate_with`](Self::acreate_with).
    pub async fn aget_or_create_with(
        client: &AsyncPrefectClient,
        key: &str,
        data: &ArtifactData,
        options: &CreateArtifactOptions,
    ) -> Result<(Self, bool), Error> {
        check_key(key)?;
        if let Some(artifact) = Self::aget(client, key).await? {
            return Ok((artifact, false));
        }
        let options = options.clone().key(key);
        let artifact = Self::acreate_with(client, data, &options).await?;
        Ok((artifact, true))
    }

    /// Its data as a type of yours: the JSON in its text (tables, and [`ArtifactData::json`]), or what is no text, such
    /// as progress, as it is.
    ///
    /// # Errors
    ///
    /// It is no JSON, or JSON of another shape ([`Error::is_unfit`]).
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let parsed = match &self.data {
            Some(Value::String(text)) => serde_json::from_str(text),
            Some(value) => T::deserialize(value),
            None => T::deserialize(Value::Null),
        };
        parsed.map_err(|error| {
            let id = self.id;
            Error::unfit(format!("the data of the artifact {id} can't be read")).because(error)
        })
    }

    fn read(artifact: prefect_client::models::Artifact) -> Result<Self, Error> {
        let id = artifact.id;
        Ok(Self {
            id: id.ok_or_else(|| {
                Error::answer("the server answered with an artifact without an id")
            })?,
            key: artifact.key,
            type_: artifact.type_,
            description: artifact.description,
            data: artifact.data,
            metadata: artifact.metadata.unwrap_or_default(),
            flow_run_id: artifact.flow_run_id,
            task_run_id: artifact.task_run_id,
            created: artifact.created,
            updated: artifact.updated,
        })
    }
}

fn create_request(
    data: &ArtifactData,
    options: &CreateArtifactOptions,
) -> Result<ArtifactCreate, Error> {
    options.key.as_deref().map_or(Ok(()), check_key)?;
    let run = options.run.as_ref();
    let ids = run.map(|run| (run.flow_run_id, run.task_run_id));
    let (flow_run_id, task_run_id) = ids.unwrap_or_default();
    if (flow_run_id, task_run_id) == (None, None) {
        let setter = "CreateArtifactOptions::run";
        tracing::warn!("Prefect deprecates artifacts outside of runs: see {setter}");
    }
    let mut create = ArtifactCreate::new().data(data.value.clone());
    create.type_.clone_from(&data.type_);
    create.key.clone_from(&options.key);
    create.description.clone_from(&options.description);
    create.flow_run_id = flow_run_id;
    create.task_run_id = task_run_id;
    if !options.metadata.is_empty() {
        create.metadata = Some(options.metadata.clone());
    }
    Ok(create)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(data: impl Into<Value>) -> Artifact {
        let answer = serde_json::json!({"id": Uuid::nil(), "data": data.into()});
        Artifact::read(serde_json::from_value(answer).unwrap()).unwrap()
    }

    #[test]
    fn data_is_parsed_from_json_in_a_text_and_from_json_itself() {
        assert_eq!(
            artifact("[[1,2]]").parse::<Vec<[u8; 2]>>().unwrap(),
            [[1, 2]]
        );
        assert!((artifact(12.5).parse::<f64>().unwrap() - 12.5).abs() < f64::EPSILON);
        assert_eq!(artifact(Value::Null).parse::<Option<u8>>().unwrap(), None);
        let error = artifact("# Markdown").parse::<Value>().unwrap_err();
        assert!(error.is_unfit());
    }

    #[test]
    fn an_artifact_without_an_id_is_the_server_s_fault() {
        let answer = serde_json::from_value(serde_json::json!({})).unwrap();
        let error = Artifact::read(answer).unwrap_err();
        assert!(error.is_decode() && !error.is_invalid(), "{error}");
    }

    #[test]
    fn a_request_says_what_was_set_and_nothing_else() {
        let data = ArtifactData::markdown("hello");
        let bare = create_request(&data, &CreateArtifactOptions::new()).unwrap();
        let bare = serde_json::to_value(bare).unwrap();
        assert_eq!(
            bare,
            serde_json::json!({"type": "markdown", "data": "hello"})
        );
        let run = RunContext::flow_run(Uuid::nil()).task_run(Uuid::max());
        let request = CreateArtifactOptions::new()
            .key("a-1")
            .description("d")
            .metadata([("k", "v")])
            .run(&run);
        let full = serde_json::to_value(create_request(&data, &request).unwrap()).unwrap();
        let expected = serde_json::json!({
            "type": "markdown", "data": "hello", "key": "a-1", "description": "d",
            "metadata_": {"k": "v"}, "flow_run_id": Uuid::nil(), "task_run_id": Uuid::max(),
        });
        assert_eq!(full, expected);
        let request = CreateArtifactOptions::new().key("A");
        assert!(create_request(&data, &request).unwrap_err().is_invalid());
    }
}
