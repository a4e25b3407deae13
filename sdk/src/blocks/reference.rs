//! Which document of a block is meant.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use uuid::Uuid;

use crate::Error;

/// Which document of a block is meant: by its id, or by the slug of its type and its name.
///
/// ```
/// use prefect_sdk::blocks::BlockReference;
///
/// let by_name: BlockReference = "secret/my-token".parse()?;
/// let by_id: BlockReference = "0195f0c5-6e9b-7e5c-8b6c-7f7d3a4b5c6d".parse()?;
/// assert_ne!(by_name, by_id);
/// # Ok::<(), prefect_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BlockReference {
    /// By its id.
    Id(Uuid),
    /// By the slug of its type, and its name.
    Name {
        /// The slug of its type.
        slug: String,
        /// Its name.
        name: String,
    },
}

impl BlockReference {
    /// By the slug of its type, and its name.
    #[must_use]
    pub fn name(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Name {
            slug: slug.into(),
            name: name.into(),
        }
    }
}

impl From<Uuid> for BlockReference {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

/// `slug/name`, or an id.
impl FromStr for BlockReference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some((slug, name)) = text.split_once('/') {
            check_part(slug)?;
            check_part(name)?;
            return Ok(Self::name(slug, name));
        }
        let id = Uuid::try_parse(text);
        id.map(Self::Id).map_err(|_| {
            Error::invalid(format!(
                "`{text}` names no block document: that is `slug/name`, or an id"
            ))
        })
    }
}

/// As Prefect writes references where JSON is: an id, `slug/name`, `{"block_document_id": …}`,
/// `{"block_document_slug": …}`, or `{"$ref": …}` with one of them.
impl TryFrom<&Value> for BlockReference {
    type Error = Error;

    fn try_from(reference: &Value) -> Result<Self, Error> {
        let reference = reference.get("$ref").unwrap_or(reference);
        let text = |key: &str| reference.get(key).and_then(Value::as_str);
        if let Some(text) = reference.as_str() {
            return text.parse();
        }
        if let Some(id) = text("block_document_id") {
            let id = Uuid::try_parse(id);
            return id.map(Self::Id).map_err(|_| {
                Error::invalid("the `block_document_id` of a reference to a block is no UUID")
            });
        }
        match text("block_document_slug") {
            Some(slug) if slug.contains('/') => slug.parse(),
            Some(_) => Err(Error::invalid(
                "the `block_document_slug` of a reference to a block is not `slug/name`",
            )),
            None => Err(Error::invalid(
                "a reference to a block has `block_document_id` or `block_document_slug`",
            )),
        }
    }
}

impl fmt::Display for BlockReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name { slug, name } => write!(f, "{slug}/{name}"),
        }
    }
}

/// What the server can be asked for: a part of a path. Names of older servers may have other letters than those that are
/// taken today.
pub(super) fn check_part(part: &str) -> Result<(), Error> {
    if part.is_empty() || part.contains('/') || part == "." || part == ".." {
        let text = format!("`{part}` is no slug or name of a block document");
        return Err(Error::invalid(text));
    }
    Ok(())
}

/// What the server takes as the name of a new document.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let fits = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-');
    if name.is_empty() || !name.chars().all(fits) {
        let text = format!(
            "`{name}` is no name of a block document: that is lower case letters, digits and dashes"
        );
        return Err(Error::invalid(text));
    }
    Ok(())
}
