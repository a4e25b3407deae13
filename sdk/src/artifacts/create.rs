//! A function for each kind of artifact that Prefect knows.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::ArtifactUpdate;
use serde::Serialize;
use uuid::Uuid;

use super::event;
use super::{Artifact, ArtifactData, CreateArtifact, Link};
use crate::faces::sdk;
use crate::{Error, RunContext};

/// What is optional about updating a progress artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateProgressArtifact {
    /// The new description; the old one stays unless set.
    pub description: Option<String>,
    /// The run that updates it, for the event.
    pub run: RunContext,
}

impl UpdateProgressArtifact {
    /// The old description, outside of runs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the run that updates it.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.run = run.clone();
        self
    }
}

/// Creates an artifact that is a link, and gives its id.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifact, Link, acreate_link_artifact}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let link = Link::new("https://www.prefect.io").text("Prefect");
/// acreate_link_artifact(&client, link, &CreateArtifact::new().key("prefect-link")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate`].
#[dual(sdk, map(acreate => create))]
pub async fn acreate_link_artifact(
    client: &AsyncPrefectClient,
    link: impl Into<Link>,
    request: &CreateArtifact,
) -> Result<Uuid, Error> {
    let data = ArtifactData::link(&link.into());
    Ok(Artifact::acreate(client, &data, request).await?.id)
}

/// Creates an artifact that is a text in Markdown, and gives its id.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifact, acreate_markdown_artifact}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// acreate_markdown_artifact(&client, "## Done", &CreateArtifact::new().key("report")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate`].
#[dual(sdk, map(acreate => create))]
pub async fn acreate_markdown_artifact(
    client: &AsyncPrefectClient,
    markdown: impl Into<String>,
    request: &CreateArtifact,
) -> Result<Uuid, Error> {
    let data = ArtifactData::markdown(markdown);
    Ok(Artifact::acreate(client, &data, request).await?.id)
}

/// Creates an artifact that is a table, and gives its id. What a table may be: [`ArtifactData::table`].
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifact, acreate_table_artifact}};
/// #[derive(serde::Serialize)]
/// struct Person { name: &'static str, age: u8 }
///
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let people = [Person { name: "John", age: 30 }, Person { name: "Jane", age: 25 }];
/// acreate_table_artifact(&client, &people, &CreateArtifact::new().key("people")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is no table ([`Error::is_invalid`]); or as [`Artifact::acreate`].
#[dual(sdk, map(acreate => create))]
pub async fn acreate_table_artifact<T: Serialize + ?Sized>(
    client: &AsyncPrefectClient,
    table: &T,
    request: &CreateArtifact,
) -> Result<Uuid, Error> {
    let data = ArtifactData::table(table)?;
    Ok(Artifact::acreate(client, &data, request).await?.id)
}

/// Creates an artifact that is an image at a URL that everybody can read, and gives its id. As in Prefect, the URL is not
/// checked.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifact, acreate_image_artifact}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let url = "https://example.com/plot.png";
/// acreate_image_artifact(&client, url, &CreateArtifact::new().key("plot")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate`].
#[dual(sdk, map(acreate => create))]
pub async fn acreate_image_artifact(
    client: &AsyncPrefectClient,
    image_url: impl Into<String>,
    request: &CreateArtifact,
) -> Result<Uuid, Error> {
    let data = ArtifactData::image(image_url);
    Ok(Artifact::acreate(client, &data, request).await?.id)
}

/// Creates an artifact that is a progress in percent, and gives its id. What is not from 0 to 100 becomes the nearer
/// end, with a warning.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifact, acreate_progress_artifact}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let id = acreate_progress_artifact(&client, 0.0, &CreateArtifact::new().key("copied")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is not a number ([`Error::is_invalid`]); or as [`Artifact::acreate`].
#[dual(sdk, map(acreate => create))]
pub async fn acreate_progress_artifact(
    client: &AsyncPrefectClient,
    progress: f64,
    request: &CreateArtifact,
) -> Result<Uuid, Error> {
    let data = ArtifactData::progress(progress)?;
    Ok(Artifact::acreate(client, &data, request).await?.id)
}

/// Sets the progress, in percent, of an artifact that is there, and gives its id. The event `prefect.artifact.updated`
/// follows; where that fails, there is a warning.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{UpdateProgressArtifact, aupdate_progress_artifact}};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// aupdate_progress_artifact(&client, id, 50.0, &UpdateProgressArtifact::new()).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is not a number ([`Error::is_invalid`]); or a call of the client failed, such as for an artifact that is not there.
#[dual(sdk)]
pub async fn aupdate_progress_artifact(
    client: &AsyncPrefectClient,
    artifact_id: Uuid,
    progress: f64,
    request: &UpdateProgressArtifact,
) -> Result<Uuid, Error> {
    let data = ArtifactData::progress(progress)?;
    let mut update = ArtifactUpdate::new().data(data.value);
    // As in Prefect, an empty description does not replace the old one.
    let description = request.description.as_deref();
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        update = update.description(description);
    }
    client.update_artifact(artifact_id, &update).await?;
    event::aemit(client, event::updated(artifact_id, &update), &request.run).await;
    Ok(artifact_id)
}
