//! What is said in a description, and is not in the client.

use serde::Serialize;

use crate::pointer::Pointer;

/// A meaning that the generated client does not keep, and why.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Loss {
    /// The place in the description as it was given.
    pub pointer: Pointer,
    /// What is lost.
    pub what: String,
    /// Why.
    pub why: String,
}
