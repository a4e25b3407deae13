//! Where an API is, and how its clients say who they are.

use crate::pointer::Pointer;

/// A way in which a client says who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecurityScheme {
    /// The function's name in Rust.
    pub name: String,
    /// What the description calls it.
    pub wire: String,
    /// What the description says of it.
    pub doc: String,
    /// What is sent.
    pub kind: SecurityKind,
}

impl SecurityScheme {
    /// What the clients' constructor is called: `with_api_key`.
    pub(crate) fn constructor(&self) -> String {
        format!("with_{}", self.name)
    }
}

/// What a client says who it is with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecurityKind {
    /// A user and a password.
    Basic,
    /// A token that stays.
    Bearer,
    /// A token that is renewed, as OAuth 2 has them.
    Token,
    /// A key by name.
    Key {
        /// Where it travels.
        place: KeyPlace,
        /// Its name there.
        name: String,
    },
}

/// Where a key travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a header.
    Header,
    /// In the query.
    Query,
    /// Among the cookies.
    Cookie,
}

/// An address at which the API is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// Its words, of which names in Rust are made.
    pub words: String,
    /// What the description says of it.
    pub doc: String,
    /// The address, with its variables in braces.
    pub url: String,
    /// Whether it is relative to the address at which the description is served, which nothing says.
    pub is_relative: bool,
    /// The variables, in the order of the address.
    pub variables: Vec<ServerVariable>,
    /// Where it stands in the description.
    pub source: Pointer,
}

/// A part of an address that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerVariable {
    /// Its name in the address.
    pub wire: String,
    /// Its name in Rust.
    pub name: String,
    /// What the description says of it.
    pub doc: String,
    /// What it is where nobody says another.
    pub default: String,
    /// What it can be, where the description says it.
    pub values: Vec<String>,
}
