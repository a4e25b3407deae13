//! One generated file, written item by item.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;

use super::imports::{self, Mentioned, Scope};
use crate::error::Result;
use crate::format::Formatter;
use crate::write;

/// What takes the text of each generated Rust file, with its path below `generated/`.
pub(crate) type Sink<'s> = dyn FnMut(String, String) + 's;

/// Where files go, and what lays them out.
pub(super) struct Out<'s> {
    sink: &'s mut Sink<'s>,
    formatter: Formatter,
}

impl<'s> Out<'s> {
    pub(super) fn new(sink: &'s mut Sink<'s>) -> Self {
        Self {
            sink,
            formatter: Formatter::default(),
        }
    }

    /// A file that is written at once.
    pub(super) fn whole(&mut self, path: &str, tokens: TokenStream) -> Result<()> {
        let mut file = Open::new(path.to_owned());
        file.push(tokens, self)?;
        (self.sink)(file.path, write::file("", &file.items));
        Ok(())
    }
}

/// A file that is written item by item, and the names that the items mention.
pub(super) struct Open {
    path: String,
    items: String,
    mentioned: Mentioned,
}

impl Open {
    pub(super) fn new(path: String) -> Self {
        Self {
            path,
            items: String::new(),
            mentioned: Mentioned::default(),
        }
    }

    pub(super) fn push(&mut self, items: TokenStream, out: &mut Out<'_>) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        self.mentioned.by(out.formatter.read(items));
        write::write(&mut out.formatter, &self.path, &mut self.items)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The file with the imports that its items need; `used` are the models that they mention.
    pub(super) fn close(
        self,
        used: &BTreeSet<impl AsRef<str>>,
        scope: &Scope,
        out: &mut Out<'_>,
    ) -> Result<()> {
        let mut head = String::new();
        out.formatter
            .read(imports::of(&self.mentioned, used, scope));
        write::write(&mut out.formatter, &self.path, &mut head)?;
        (out.sink)(self.path, write::file(&head, &self.items));
        Ok(())
    }
}
