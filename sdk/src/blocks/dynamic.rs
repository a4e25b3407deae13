//! A block of a type that the program has no struct for.

use std::collections::BTreeMap;
use std::fmt;

use diptych_macros::dual;
#[dual(table)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::BlockDocument;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::block::LoadBlockOptions;
#[dual(table)]
use super::read::{adelete_document, aread_document, atell_loaded};
use super::read::{references_of, slug_of};
use super::reference::{BlockReference, check_name};
use super::register::RegisteredBlock;
use super::save::SaveBlockOptions;
#[dual(table)]
use super::save::{asave_document, aupdate_document};
use super::secret::Redacted;
use super::table;
use super::write::{reference_to, refuse_reference};
use crate::Error;

/// A block of a type that the program has no struct for: its fields are JSON.
///
/// Nothing is lost when it is saved again. `Debug` shows only what the type's schema has, and does not call a secret.
///
/// ```no_run
/// # use prefect_sdk::{blocks::DynamicBlock, client::AsyncPrefectClient};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let mut block = DynamicBlock::aload(&client, "s3-bucket/reports").await?;
/// block.set("bucket_name", "archive");
/// block.aupdate(&client).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct DynamicBlock {
    id: Uuid,
    name: Option<String>,
    is_anonymous: bool,
    slug: String,
    registered: RegisteredBlock,
    fields: Map<String, Value>,
    references: BTreeMap<String, Uuid>,
    has_removed: bool,
    shown: Vec<String>,
}

impl DynamicBlock {
    /// The id of the document.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The name of the document.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether the server hides the document from people, and has named it itself.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.is_anonymous
    }

    /// The slug of its type.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its fields, secrets among them. Those that refer to other blocks have the fields of these.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// A field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    /// The document that a field refers to.
    #[must_use]
    pub fn reference(&self, field: &str) -> Option<Uuid> {
        self.references.get(field).copied()
    }

    /// Sets a field; it does not refer to another block then.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<Value>) {
        let field = field.into();
        self.references.remove(&field);
        self.fields.insert(field, value.into());
    }

    /// Lets a field refer to another block.
    pub fn refer(&mut self, field: impl Into<String>, document: Uuid) {
        let field = field.into();
        self.fields.remove(&field);
        self.references.insert(field, document);
    }

    /// Removes a field. Updating then writes the whole document, and so drops what somebody else has added in the meantime.
    pub fn remove(&mut self, field: &str) -> Option<Value> {
        self.has_removed |= self.references.remove(field).is_some();
        let removed = self.fields.remove(field);
        self.has_removed |= removed.is_some();
        removed
    }

    /// The data as they are written.
    fn data(&self) -> Result<BTreeMap<String, Value>, Error> {
        let mut data = BTreeMap::new();
        for (field, value) in &self.fields {
            if !self.references.contains_key(field) {
                refuse_reference(&self.slug, field, value)?;
                data.insert(field.clone(), value.clone());
            }
        }
        let references = self.references.iter();
        data.extend(references.map(|(field, id)| (field.clone(), reference_to(*id))));
        Ok(data)
    }
}

#[dual(table)]
impl DynamicBlock {
    /// Loads the block of this name, which begins with the slug of its type: `slug/name`.
    ///
    /// # Errors
    ///
    /// It names no block ([`Error::is_invalid`]); there is none ([`Error::is_not_found`]); or the call failed.
    pub async fn aload(client: &AsyncPrefectClient, name: &str) -> Result<Self, Error> {
        Self::aload_from_ref(client, &name.parse()?).await
    }

    /// Loads the block that a reference names.
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]), or the call failed.
    pub async fn aload_from_ref(
        client: &AsyncPrefectClient,
        reference: &BlockReference,
    ) -> Result<Self, Error> {
        let options = LoadBlockOptions::new();
        Self::aload_from_ref_with(client, reference, &options).await
    }

    /// Loads the block that a reference names, with what is optional about it.
    ///
    /// # Errors
    ///
    /// As [`aload_from_ref`](Self::aload_from_ref).
    pub async fn aload_from_ref_with(
        client: &AsyncPrefectClient,
        reference: &BlockReference,
        options: &LoadBlockOptions,
    ) -> Result<Self, Error> {
        let document = aread_document(client, reference, true).await?;
        let block = loaded(document)?;
        let (name, run) = (block.name(), options.run.as_ref());
        atell_loaded(client, &block.slug, block.id, name, run).await;
        Ok(block)
    }

    /// Writes the fields into the document.
    ///
    /// # Errors
    ///
    /// A field can't be written ([`Error::is_invalid`]); the document is not there any more ([`Error::is_not_found`]); or the
    /// call failed.
    pub async fn aupdate(&self, client: &AsyncPrefectClient) -> Result<(), Error> {
        let data = self.data()?;
        aupdate_document(client, &self.registered, self.id, data, self.has_removed).await
    }

    /// Saves the fields below another name, as a block of the same type.
    ///
    /// # Errors
    ///
    /// It can't be a name, or a field can't be written ([`Error::is_invalid`]); the name is taken
    /// ([`Error::is_already_exists`]); or a call failed.
    pub async fn asave(&self, client: &AsyncPrefectClient, name: &str) -> Result<Self, Error> {
        let options = SaveBlockOptions::new();
        self.asave_with(client, name, &options).await
    }

    /// Saves the fields below another name, or in place of what has that name.
    ///
    /// # Errors
    ///
    /// As [`asave`](Self::asave).
    pub async fn asave_with(
        &self,
        client: &AsyncPrefectClient,
        name: &str,
        options: &SaveBlockOptions,
    ) -> Result<Self, Error> {
        check_name(name)?;
        let (data, slug) = (self.data()?, &self.slug);
        let written = asave_document(client, &self.registered, slug, name, data, options).await?;
        let mut saved = self.clone();
        saved.id = written.id;
        saved.name = Some(name.to_owned());
        saved.is_anonymous = false;
        saved.has_removed = false;
        let kept = written.kept.into_iter();
        saved
            .references
            .extend(kept.map(|(field, it)| (field, it.id)));
        Ok(saved)
    }

    /// Removes the block of this name, which begins with the slug of its type: `slug/name`.
    ///
    /// # Errors
    ///
    /// As [`aload`](Self::aload).
    pub async fn adelete(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
        let document = aread_document(client, &name.parse()?, false).await?;
        adelete_document(client, document.id, name).await
    }
}

fn loaded(document: BlockDocument) -> Result<DynamicBlock, Error> {
    let registered = RegisteredBlock {
        block_type_id: document.block_type_id,
        block_schema_id: document.block_schema_id,
        checksum: document
            .block_schema
            .as_ref()
            .map(|schema| schema.checksum.clone())
            .unwrap_or_default(),
    };
    Ok(DynamicBlock {
        id: document.id,
        is_anonymous: document.is_anonymous,
        slug: slug_of(&document)?.to_owned(),
        registered,
        references: references_of(&document),
        has_removed: false,
        shown: shown(&document),
        name: document.name,
        fields: document.data.into_iter().collect(),
    })
}

/// The fields that may be shown: those that the schema has, and of which no part is secret. What it does not have may have
/// been secret in another schema.
fn shown(document: &BlockDocument) -> Vec<String> {
    let Some(schema) = &document.block_schema else {
        return Vec::new();
    };
    let (Some(Value::Array(secrets)), Some(Value::Object(properties))) = (
        schema.fields.get("secret_fields"),
        schema.fields.get("properties"),
    ) else {
        return Vec::new();
    };
    let is_secret = |field: &str| {
        let mut secrets = secrets.iter().filter_map(Value::as_str);
        // A name with a dot is cut at it.
        secrets.any(|secret| {
            let rest = secret.strip_prefix(field);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let fields = properties
        .iter()
        .filter(|(field, property)| !is_secret(field) && !says_secret(property));
    fields.map(|(field, _)| field.clone()).collect()
}

/// Whether a field is a secret whatever is said of secrets.
fn says_secret(property: &Value) -> bool {
    match property {
        Value::Object(object) => {
            object
                .get("format")
                .is_some_and(|format| format == "password")
                || object.get("writeOnly") == Some(&Value::Bool(true))
                || object.values().any(says_secret)
        }
        Value::Array(values) => values.iter().any(says_secret),
        _ => false,
    }
}

impl fmt::Debug for DynamicBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = BTreeMap::<&str, &dyn fmt::Debug>::new();
        for (field, value) in &self.fields {
            let is_shown = self.shown.contains(field) && !self.references.contains_key(field);
            fields.insert(field, if is_shown { value } else { &Redacted });
        }
        f.debug_struct("DynamicBlock")
            .field("slug", &self.slug)
            .field("id", &self.id)
            .field("name", &self.name)
            .field("is_anonymous", &self.is_anonymous)
            .field("fields", &fields)
            .field("references", &self.references)
            .finish_non_exhaustive()
    }
}
