//! In the place of the SDK's.

/// What went wrong.
#[derive(Debug)]
pub(crate) struct Error(pub(crate) String);

impl Error {
    pub(crate) fn lost(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn because(self, cause: impl std::fmt::Display) -> Self {
        Self(format!("{}: {cause}", self.0))
    }
}
