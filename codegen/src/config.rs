//! `diptych.toml`: the names and the few choices that a person makes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error;
use crate::ir;
use crate::naming::{is_name, value_name};
use crate::pointer::Pointer;

/// The choices for one description.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Which description the choices are for.
    #[serde(default)]
    pub description: Description,
    /// The names of the two clients.
    pub client: Client,
    /// Names for what the description leaves nameless or names badly.
    #[serde(default)]
    pub names: Names,
    /// Headers that the client sends itself and that are no operation's argument.
    #[serde(default)]
    pub headers: Headers,
    /// Which operations are generated.
    #[serde(default)]
    pub operations: Selection,
    /// How request bodies are presented.
    #[serde(default)]
    pub bodies: Bodies,
    /// Answers that are not JSON although the description says nothing: operation (`GET /path`) to kind.
    #[serde(default)]
    pub responses: BTreeMap<String, AnswerKind>,
    /// Operations that do no more when they are sent twice, although their method promises nothing.
    #[serde(default)]
    pub repeatable: Repeatable,
    /// How operations that answer page by page are recognised.
    #[serde(default)]
    pub pages: Pages,
    /// What is generated for the tests of the client's users.
    #[serde(default)]
    pub testing: Testing,
    /// Properties whose values never appear in `Debug`, by pointer.
    #[serde(default)]
    pub sensitive: BTreeSet<Pointer>,
    /// Operations that the live tests can't see answered, each with the reason.
    #[serde(default)]
    pub unanswered: BTreeMap<String, String>,
}

/// Which description the choices are for.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Description {
    /// Its `info.version`: there, a choice that fits no place is an error, and for other versions it is a warning. Without
    /// it, it is always an error.
    pub version: Option<String>,
    /// What each path begins with where any does, and what the base URL ends in already, such as `/api`: it is taken off.
    pub path_prefix: Option<String>,
    /// The address at which the description is served, to which those of its servers may be relative.
    pub url: Option<String>,
}

/// The names of the two clients.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Client {
    /// The blocking client.
    pub blocking: String,
    /// The async client.
    pub asynchronous: String,
    /// The tag of operations that have none.
    #[serde(default = "default_tag")]
    pub untagged: String,
}

/// Names that a person chose.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Names {
    /// Inline schemas, by pointer.
    #[serde(default)]
    pub types: BTreeMap<Pointer, String>,
    /// Operations, by `METHOD /path`.
    #[serde(default)]
    pub operations: BTreeMap<String, String>,
    /// What types and methods were called before, with what they are called now: users find the former name deprecated, until
    /// the line is taken out.
    #[serde(default)]
    pub former: BTreeMap<String, String>,
}

/// Headers that the client sends itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Headers {
    /// Their names, in lower case.
    #[serde(default)]
    pub client: BTreeSet<String>,
}

/// Which operations are generated: those of `only` and `only_tags`, or all where neither says anything, but for those of the
/// others.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Selection {
    /// `METHOD /path`, where `*` stands for any text: `* /pets*`.
    #[serde(default)]
    pub only: BTreeSet<String>,
    /// Tags, as the description has them.
    #[serde(default)]
    pub only_tags: BTreeSet<String>,
    /// As `only`.
    #[serde(default)]
    pub without: BTreeSet<String>,
    /// As `only_tags`.
    #[serde(default)]
    pub without_tags: BTreeSet<String>,
}

impl Selection {
    /// Whether nothing is chosen.
    pub(crate) fn is_everything(&self) -> bool {
        self.choices().next().is_none()
    }

    /// Every pattern and tag.
    pub(crate) fn choices(&self) -> impl Iterator<Item = &str> {
        let patterns = self.only.iter().chain(&self.without);
        let tags = self.only_tags.iter().chain(&self.without_tags);
        patterns.chain(tags).map(String::as_str)
    }
}

/// How request bodies are presented.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Bodies {
    /// Body schemas with this prefix exist for one operation only: their properties become its arguments.
    pub embedded_prefix: Option<String>,
}

/// Operations that do no more when they are sent twice.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Repeatable {
    /// `METHOD /path`, where `*` stands for any text: `POST */filter`.
    #[serde(default)]
    pub operations: BTreeSet<String>,
}

/// What is generated for the tests of the client's users.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Testing {
    /// The feature with which types that are only received have constructors; without one they have none.
    pub feature: Option<String>,
}

/// How operations that answer page by page are recognised; the names are those on the wire.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Pages {
    /// Pages that begin at an offset.
    pub offset: Option<OffsetPages>,
    /// Pages that have numbers.
    pub number: Option<NumberPages>,
    /// Pages that name the next one.
    pub link: Option<LinkPages>,
}

/// An operation that takes both answers a list.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OffsetPages {
    /// How many items come before the page.
    pub offset: String,
    /// How many items it has at most.
    pub limit: String,
}

/// An operation that takes both answers an object with a list and the number of pages.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NumberPages {
    /// The number of the page; also in the answer, where it says it.
    pub page: String,
    /// How many items a page has at most.
    pub limit: String,
    /// How many pages there are: a property of the answer.
    pub pages: String,
}

/// An operation whose answer is an object with a list and the URL of the next page.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LinkPages {
    /// The URL: a property of the answer.
    pub next: String,
    /// What the URL's query says of the page; the operation that takes it, and answers the same, reads the next page.
    pub token: String,
}

/// How an answer is read.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AnswerKind {
    /// As JSON.
    Json,
    /// As text.
    Text,
    /// As bytes.
    Bytes,
    /// As a list of what is on each line: JSON, one value after the other.
    Lines,
    /// As a list of the server's events.
    Events,
}

impl From<AnswerKind> for ir::AnswerKind {
    fn from(kind: AnswerKind) -> Self {
        match kind {
            AnswerKind::Json => Self::Json,
            AnswerKind::Text => Self::Text,
            AnswerKind::Bytes => Self::Bytes,
            AnswerKind::Lines => Self::Lines,
            AnswerKind::Events => Self::Events,
        }
    }
}

impl Config {
    /// Reads the choices from TOML.
    ///
    /// # Errors
    ///
    /// When the text is not TOML or has a key that is not known; the message names the line.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Whether the choices were made for this version of the description, so that each of them must fit.
    pub(crate) fn is_for(&self, version: &str) -> bool {
        let made_for = self.description.version.as_deref();
        made_for.is_none_or(|made_for| made_for == version)
    }

    /// Whether the names can be those of types and methods, and the two clients differ.
    pub(crate) fn check(&self) -> Result<(), error::Error> {
        let mut problems = error::Problems::default();
        let Client {
            blocking,
            asynchronous,
            ..
        } = &self.client;
        for name in [blocking, asynchronous] {
            if !is_name(name) {
                let rule = format!("diptych.toml: `{name}` is no name for a client");
                problems.add(Pointer::root(), rule);
            }
        }
        if blocking == asynchronous {
            let rule = format!("diptych.toml: both clients are called `{blocking}`");
            problems.add(Pointer::root(), rule);
        }
        if let Some(prefix) = &self.description.path_prefix
            && (!prefix.starts_with('/') || prefix.ends_with('/'))
        {
            let rule = format!(
                "diptych.toml: the prefix `{prefix}` has to begin with a slash and end without one"
            );
            problems.add(Pointer::root(), rule);
        }
        for (operation, name) in &self.names.operations {
            if value_name(name) != *name {
                let rule = format!("diptych.toml: `{name}` is no name for `{operation}`");
                problems.add(Pointer::root(), rule);
            }
        }
        problems.into_result()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            description: Description::default(),
            client: Client {
                blocking: "Client".to_owned(),
                asynchronous: "AsyncClient".to_owned(),
                untagged: default_tag(),
            },
            names: Names::default(),
            headers: Headers::default(),
            operations: Selection::default(),
            bodies: Bodies::default(),
            responses: BTreeMap::new(),
            repeatable: Repeatable::default(),
            pages: Pages::default(),
            testing: Testing::default(),
            sensitive: BTreeSet::new(),
            unanswered: BTreeMap::new(),
        }
    }
}

/// The JSON schema of `diptych.toml`, for editors.
pub const SCHEMA: &str = include_str!("../diptych.schema.json");

fn default_tag() -> String {
    "default".to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Config, SCHEMA};

    /// `INSTA_UPDATE=always` writes it.
    #[test]
    fn the_schema_is_that_of_the_choices() {
        let schema = schemars::schema_for!(Config);
        let current = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/diptych.schema.json");
            std::fs::write(file, current).unwrap();
        } else {
            assert_eq!(SCHEMA, current);
        }
    }
}
