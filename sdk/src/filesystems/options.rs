//! What is optional about whole directories.

use std::path::PathBuf;

/// What is optional about getting a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetDirectoryOptions {
    /// The directory of the storage; its base path unless set.
    pub from_path: Option<String>,
}

impl GetDirectoryOptions {
    /// All below the base path.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the directory of the storage that is got.
    #[must_use]
    pub fn from_path(mut self, path: impl Into<String>) -> Self {
        self.from_path = Some(path.into());
        self
    }
}

/// What is optional about putting a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutDirectoryOptions {
    /// The directory of the storage; its base path unless set.
    pub to_path: Option<String>,
    /// A file that says what is left out; nothing is, unless set. A `.prefectignore` in the directory is not looked for.
    pub ignore_file: Option<PathBuf>,
}

impl PutDirectoryOptions {
    /// Everything, to the base path.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the directory of the storage that is written to.
    #[must_use]
    pub fn to_path(mut self, path: impl Into<String>) -> Self {
        self.to_path = Some(path.into());
        self
    }

    /// Sets the file that says what is left out.
    #[must_use]
    pub fn ignore_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ignore_file = Some(path.into());
        self
    }
}
