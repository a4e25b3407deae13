//! A function for each kind of artifact that Prefect knows.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::ArtifactUpdate;
use serde::Serialize;
use uuid::Uuid;

use super::event;
use super::{Artifact, ArtifactData, CreateArtifactOptions, Link};
#[dual(sdk, map(atell => tell))]
use crate::events::atell;
use crate::faces::sdk;
use crate::{Error, RunContext};

/// What is optional about updating a progress artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateProgressArtifactOptions {
    /// The new description; the old one stays unless set.
    pub description: Option<String>,
    /// The run that updates it, for the event; none unless set.
    pub run: Option<RunContext>,
}

impl UpdateProgressArtifactOptions {
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
        self.run = Some(run.clone());
        self
    }
}

/// Creates an artifact that is a link, and gives its id.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{Link, acreate_link_artifact}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let link = Link::new("https://www.prefect.io").text("Prefect");
/// acreate_link_artifact(&client, link).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate`].
#[dual(sdk, map(acreate_link_artifact_with => create_link_artifact_with))]
pub async fn acreate_link_artifact(
    client: &AsyncPrefectClient,
    link: impl Into<Link>,
) -> Result<Uuid, Error> {
    acreate_link_artifact_with(client, link, &CreateArtifactOptions::new()).await
}

/// As [`acreate_link_artifact`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifactOptions, Link, acreate_link_artifact_with}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let link = Link::new("https://www.prefect.io").text("Prefect");
/// acreate_link_artifact_with(&client, link, &CreateArtifactOptions::new().key("prefect-link")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate_with`].
#[dual(sdk, map(acreate_with => create_with))]
pub async fn acreate_link_artifact_with(
    client: &AsyncPrefectClient,
    link: impl Into<Link>,
    options: &CreateArtifactOptions,
) -> Result<Uuid, Error> {
    let data = ArtifactData::link(&link.into());
    Ok(Artifact::acreate_with(client, &data, options).await?.id)
}

/// Creates an artifact that is a text in Markdown, and gives its id.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::acreate_markdown_artifact};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// acreate_markdown_artifact(&client, "## Done").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate`].
#[dual(sdk, map(acreate_markdown_artifact_with => create_markdown_artifact_with))]
pub async fn acreate_markdown_artifact(
    client: &AsyncPrefectClient,
    markdown: impl Into<String>,
) -> Result<Uuid, Error> {
    acreate_markdown_artifact_with(client, markdown, &CreateArtifactOptions::new()).await
}

/// As [`acreate_markdown_artifact`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifactOptions, acreate_markdown_artifact_with}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// acreate_markdown_artifact_with(&client, "## Done", &CreateArtifactOptions::new().key("report")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate_with`].
#[dual(sdk, map(acreate_with => create_with))]
pub async fn acreate_markdown_artifact_with(
    client: &AsyncPrefectClient,
    markdown: impl Into<String>,
    options: &CreateArtifactOptions,
) -> Result<Uuid, Error> {
    let data = ArtifactData::markdown(markdown);
    Ok(Artifact::acreate_with(client, &data, options).await?.id)
}

/// Creates an artifact that is a table, and gives its id. What a table may be: [`ArtifactData::table`].
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::acreate_table_artifact};
/// #[derive(serde::Serialize)]
/// struct Person { name: &'static str, age: u8 }
///
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let people = [Person { name: "John", age: 30 }, Person { name: "Jane", age: 25 }];
/// acreate_table_artifact(&client, &people).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is no table ([`Error::is_invalid`]); or as [`Artifact::acreate`].
#[dual(sdk, map(acreate_table_artifact_with => create_table_artifact_with))]
pub async fn acreate_table_artifact<T: Serialize + ?Sized>(
    client: &AsyncPrefectClient,
    table: &T,
) -> Result<Uuid, Error> {
    acreate_table_artifact_with(client, table, &CreateArtifactOptions::new()).await
}

/// As [`acreate_table_artifact`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifactOptions, acreate_table_artifact_with}};
/// #[derive(serde::Serialize)]
/// struct Person { name: &'static str, age: u8 }
///
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let people = [Person { name: "John", age: 30 }, Person { name: "Jane", age: 25 }];
/// acreate_table_artifact_with(&client, &people, &CreateArtifactOptions::new().key("people")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is no table ([`Error::is_invalid`]); or as [`Artifact::acreate_with`].
#[dual(sdk, map(acreate_with => create_with))]
pub async fn acreate_table_artifact_with<T: Serialize + ?Sized>(
    client: &AsyncPrefectClient,
    table: &T,
    options: &CreateArtifactOptions,
) -> Result<Uuid, Error> {
    let data = ArtifactData::table(table)?;
    Ok(Artifact::acreate_with(client, &data, options).await?.id)
}

/// Creates an artifact that is an image at a URL that everybody can read, and gives its id. As in Prefect, the URL is not
/// checked.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::acreate_image_artifact};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let url = "https://example.com/plot.png";
/// acreate_image_artifact(&client, url).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate`].
#[dual(sdk, map(acreate_image_artifact_with => create_image_artifact_with))]
pub async fn acreate_image_artifact(
    client: &AsyncPrefectClient,
    image_url: impl Into<String>,
) -> Result<Uuid, Error> {
    acreate_image_artifact_with(client, image_url, &CreateArtifactOptions::new()).await
}

/// As [`acreate_image_artifact`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifactOptions, acreate_image_artifact_with}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let url = "https://example.com/plot.png";
/// acreate_image_artifact_with(&client, url, &CreateArtifactOptions::new().key("plot")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Artifact::acreate_with`].
#[dual(sdk, map(acreate_with => create_with))]
pub async fn acreate_image_artifact_with(
    client: &AsyncPrefectClient,
    image_url: impl Into<String>,
    options: &CreateArtifactOptions,
) -> Result<Uuid, Error> {
    let data = ArtifactData::image(image_url);
    Ok(Artifact::acreate_with(client, &data, options).await?.id)
}

/// Creates an artifact that is a progress in percent, and gives its id. What is not from 0 to 100 becomes the nearer
/// end, with a warning.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::acreate_progress_artifact};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let id = acreate_progress_artifact(&client, 0.0).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is not a number ([`Error::is_invalid`]); or as [`Artifact::acreate`].
#[dual(sdk, map(acreate_progress_artifact_with => create_progress_artifact_with))]
pub async fn acreate_progress_artifact(
    client: &AsyncPrefectClient,
    progress: f64,
) -> Result<Uuid, Error> {
    acreate_progress_artifact_with(client, progress, &CreateArtifactOptions::new()).await
}

/// As [`acreate_progress_artifact`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{CreateArtifactOptions, acreate_progress_artifact_with}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let id = acreate_progress_artifact_with(&client, 0.0, &CreateArtifactOptions::new().key("copied")).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is not a number ([`Error::is_invalid`]); or as [`Artifact::acreate_with`].
#[dual(sdk, map(acreate_with => create_with))]
pub async fn acreate_progress_artifact_with(
    client: &AsyncPrefectClient,
    progress: f64,
    options: &CreateArtifactOptions,
) -> Result<Uuid, Error> {
    let data = ArtifactData::progress(progress)?;
    Ok(Artifact::acreate_with(client, &data, options).await?.id)
}

/// Sets the progress, in percent, of an artifact that is there, and gives its id. The event `prefect.artifact.updated`
/// follows; where that fails, there is a warning.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::aupdate_progress_artifact};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// aupdate_progress_artifact(&client, id, 50.0).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is not a number ([`Error::is_invalid`]); or a call of the client failed, such as for an artifact that is not there.
#[dual(sdk, map(aupdate_progress_artifact_with => update_progress_artifact_with))]
pub async fn aupdate_progress_artifact(
    client: &AsyncPrefectClient,
    artifact_id: Uuid,
    progress: f64,
) -> Result<Uuid, Error> {
    aupdate_progress_artifact_with(
        client,
        artifact_id,
        progress,
        &UpdateProgressArtifactOptions::new(),
    )
    .await
}

/// As [`aupdate_progress_artifact`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, artifacts::{UpdateProgressArtifactOptions, aupdate_progress_artifact_with}};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// aupdate_progress_artifact_with(&client, id, 50.0, &UpdateProgressArtifactOptions::new()).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It is not a number ([`Error::is_invalid`]); or a call of the client failed, such as for an artifact that is not there.
#[dual(sdk, map(atell => tell))]
pub async fn aupdate_progress_artifact_with(
    client: &AsyncPrefectClient,
    artifact_id: Uuid,
    progress: f64,
    options: &UpdateProgressArtifactOptions,
) -> Result<Uuid, Error> {
    let data = ArtifactData::progress(progress)?;
    let mut update = ArtifactUpdate::new().data(data.value);
    // As in Prefect, an empty description does not replace the old one.
    let description = options.description.as_deref();
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        update = update.description(description);
    }
    client.update_artifact(artifact_id, &update).await?;
    let updated = event::updated(artifact_id, &update);
    atell(client, vec![updated], options.run.as_ref()).await;
    Ok(artifact_id)
}
