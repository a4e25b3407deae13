//! A struct as a block.

use std::collections::BTreeMap;

use diptych_macros::dual;
#[dual(table)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::BlockDocument;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::info::BlockInfo;
#[dual(table)]
use super::read::{adelete_document, aread_document, atell_loaded};
use super::read::{references_of, signed_data, slug_of};
use super::reference::{BlockReference, check_name};
use super::register::RegisteredBlock;
#[dual(table)]
use super::register::aregister;
use super::save::{SaveBlockOptions, UpdateBlockOptions};
#[dual(table)]
use super::save::{asave_anonymous_document, asave_document, aupdate_document};
use super::saved::{Place, Reference, Saved};
use super::schema::plans;
use super::table;
use super::unfit::read;
use super::write::{data, keep, refer};
use crate::{Error, RunContext};

/// What is optional about loading a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadBlockOptions {
    /// The run that loads it: the event that tells of it is related to that.
    pub run: Option<RunContext>,
}

impl LoadBlockOptions {
    /// Outside of a run.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the run that loads it.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.run = Some(run.clone());
        self
    }
}

/// A struct that the server keeps; `#[derive(Block)]` implements it. It needs `Serialize`, `Deserialize` and `JsonSchema` too.
///
/// ```no_run
/// use prefect_sdk::blocks::{Block, SecretString, schemars::{self, JsonSchema}};
/// use prefect_sdk::client::AsyncPrefectClient;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
/// #[block(name = "Report Service")]
/// struct ReportService {
///     url: String,
///     token: SecretString,
/// }
///
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let mut service = ReportService::aload(&client, "reports").await?;
/// service.token = "an0ther".into();
/// service.aupdate(&client).await?;
/// # Ok(()) }
/// ```
#[allow(
    clippy::must_use_candidate,
    reason = "a future is must_use by its type, and the results of the twins are"
)]
#[dual(table)]
pub trait Block: Serialize + DeserializeOwned + JsonSchema + Send + Sync {
    /// What the server knows of the type beside its fields.
    const INFO: BlockInfo;

    /// Whether a field of it is a secret, as the derive sees it; what it does not see is found when it is registered.
    #[doc(hidden)]
    const HAS_SECRETS: bool = false;

    /// The schema that is registered, in Python's words.
    ///
    /// # Errors
    ///
    /// The server can't have such a type, or would show a secret of it to everybody ([`Error::is_invalid`]).
    fn block_schema() -> Result<Value, Error> {
        Ok(plans::<Self>(&Self::INFO)?.own.fields.into())
    }

    /// The checksum of the schema, as the server computes it.
    ///
    /// # Errors
    ///
    /// As [`block_schema`](Self::block_schema).
    fn block_checksum() -> Result<String, Error> {
        Ok(plans::<Self>(&Self::INFO)?.own.checksum())
    }

    /// Makes the type and its schema known to the server, and those of the blocks in it. Saving a block does it.
    ///
    /// The first registration of a schema says for ever which of its fields are secret; where the server has it from
    /// somebody who said otherwise, and so would show a secret, this is an error.
    ///
    /// # Errors
    ///
    /// As [`block_schema`](Self::block_schema); the server has the schema, and would show a secret ([`Error::is_unfit`]); or a
    /// call failed.
    #[dual(name = register_type_and_schema)]
    fn aregister_type_and_schema(
        client: &AsyncPrefectClient,
    ) -> impl Future<Output = Result<RegisteredBlock, Error>> + Send {
        async move {
            let plans = plans::<Self>(&Self::INFO)?;
            aregister(client, &plans).await
        }
    }

    /// Loads the block of this name.
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]); its data are those of another type ([`Error::is_unfit`]); or the call failed.
    #[dual(name = load)]
    fn aload(
        client: &AsyncPrefectClient,
        name: &str,
    ) -> impl Future<Output = Result<Saved<Self>, Error>> + Send {
        async move {
            let options = LoadBlockOptions::new();
            Self::aload_with(client, name, &options).await
        }
    }

    /// Loads the block of this name, with what is optional about it.
    ///
    /// # Errors
    ///
    /// As [`aload`](Self::aload).
    #[dual(name = load_with)]
    fn aload_with(
        client: &AsyncPrefectClient,
        name: &str,
        options: &LoadBlockOptions,
    ) -> impl Future<Output = Result<Saved<Self>, Error>> + Send {
        async move {
            let reference = BlockReference::name(Self::INFO.slug, name);
            Self::aload_from_ref_with(client, &reference, options).await
        }
    }

    /// Loads the block that a reference names.
    ///
    /// ```no_run
    /// # use prefect_sdk::blocks::{Block, Secret};
    /// # use prefect_sdk::client::AsyncPrefectClient;
    /// # async fn run(reference: serde_json::Value) -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let token = Secret::aload_from_ref(&client, &"secret/my-token".parse()?).await?;
    /// let token = Secret::aload_from_ref(&client, &(&reference).try_into()?).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]); it is of another type, or its data are ([`Error::is_unfit`]); or the call
    /// failed.
    #[dual(name = load_from_ref)]
    fn aload_from_ref(
        client: &AsyncPrefectClient,
        reference: &BlockReference,
    ) -> impl Future<Output = Result<Saved<Self>, Error>> + Send {
        async move {
            let options = LoadBlockOptions::new();
            Self::aload_from_ref_with(client, reference, &options).await
        }
    }

    /// Loads the block that a reference names, with what is optional about it.
    ///
    /// # Errors
    ///
    /// As [`aload_from_ref`](Self::aload_from_ref).
    #[dual(name = load_from_ref_with)]
    fn aload_from_ref_with(
        client: &AsyncPrefectClient,
        reference: &BlockReference,
        options: &LoadBlockOptions,
    ) -> impl Future<Output = Result<Saved<Self>, Error>> + Send {
        async move {
            let document = aread_document(client, reference, true).await?;
            let saved = saved::<Self>(&document, reference)?;
            let run = options.run.as_ref();
            atell_loaded(client, Self::INFO.slug, saved.id(), saved.name(), run).await;
            Ok(saved)
        }
    }

    /// Saves the block below a name that is not taken yet: lower case letters, digits and dashes.
    ///
    /// # Errors
    ///
    /// It can't be a name, or the server would show a secret to everybody ([`Error::is_invalid`]); the name is taken
    /// ([`Error::is_already_exists`]); a block that it refers to is not there ([`Error::is_not_found`]); or as [`aregister_type_and_schema`](Self::aregister_type_and_schema).
    #[dual(name = save)]
    fn asave(
        self,
        client: &AsyncPrefectClient,
        name: &str,
    ) -> impl Future<Output = Result<Saved<Self>, Error>> + Send {
        async move {
            let options = SaveBlockOptions::new();
            self.asave_with(client, name, &options).await
        }
    }

    /// Saves the block below a name, or in place of what has that name.
    ///
    /// ```no_run
    /// # use prefect_sdk::blocks::{Block, SaveBlockOptions, Secret};
    /// # use prefect_sdk::client::AsyncPrefectClient;
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let options = SaveBlockOptions::new().overwrite(true);
    /// Secret::new("s3cret").asave_with(&client, "my-token", &options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`asave`](Self::asave).
    #[dual(name = save_with)]
    fn asave_with(
        self,
        client: &AsyncPrefectClient,
        name: &str,
        options: &SaveBlockOptions,
    ) -> impl Future<Output = Result<Saved<Self>, Error>> + Send {
        async move {
            let plans = plans::<Self>(&Self::INFO)?;
            let data = refer(data(&self, &plans)?, &plans, &BTreeMap::new())?;
            check_name(name)?;
            let registered = aregister(client, &plans).await?;
            let slug = Self::INFO.slug;
            let written = asave_document(client, &registered, slug, name, data, options).await?;
            let place = Place {
                id: written.id,
                name: Some(name.to_owned()),
                is_anonymous: false,
                references: written.kept,
            };
            Ok(Saved { value: self, place })
        }
    }

    /// Saves the block without a name: the server makes one up, and shows the block to nobody.
    ///
    /// # Errors
    ///
    /// As [`asave`](Self::asave).
    #[dual(name = save_anonymous)]
    fn asave_anonymous(
        self,
        client: &AsyncPrefectClient,
    ) -> impl Future<Output = Result<Saved<Self>, Error>> + Send {
        async move {
            let plans = plans::<Self>(&Self::INFO)?;
            let data = refer(data(&self, &plans)?, &plans, &BTreeMap::new())?;
            let registered = aregister(client, &plans).await?;
            let written = asave_anonymous_document(client, &registered, data).await?;
            let place = Place {
                id: written.id,
                name: written.name,
                is_anonymous: true,
                references: BTreeMap::new(),
            };
            Ok(Saved { value: self, place })
        }
    }

    /// Removes the block of this name.
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]), or a call failed.
    #[dual(name = delete)]
    fn adelete(
        client: &AsyncPrefectClient,
        name: &str,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            let reference = BlockReference::name(Self::INFO.slug, name);
            let document = aread_document(client, &reference, false).await?;
            adelete_document(client, document.id, name).await
        }
    }
}

#[dual(table)]
impl<T: Block> Saved<T> {
    /// Writes the value into its document.
    ///
    /// Fields that came as references, and have not been changed, stay references; so do those that this type does not
    /// have, and what else it does not have stays too.
    ///
    /// # Errors
    ///
    /// A field that came as a reference has been changed although it is no [`Nested`](super::Nested) block
    /// ([`Error::is_invalid`]); the document is not there any more ([`Error::is_not_found`]); or as
    /// [`aregister_type_and_schema`](Block::aregister_type_and_schema).
    pub async fn aupdate(&self, client: &AsyncPrefectClient) -> Result<(), Error> {
        let options = UpdateBlockOptions::new();
        self.aupdate_with(client, &options).await
    }

    /// Writes the value into its document, with what is optional about it.
    ///
    /// # Errors
    ///
    /// As [`aupdate`](Self::aupdate).
    pub async fn aupdate_with(
        &self,
        client: &AsyncPrefectClient,
        options: &UpdateBlockOptions,
    ) -> Result<(), Error> {
        let plans = plans::<T>(&T::INFO)?;
        let came = &self.place.references;
        let mut data = refer(data(&self.value, &plans)?, &plans, came)?;
        if !options.replace {
            let came = came.iter().map(|(field, it)| (field.clone(), it.id));
            keep(&mut data, came);
        }
        let registered = aregister(client, &plans).await?;
        aupdate_document(client, &registered, self.place.id, data, options.replace).await
    }
}

/// Reads a document as a block of this type.
pub(super) fn saved<T: Block>(
    document: &BlockDocument,
    asked: &BlockReference,
) -> Result<Saved<T>, Error> {
    let (slug, expected) = (slug_of(document)?, T::INFO.slug);
    if slug != expected {
        let text = format!("the block document `{asked}` is a `{slug}`, not a `{expected}`");
        return Err(Error::unfit(text));
    }
    let signed: Map<String, Value> = signed_data(document);
    let value: T = read(expected, signed).map_err(|error| {
        Error::unfit(format!("the block document `{asked}` can't be read")).because(error)
    })?;
    let ids = references_of(document);
    let again = if ids.is_empty() {
        Value::Null
    } else {
        prefect_client::json::to_value(&value).unwrap_or_default()
    };
    let references = ids.into_iter().map(|(field, id)| {
        let unchanged = again.get(&field).cloned();
        (field, Reference { id, unchanged })
    });
    let place = Place {
        id: document.id,
        name: document.name.clone(),
        is_anonymous: document.is_anonymous,
        references: references.collect(),
    };
    Ok(Saved { value, place })
}
