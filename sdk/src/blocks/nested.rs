//! Blocks in fields of blocks.

use std::borrow::Cow;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::block::Block;
use super::marks::{self, mark};
use super::saved::Saved;
use super::signature::{Document, sign, take_signature};
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
/// # use prefect_sdk::blocks::{Block, Nested, SecretString, schemars::{self, JsonSchema}};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, JsonSchema, Block)]
/// # struct Password { password: SecretString }
/// #[derive(Serialize, Deserialize, JsonSchema, Block)]
/// struct Accounts {
///     all: Vec<Nested<Password>>,
/// }
/// ```
///
/// A block that is not nested does not compile either:
///
/// ```compile_fail,E0080
/// # use prefect_sdk::blocks::{Block, SecretString, schemars::{self, JsonSchema}};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, JsonSchema, Block)]
/// # struct Password { password: SecretString }
/// #[derive(Serialize, Deserialize, JsonSchema, Block)]
/// struct Account {
///     password: Option<Password>,
/// }
/// ```
///
/// A field that takes blocks of several types is an enum of them:
///
/// ```
/// use prefect_sdk::blocks::{Block, Nested, SecretString, schemars::{self, JsonSchema}};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
/// struct Password {
///     password: SecretString,
/// }
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
/// struct KeyFile {
///     path: String,
/// }
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
/// #[serde(untagged)]
/// enum Credentials {
///     Password(Nested<Password>),
///     KeyFile(Nested<KeyFile>),
/// }
///
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
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

impl<T: Block> Serialize for Nested<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let data = prefect_client::json::to_value(&self.value).map_err(S::Error::custom)?;
        let Value::Object(mut data) = data else {
            return Err(S::Error::custom("a block is a JSON object"));
        };
        sign(&mut data, Some(T::INFO.slug), self.document.as_ref());
        data.serialize(serializer)
    }
}

impl<'de, T: Block> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slug = T::INFO.slug;
        let Value::Object(mut data) = Value::deserialize(deserializer)? else {
            return Err(D::Error::custom("a block is a JSON object"));
        };
        let (given, document) = take_signature(&mut data);
        if let Some(given) = given
            && !given.is_empty()
            && given != slug
        {
            let text = format!("the block is a `{given}`, not a `{slug}`");
            return Err(D::Error::custom(text));
        }
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
        schema.insert(marks::BLOCK.to_owned(), mark::<T>(&T::INFO));
        schema
    }
}
