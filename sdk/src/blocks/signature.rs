//! Which document a block is, said in its data by the keys that Python's classes use.

use serde_json::{Map, Value};
use uuid::Uuid;

/// Of which type a block is.
pub(super) const SLUG: &str = "block_type_slug";
const ID: &str = "_block_document_id";
const NAME: &str = "_block_document_name";
const IS_ANONYMOUS: &str = "_is_anonymous";

/// The document that a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) id: Uuid,
    pub(super) name: Option<String>,
    pub(super) is_anonymous: bool,
}

/// Says in the data of a block of which type it is, and which document.
pub(super) fn sign(data: &mut Map<String, Value>, slug: Option<&str>, document: Option<&Document>) {
    if let Some(slug) = slug {
        data.insert(SLUG.to_owned(), slug.into());
    }
    if let Some(document) = document {
        data.insert(ID.to_owned(), document.id.to_string().into());
        data.insert(NAME.to_owned(), document.name.clone().into());
        data.insert(IS_ANONYMOUS.to_owned(), document.is_anonymous.into());
    }
}

/// Takes out of the data of a block of which type it is, and which document.
pub(super) fn take_signature(data: &mut Map<String, Value>) -> (Option<String>, Option<Document>) {
    let mut text = |key: &str| match data.remove(key) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let (slug, id, name) = (text(SLUG), text(ID), text(NAME));
    let is_anonymous = data.remove(IS_ANONYMOUS) == Some(Value::Bool(true));
    let id = id.and_then(|id| Uuid::try_parse(&id).ok());
    let document = id.map(|id| Document {
        id,
        name,
        is_anonymous,
    });
    (slug, document)
}

/// Whether a block says that it is a document.
pub(super) fn is_signed(data: &Map<String, Value>) -> bool {
    data.contains_key(ID)
}

/// The document that a block says it is.
pub(super) fn signed_id(value: &Value) -> Option<Uuid> {
    Uuid::try_parse(value.get(ID)?.as_str()?).ok()
}
