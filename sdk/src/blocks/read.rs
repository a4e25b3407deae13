//! Documents as the server has them, and what is in them.

use std::collections::BTreeMap;

use chrono::Utc;
use diptych_macros::dual;
#[dual(table)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{BlockDocument, Event};
use prefect_client::requests::{ReadBlockDocumentById, ReadBlockDocumentByNameForBlockType};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::reference::{BlockReference, check_part};
use super::signature::{Document, sign};
use super::table;
#[dual(table)]
use crate::events::atell;
use crate::{Error, RunContext};

/// Reads a document; with its secrets only where they are needed.
#[dual(table)]
pub(crate) async fn aread_document(
    client: &AsyncPrefectClient,
    reference: &BlockReference,
    secrets: bool,
) -> Result<BlockDocument, Error> {
    let read = match reference {
        BlockReference::Id(id) => {
            let request = ReadBlockDocumentById::new().include_secrets(secrets);
            client.read_block_document_by_id_with(*id, &request).await
        }
        BlockReference::Name { slug, name } => {
            check_part(slug)?;
            check_part(name)?;
            let request = ReadBlockDocumentByNameForBlockType::new().include_secrets(secrets);
            client
                .read_block_document_by_name_for_block_type_with(slug, name, &request)
                .await
        }
    };
    read.map_err(|error| {
        if error.is_not_found() {
            let text = format!("there is no block document `{reference}`");
            Error::not_found(text).because(error)
        } else {
            error.into()
        }
    })
}

/// Removes a document.
#[dual(table)]
pub(super) async fn adelete_document(
    client: &AsyncPrefectClient,
    id: Uuid,
    name: &str,
) -> Result<(), Error> {
    client.delete_block_document(id).await.map_err(|error| {
        if error.is_not_found() {
            let text = format!("there is no block document `{name}`");
            Error::not_found(text).because(error)
        } else {
            error.into()
        }
    })
}

/// Tells that a document was loaded, as Prefect's own client does.
#[dual(table)]
pub(super) async fn atell_loaded(
    client: &AsyncPrefectClient,
    slug: &str,
    id: Uuid,
    name: Option<&str>,
    run: Option<&RunContext>,
) {
    if let Some(name) = name {
        atell(client, vec![loaded(slug, id, name)], run).await;
    }
}

fn loaded(slug: &str, id: Uuid, name: &str) -> Event {
    let labels = |labels: [(&str, String); 2]| -> BTreeMap<String, String> {
        labels
            .into_iter()
            .map(|(label, value)| (label.to_owned(), value))
            .collect()
    };
    let resource = labels([
        (
            "prefect.resource.id",
            format!("prefect.block-document.{id}"),
        ),
        ("prefect.resource.name", name.to_owned()),
    ]);
    let related = labels([
        ("prefect.resource.id", format!("prefect.block-type.{slug}")),
        ("prefect.resource.role", "block-type".to_owned()),
    ]);
    let name = format!("prefect.block.{slug}.loaded");
    Event::new(Utc::now(), name, resource, Uuid::now_v7()).related([related])
}

/// The slug of the type of a document.
pub(super) fn slug_of(document: &BlockDocument) -> Result<&str, Error> {
    let slug = document
        .block_type
        .as_ref()
        .map(|type_| type_.slug.as_str());
    slug.ok_or_else(|| Error::answer("a block document came without its type"))
}

/// The documents that fields refer to.
pub(super) fn references_of(document: &BlockDocument) -> BTreeMap<String, Uuid> {
    let id = |reference: &BTreeMap<String, Value>| {
        let id = reference.get("block_document")?.get("id")?.as_str()?;
        Uuid::try_parse(id).ok()
    };
    let references = document.block_document_references.iter();
    references
        .filter_map(|(field, reference)| Some((field.clone(), id(reference)?)))
        .collect()
}

/// The data of a document. Blocks that came as references say which document they are.
pub(super) fn signed_data(document: &BlockDocument) -> Map<String, Value> {
    let mut data: Map<String, Value> = document.data.clone().into_iter().collect();
    for (field, reference) in &document.block_document_references {
        if let (Some(Value::Object(inner)), Some(referred)) =
            (data.get_mut(field), reference.get("block_document"))
        {
            sign_referred(inner, referred);
        }
    }
    data
}

/// The server nests references no deeper than an answer nests.
fn sign_referred(data: &mut Map<String, Value>, document: &Value) {
    let references = document.get("block_document_references");
    for (field, reference) in references.and_then(Value::as_object).into_iter().flatten() {
        if let (Some(Value::Object(inner)), Some(referred)) =
            (data.get_mut(field), reference.get("block_document"))
        {
            sign_referred(inner, referred);
        }
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(ToOwned::to_owned);
    let slug = text(
        document
            .get("block_type")
            .and_then(|type_| type_.get("slug")),
    );
    let id = text(document.get("id")).and_then(|id| Uuid::try_parse(&id).ok());
    let is_anonymous = document.get("is_anonymous") == Some(&Value::Bool(true));
    if let Some(id) = id {
        let document = Document {
            id,
            name: text(document.get("name")),
            is_anonymous,
        };
        sign(data, slug.as_deref(), Some(&document));
    }
}
