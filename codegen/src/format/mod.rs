//! Tokens to text. What emitters write is a small part of the language, so it is laid out without a syntax tree of all of it;
//! the text is what prettyplease makes of the same tokens, which the tests compare.

mod attributes;
mod blocks;
mod cursor;
mod expressions;
mod items;
mod layout;
mod parse;
mod printer;
mod syntax;
mod tokens;
mod types;

use proc_macro2::TokenStream;

use self::layout::Layout;
use self::printer::Printer;
pub(crate) use self::tokens::{Kind, Tokens};

/// Lays items out; what it has room for is kept from one to the next.
#[derive(Default)]
pub(crate) struct Formatter {
    tokens: Tokens,
    layout: Layout,
}

impl Formatter {
    /// Takes the tokens of some items.
    pub(crate) fn read(&mut self, stream: TokenStream) -> &Tokens {
        self.tokens.clear();
        self.tokens.add(stream);
        &self.tokens
    }

    /// The items that were read, behind what is there already; `None` where one is not of the part of the language that is
    /// known here.
    pub(crate) fn write(&mut self, out: &mut String) -> Option<()> {
        self.layout.clear();
        let mut printer = Printer {
            tokens: &self.tokens,
            layout: &mut self.layout,
        };
        printer.file()?;
        self.layout.print(self.tokens.text(), out);
        Some(())
    }
}
