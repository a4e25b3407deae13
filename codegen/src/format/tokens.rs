//! The tokens of an item as one list, whose words stand in one text.

use std::fmt::Write as _;
use std::ops::Range;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A token, or one end of what stands between delimiters.
#[derive(Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Literal,
    /// A character, and whether the next one belongs to it.
    Punct(char, bool),
    Open(Delimiter),
    Close(Delimiter),
}

/// The tokens of some items.
#[derive(Default)]
pub(crate) struct Tokens {
    text: String,
    list: Vec<Token>,
}

impl Tokens {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.list.clear();
    }

    pub(crate) fn add(&mut self, stream: TokenStream) {
        for tree in stream {
            match tree {
                TokenTree::Group(group) => {
                    let (delimiter, inner) = (group.delimiter(), group.stream());
                    // The last owner of what stands inside can take it apart without copying it.
                    drop(group);
                    if delimiter == Delimiter::None {
                        self.add(inner);
                        continue;
                    }
                    let open = self.list.len();
                    self.push(Kind::Open(delimiter), 0);
                    self.add(inner);
                    self.list[open].end = number(self.list.len());
                    self.push(Kind::Close(delimiter), 0);
                }
                TokenTree::Ident(ident) => self.write(Kind::Word, &ident),
                TokenTree::Literal(literal) => self.write(Kind::Literal, &literal),
                TokenTree::Punct(punct) => {
                    let is_joint = punct.spacing() == Spacing::Joint;
                    self.push(Kind::Punct(punct.as_char(), is_joint), 0);
                }
            }
        }
    }

    fn write(&mut self, kind: Kind, word: &dyn std::fmt::Display) {
        let start = number(self.text.len());
        // Writing to a string can't fail.
        let _ = write!(self.text, "{word}");
        self.push(kind, start);
    }

    fn push(&mut self, kind: Kind, start: u32) {
        self.list.push(Token {
            kind,
            start,
            end: number(self.text.len()),
        });
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn list(&self) -> &[Token] {
        &self.list
    }

    /// Where the word or literal stands in the text; nowhere, if there is none.
    pub(crate) fn range(&self, index: usize) -> Range<usize> {
        match self.list.get(index) {
            Some(token) if matches!(token.kind, Kind::Word | Kind::Literal) => {
                token.start as usize..token.end as usize
            }
            _ => 0..0,
        }
    }

    /// The text of a word or a literal.
    pub(crate) fn word(&self, index: usize) -> &str {
        &self.text[self.range(index)]
    }

    pub(crate) fn kind(&self, index: usize) -> Option<Kind> {
        self.list.get(index).map(|token| token.kind)
    }

    /// Where the delimiter that opens here is closed.
    pub(crate) fn close(&self, index: usize) -> usize {
        self.list.get(index).map_or(0, |token| token.end as usize)
    }
}

/// An item has fewer tokens and letters than that: the whole client is bounded.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
