//! Registering types and schemas.

use std::collections::BTreeMap;

use diptych_macros::dual;
#[dual(table)]
use prefect_client::AsyncPrefectClient;
use prefect_client::ErrorExt as _;
use prefect_client::models::{
    BlockSchema, BlockSchemaCreate, BlockSchemaFilter, BlockSchemaFilterBlockTypeId, BlockType,
    BlockTypeCreate, BlockTypeUpdate,
};
use prefect_client::requests::{ReadBlockSchemaByChecksum, ReadBlockSchemas};
use prefect_client::transport::http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::marks::{text, texts};
use super::schema::{Plan, Plans};
use super::table;
use crate::Error;

/// A type of blocks and its schema, as the server has them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredBlock {
    /// The id of the type.
    pub block_type_id: Uuid,
    /// The id of the schema.
    pub block_schema_id: Uuid,
    /// The checksum of the schema.
    pub checksum: String,
}

/// Registers the types and schemas of the blocks in a type, and then its own.
#[dual(table)]
pub(super) async fn aregister(
    client: &AsyncPrefectClient,
    plans: &Plans,
) -> Result<RegisteredBlock, Error> {
    let mut theirs = BTreeMap::new();
    for plan in &plans.nested {
        let registered = aregister_one(client, plan.clone(), &theirs).await?;
        theirs.insert(plan.slug().to_owned(), registered.checksum);
    }
    aregister_one(client, plans.own.clone(), &theirs).await
}

/// Registers a type and its schema, which refers to the schemas that the server has of the blocks in it.
#[dual(table)]
async fn aregister_one(
    client: &AsyncPrefectClient,
    mut plan: Plan,
    theirs: &BTreeMap<String, String>,
) -> Result<RegisteredBlock, Error> {
    for (slug, checksum) in theirs {
        plan.refer_to(slug, checksum);
    }
    let type_ = afind_type(client, &plan).await?;
    let schema = afind_schema(client, &plan, &type_).await?;
    refuse_shown(&plan, &schema)?;
    Ok(RegisteredBlock {
        block_type_id: type_.id,
        block_schema_id: schema.id,
        checksum: schema.checksum,
    })
}

#[dual(table)]
async fn afind_type(client: &AsyncPrefectClient, plan: &Plan) -> Result<BlockType, Error> {
    match client.read_block_type_by_slug(plan.slug()).await {
        Ok(type_) => {
            aupdate_type(client, plan, &type_).await?;
            Ok(type_)
        }
        Err(error) if error.is_not_found() => acreate_type(client, plan).await,
        Err(error) => Err(error.into()),
    }
}

#[dual(table)]
async fn acreate_type(client: &AsyncPrefectClient, plan: &Plan) -> Result<BlockType, Error> {
    let slug = plan.slug();
    let name = text(&plan.mark, "name").unwrap_or_default();
    let said = said(plan);
    let mut create = BlockTypeCreate::new(name, slug);
    create.description = said.description;
    create.logo_url = said.logo_url;
    create.documentation_url = said.documentation_url;
    create.code_example = said.code_example;
    match client.create_block_type(&create).await {
        Ok(type_) if type_.slug == slug => Ok(type_),
        // Where another type has the same name, the answer may be that type, although this one has been made.
        Ok(_) => Ok(client.read_block_type_by_slug(slug).await?),
        // Somebody else has registered it in the meantime.
        Err(error) if error.is_already_exists() => Ok(client.read_block_type_by_slug(slug).await?),
        Err(error) => Err(error.into()),
    }
}

/// Updates what is said here and said otherwise there. What the server brings is not changed.
#[dual(table)]
async fn aupdate_type(
    client: &AsyncPrefectClient,
    plan: &Plan,
    type_: &BlockType,
) -> Result<(), Error> {
    if type_.is_protected || is_predefined(plan) {
        return Ok(());
    }
    let ours = said(plan);
    let mut update = BlockTypeUpdate::new();
    if differs(ours.description.as_deref(), type_.description.as_deref()) {
        update = update.description(ours.description);
    }
    if differs(ours.logo_url.as_deref(), type_.logo_url.as_deref()) {
        update = update.logo_url(ours.logo_url);
    }
    if differs(
        ours.documentation_url.as_deref(),
        type_.documentation_url.as_deref(),
    ) {
        update = update.documentation_url(ours.documentation_url);
    }
    if differs(ours.code_example.as_deref(), type_.code_example.as_deref()) {
        update = update.code_example(ours.code_example);
    }
    if update != BlockTypeUpdate::new() {
        client.update_block_type(type_.id, &update).await?;
    }
    Ok(())
}

/// The schema that the server has of a type: this one, or what it brings itself, or else this one from now on.
#[dual(table)]
async fn afind_schema(
    client: &AsyncPrefectClient,
    plan: &Plan,
    type_: &BlockType,
) -> Result<BlockSchema, Error> {
    let version = text(&plan.mark, "version").unwrap_or("non-versioned");
    let request = ReadBlockSchemaByChecksum::new().version(version);
    let found = client
        .read_block_schema_by_checksum_with(&plan.checksum(), &request)
        .await;
    match found {
        Ok(schema) => return Ok(schema),
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    if type_.is_protected || is_predefined(plan) {
        let of_type = BlockSchemaFilterBlockTypeId::new().any([type_.id]);
        let filter = BlockSchemaFilter::new().block_type_id(of_type);
        let request = ReadBlockSchemas::new().block_schemas(filter).limit(1);
        let newest = client.read_block_schemas_with(&request).await?;
        if let Some(schema) = newest.into_iter().next() {
            return Ok(schema);
        }
    }
    let create = BlockSchemaCreate::new(type_.id)
        .fields(plan.fields.clone())
        .capabilities(texts(&plan.mark, "capabilities"))
        .version(version);
    let refused = match client.create_block_schema(&create).await {
        Ok(schema) => return Ok(schema),
        Err(error) if error.status() == Some(StatusCode::CONFLICT) => error,
        Err(error) => return Err(error.into()),
    };
    // Somebody else has registered it in the meantime; or else a type that it refers to is not there.
    match client
        .read_block_schema_by_checksum_with(&plan.checksum(), &request)
        .await
    {
        Ok(schema) => Ok(schema),
        Err(_) => Err(refused.into()),
    }
}

/// The first registration of a schema says for ever which of its fields are secret.
fn refuse_shown(plan: &Plan, schema: &BlockSchema) -> Result<(), Error> {
    let theirs = schema.fields.get("secret_fields").and_then(Value::as_array);
    let hides = |secret: &String| {
        let mut theirs = theirs.into_iter().flatten().filter_map(Value::as_str);
        theirs.any(|hidden| hidden == secret)
    };
    let secrets = plan.secret_fields();
    match secrets.iter().find(|secret| !hides(secret)) {
        None => Ok(()),
        Some(secret) => Err(Error::unfit(format!(
            "the server has the schema of the block `{}` from somebody who did not say that `{secret}` is secret, \
             and would show it to everybody: register it with another version",
            plan.slug()
        ))),
    }
}

fn is_predefined(plan: &Plan) -> bool {
    plan.mark.get("predefined") == Some(&Value::Bool(true))
}

/// What is said of a type.
struct Said {
    description: Option<String>,
    logo_url: Option<String>,
    documentation_url: Option<String>,
    code_example: Option<String>,
}

fn said(plan: &Plan) -> Said {
    let own = |key: &str| text(&plan.mark, key).map(ToOwned::to_owned);
    Said {
        description: text(&plan.fields, "description").map(ToOwned::to_owned),
        logo_url: own("logo_url"),
        documentation_url: own("documentation_url"),
        code_example: own("code_example"),
    }
}

/// Whether something is said here, and said otherwise there, where it was escaped for HTML.
fn differs(ours: Option<&str>, theirs: Option<&str>) -> bool {
    let Some(ours) = ours else {
        return false;
    };
    theirs.map(unescaped).as_deref() != Some(unescaped(ours).as_str())
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (escaped, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escaped, letter);
    }
    text
}
