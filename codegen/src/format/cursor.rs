//! A place among the tokens, and what stands there.

use std::ops::Range;

use proc_macro2::Delimiter;

use super::tokens::{Kind, Tokens};

/// A place among the tokens. What is not understood is `None`.
pub(super) struct Cursor<'t> {
    pub(super) tokens: &'t Tokens,
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(tokens: &'t Tokens, at: usize) -> Self {
        Self { tokens, at }
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.tokens.kind(self.at)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind() == Some(Kind::Word) && self.tokens.word(self.at) == word
    }

    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let is_there = self.is_word(word);
        self.at += usize::from(is_there);
        is_there
    }

    /// Whether the characters stand here as one operator; they may go on.
    pub(super) fn is_operator(&self, operator: &str) -> bool {
        let last = operator.len() - 1;
        operator.chars().enumerate().all(|(index, character)| {
            match self.tokens.kind(self.at + index) {
                Some(Kind::Punct(found, is_joint)) => {
                    found == character && (index == last || is_joint)
                }
                _ => false,
            }
        })
    }

    pub(super) fn takes_operator(&mut self, operator: &str) -> bool {
        let is_there = self.is_operator(operator);
        if is_there {
            self.at += operator.len();
        }
        is_there
    }

    pub(super) fn opens(&self, delimiter: Delimiter) -> bool {
        self.kind() == Some(Kind::Open(delimiter))
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.kind(), Some(Kind::Close(_)) | None)
    }

    /// What stands between the delimiters here, read as a whole.
    pub(super) fn within<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let close = self.tokens.close(self.at);
        self.at += 1;
        let found = read(self)?;
        if self.at != close {
            return None;
        }
        self.at += 1;
        Some(found)
    }

    /// The tokens before one of these operators at this level.
    pub(super) fn until(&mut self, operators: &[&str]) -> Option<Range<usize>> {
        let begins = self.at;
        let mut angles = 0_usize;
        loop {
            if angles == 0 && operators.iter().any(|operator| self.is_operator(operator)) {
                return Some(begins..self.at);
            }
            match self.kind()? {
                Kind::Close(_) => return None,
                Kind::Open(_) => self.at = self.tokens.close(self.at),
                Kind::Punct('<', _) => angles += 1,
                Kind::Punct('>', _) => angles = angles.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }

    pub(super) fn path(&mut self) -> Option<Range<usize>> {
        let begins = self.at;
        loop {
            if self.kind()? != Kind::Word {
                return None;
            }
            self.at += 1;
            if !self.is_operator("::") {
                return Some(begins..self.at);
            }
            self.at += 2;
        }
    }
}
