//! Whether a target of a notice was told.

/// A target of a notice, such as a channel or a number, and whether it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifiedTarget {
    /// What a person knows it by; never a secret.
    pub name: String,
    /// Why it was not told, or may not have been; `None` where it was.
    pub failure: Option<String>,
}
