//! Blocks in fields of blocks.

use std::borrow::Cow;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::block::Block;
use super::marks::{self, mark};
use super::saved::Saved;
use super::unfit::read;

/// A block in a field of another one.
///
/// One that is saved is written as a reference to its document, and so are its secrets not written again. One that is not
/// saved is written as it is. What comes as a reference is one again when it is saved: to change it, load and update its
/// own document.
///
/// In lists, maps and other structs the server knows no references: there a block is written as it is, and one with secrets
/// does not compile, or is refused when its type is registered, since the server would show them:
///
/// ```compile_fail,E0080
/// # use prefect_sdk::blocks::{Block, Nested, SecretString, schemars::JsonSchema};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, JsonSchema, Block)]
/// # #[schemars(crate = "prefect_sdk::blocks::schemars")]
/// # struct Password { password: SecretString }
/// #[derive(Serialize, Deserialize, JsonSchema, Block)]
/// # #[schemars(crate = "prefect_sdk::blocks::schemars")]
/// struct Accounts {
///     all: Vec<Nested<Password>>,
/// }
/// ```
///
/// A block that is not nested does not compile either:
///
/// ```compile_fail,E0080
/// # use prefect_sdk::blocks::{Block, SecretString, schemars::JsonSchema};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, JsonSchema, Block)]
/// # #[schemars(crate = "prefect_sdk::blocks::schemars")]
/// # struct Password { password: SecretString }
/// #[derive(Serialize, Deserialize, JsonSchema, Block)]
/// # #[schemars(crate = "prefect_sdk::blocks::schemars")]
/// struct Account {
///     password: Option<Password>,
/// }
/// ```
///
/// A field that takes blocks of several types is an enum of them:
///
/// ```
/// use prefect_sdk::blocks::{Block, Nested, SecretString, schemars::JsonSchema};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
/// # #[schemars(crate = "prefect_sdk::blocks::schemars")]
/// struct Password {
///     password: SecretString,
/// }
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
/// # #[schemars(crate = "prefect_sdk::blocks::schemars")]
/// struct KeyFile {
///     path: String,
/// }
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
/// # #[schemars(crate = "prefect_sdk::blocks::schemars")]
/// #[serde(untagged)]
/// enum Credentials {
///     Password(Nested<Password>),
///     KeyFile(Nested<KeyFile>),
/// }
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
/// # #[schemars(crate = "prefect_sdk::blocks::schemars")]
/// struct Account {
///     credentials: Credentials,
/// }
///
/// let password = Password { password: "s3cret".into() };
/// let account = Account { credentials: Credentials::Password(password.into()) };
/// # let _ = account;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nested<T> {
    value: T,
    document: Option<Document>,
}

/// The document that a nested block is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Document {
    id: Uuid,
    name: Option<String>,
    is_anonymous: bool,
}

impl<T> Nested<T> {
    /// The id of its document; `None` where it is none.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        self.document.as_ref().map(|document| document.id)
    }

    /// The name of its document.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.document.as_ref()?.name.as_deref()
    }

    /// The block itself.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Nested<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// It is written as it is.
impl<T> From<T> for Nested<T> {
    fn from(value: T) -> Self {
        Self {
            value,
            document: None,
        }
    }
}

/// It is written as a reference to its document.
impl<T> From<Saved<T>> for Nested<T> {
    fn from(saved: Saved<T>) -> Self {
        let document = Document {
            id: saved.id(),
            name: saved.name().map(ToOwned::to_owned),
            is_anonymous: saved.is_anonymous(),
        };
        Self {
            value: saved.into_inner(),
            document: Some(document),
        }
    }
}

/// The keys in which Python's classes say which document a block is.
pub(super) const SLUG: &str = "block_type_slug";
pub(super) const ID: &str = "_block_document_id";
const NAME: &str = "_block_document_name";
const IS_ANONYMOUS: &str = "_is_anonymous";

/// Says in the data of a block which document it is, as Python's classes do.
pub(super) fn sign(
    data: &mut Map<String, Value>,
    slug: Option<&str>,
    id: Uuid,
    name: Option<&str>,
    is_anonymous: bool,
) {
    if let Some(slug) = slug {
        data.insert(SLUG.to_owned(), slug.into());
    }
    data.insert(ID.to_owned(), id.to_string().into());
    data.insert(NAME.to_owned(), name.into());
    data.insert(IS_ANONYMOUS.to_owned(), is_anonymous.into());
}

impl<T: Block> Serialize for Nested<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let data = prefect_client::json::to_value(&self.value).map_err(S::Error::custom)?;
        let Value::Object(mut data) = data else {
            return Err(S::Error::custom("a block is a JSON object"));
        };
        let slug = T::INFO.slug;
        match &self.document {
            Some(document) => {
                let name = document.name.as_deref();
                sign(
                    &mut data,
                    Some(slug),
                    document.id,
                    name,
                    document.is_anonymous,
                );
            }
            None => {
                data.insert(SLUG.to_owned(), slug.into());
            }
        }
        data.serialize(serializer)
    }
}

impl<'de, T: Block> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slug = T::INFO.slug;
        let Value::Object(mut data) = Value::deserialize(deserializer)? else {
            return Err(D::Error::custom("a block is a JSON object"));
        };
        let given = data.remove(SLUG);
        if let Some(given) = given.as_ref().and_then(Value::as_str)
            && !given.is_empty()
            && given != slug
        {
            let text = format!("the block is a `{given}`, not a `{slug}`");
            return Err(D::Error::custom(text));
        }
        let (id, name) = (data.remove(ID), data.remove(NAME));
        let is_anonymous = data.remove(IS_ANONYMOUS);
        let id = id.as_ref().and_then(Value::as_str);
        let document = id
            .and_then(|id| Uuid::try_parse(id).ok())
            .map(|id| Document {
                id,
                name: name.as_ref().and_then(Value::as_str).map(ToOwned::to_owned),
                is_anonymous: is_anonymous == Some(Value::Bool(true)),
            });
        let value = read(slug, data).map_err(D::Error::custom)?;
        Ok(Self { value, document })
    }
}

impl<T: Block> JsonSchema for Nested<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("Nested<{}>", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = generator.subschema_for::<T>();
        schema.insert(marks::BLOCK.to_owned(), mark::<T>());
        schema
    }
}
