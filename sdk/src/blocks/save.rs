//! Writing documents.

use std::collections::BTreeMap;

use diptych_macros::dual;
#[dual(table)]
use prefect_client::AsyncPrefectClient;
use prefect_client::ErrorExt as _;
use prefect_client::models::{BlockDocument, BlockDocumentCreate, BlockDocumentUpdate};
use serde_json::Value;
use uuid::Uuid;

#[dual(table)]
use super::read::aread_document;
use super::read::references_of;
use super::reference::BlockReference;
use super::register::RegisteredBlock;
use super::saved::Reference;
use super::table;
use super::write::keep;
use crate::Error;

/// What is optional about saving a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaveBlockOptions {
    /// Whether a document of that name may be there already; it may not unless set.
    pub overwrite: bool,
    /// Whether what this type has no field for is dropped from a document that is overwritten; it is kept unless set.
    pub replace: bool,
}

impl SaveBlockOptions {
    /// Only where there is no such document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether a document of that name may be there already.
    #[must_use]
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Sets whether what this type has no field for is dropped from a document that is overwritten.
    #[must_use]
    pub fn replace(mut self, replace: bool) -> Self {
        self.replace = replace;
        self
    }
}

/// What is optional about updating a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateBlockOptions {
    /// Whether what this type has no field for is dropped from the document; it is kept unless set.
    pub replace: bool,
}

impl UpdateBlockOptions {
    /// Keeping what this type has no field for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether what this type has no field for is dropped from the document.
    #[must_use]
    pub fn replace(mut self, replace: bool) -> Self {
        self.replace = replace;
        self
    }
}

/// The document that is saved: its id, and its name if the server has made one up.
pub(super) struct Written {
    pub(super) id: Uuid,
    pub(super) name: Option<String>,
    /// The references that are kept although the type has no such fields.
    pub(super) kept: BTreeMap<String, Reference>,
}

/// Saves data below a name.
#[dual(table)]
pub(super) async fn asave_document(
    client: &AsyncPrefectClient,
    registered: &RegisteredBlock,
    slug: &str,
    name: &str,
    mut data: BTreeMap<String, Value>,
    options: &SaveBlockOptions,
) -> Result<Written, Error> {
    let create = create(registered, &data).name(name);
    let refused = match client.create_block_document(&create).await {
        Ok(document) => return Ok(written(document)),
        Err(error) if error.is_already_exists() => error,
        Err(error) => return Err(error.into()),
    };
    // The same status says that a block which is referred to is not there.
    let reference = BlockReference::name(slug, name);
    let there = match aread_document(client, &reference, false).await {
        Ok(document) => document,
        Err(error) if error.is_not_found() => {
            let text = format!("a block that `{reference}` refers to is not there");
            return Err(Error::not_found(text).because(refused));
        }
        Err(error) => return Err(error),
    };
    if !options.overwrite {
        let text = format!(
            "the block document `{reference}` is there already: see SaveBlockOptions::overwrite"
        );
        return Err(Error::exists(text).because(refused));
    }
    let mut kept = BTreeMap::new();
    if !options.replace {
        kept = references_of(&there);
        kept.retain(|field, _| !data.contains_key(field));
    }
    keep(&mut data, kept.clone());
    aupdate_document(client, registered, there.id, data, options.replace).await?;
    let kept = kept.into_iter().map(|(field, id)| {
        let unchanged = None;
        (field, Reference { id, unchanged })
    });
    Ok(Written {
        kept: kept.collect(),
        ..written(there)
    })
}

/// Saves data without a name.
#[dual(table)]
pub(super) async fn asave_anonymous_document(
    client: &AsyncPrefectClient,
    registered: &RegisteredBlock,
    data: BTreeMap<String, Value>,
) -> Result<Written, Error> {
    let create = create(registered, &data).is_anonymous(true);
    Ok(written(client.create_block_document(&create).await?))
}

/// Writes data into a document.
#[dual(table)]
pub(super) async fn aupdate_document(
    client: &AsyncPrefectClient,
    registered: &RegisteredBlock,
    id: Uuid,
    data: BTreeMap<String, Value>,
    replace: bool,
) -> Result<(), Error> {
    let update = BlockDocumentUpdate::new()
        .block_schema_id(registered.block_schema_id)
        .data(data)
        .merge_existing_data(!replace);
    client
        .update_block_document_data(id, &update)
        .await
        .map_err(|error| {
            if error.is_not_found() {
                let text = format!("there is no block document `{id}`");
                Error::not_found(text).because(error)
            } else {
                error.into()
            }
        })
}

fn create(registered: &RegisteredBlock, data: &BTreeMap<String, Value>) -> BlockDocumentCreate {
    BlockDocumentCreate::new(registered.block_schema_id, registered.block_type_id)
        .data(data.clone())
}

fn written(document: BlockDocument) -> Written {
    Written {
        id: document.id,
        name: document.name,
        kept: BTreeMap::new(),
    }
}
