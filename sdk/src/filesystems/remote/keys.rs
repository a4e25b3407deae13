//! Who asks a storage, and how that is found out without a runtime.

use std::fmt;
use std::sync::Arc;

use reqsign_core::{Context, FileRead, ProvideCredential, ProvideCredentialDyn};

/// Who asks. It is said in the logs of the library which of them is asked, so that none may show what it knows.
pub(super) enum Keys<C> {
    Given(C),
    /// What somebody else knows, who is asked.
    Found(Arc<dyn ProvideCredentialDyn<Credential = C>>),
    Nobody,
}

impl<C> Keys<C> {
    pub(super) fn found(provider: impl ProvideCredential<Credential = C>) -> Self {
        Self::Found(Arc::new(provider))
    }
}

impl<C> fmt::Debug for Keys<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given(_) => "the keys of the settings",
            Self::Found(_) => "the keys that somebody is asked for",
            Self::Nobody => "no keys",
        })
    }
}

impl<C: Clone + Send + Sync + Unpin + 'static> ProvideCredential for Keys<C> {
    type Credential = C;

    async fn provide_credential(&self, context: &Context) -> reqsign_core::Result<Option<C>> {
        match self {
            Self::Given(keys) => Ok(Some(keys.clone())),
            Self::Found(found) => {
                // The library's own way needs a runtime.
                let context = context.clone().with_file_read(Reading);
                found.provide_credential(&context).await
            }
            Self::Nobody => Ok(None),
        }
    }
}

/// Reads the small files in which keys are.
#[derive(Debug)]
struct Reading;

impl FileRead for Reading {
    async fn file_read(&self, path: &str) -> reqsign_core::Result<Vec<u8>> {
        std::fs::read(path).map_err(|error| {
            reqsign_core::Error::unexpected("a file can't be read").with_source(error)
        })
    }
}

/// The first of some variables of the environment that is set.
pub(super) fn variable(names: &[&str]) -> Option<String> {
    let set = names.iter().find_map(|name| std::env::var(name).ok());
    set.filter(|value| !value.is_empty())
}
