//! One generated file, written item by item.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;

use super::imports::{self, Mentioned, Scope};
use crate::error::Result;
use crate::write::{Items, rust_file};

/// What takes the text of each generated Rust file, with its path below `generated/`.
pub type Sink<'s> = dyn FnMut(String, String) + 's;

/// A file that is written item by item, and the names that the items mention.
#[derive(Default)]
pub(super) struct Open {
    path: String,
    items: Items,
    mentioned: Mentioned,
}

impl Open {
    pub(super) fn new(path: String) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, items: TokenStream) -> Result<()> {
        self.mentioned.by(&items);
        self.items.push(&self.path, items)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The file with the imports that its items need; `used` are the models that they mention.
    pub(super) fn close(
        self,
        used: &BTreeSet<impl AsRef<str>>,
        scope: &Scope,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let head = imports::of(&self.mentioned, used, scope);
        let text = self.items.into_file(&self.path, head)?;
        sink(self.path, text);
        Ok(())
    }
}

/// A file that is written at once.
pub(super) fn whole(path: &str, tokens: TokenStream, sink: &mut Sink<'_>) -> Result<()> {
    let text = rust_file(path, tokens)?;
    sink(path.to_owned(), text);
    Ok(())
}
