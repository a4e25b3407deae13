//! What prints the tokens of some items.

use std::ops::Range;

use super::layout::{INDENT, Layout};
use super::tokens::{Kind, Tokens};

pub(super) struct Printer<'t> {
    pub(super) tokens: &'t Tokens,
    pub(super) layout: &'t mut Layout,
}

impl Printer<'_> {
    /// The word or literal here.
    pub(super) fn text(&mut self, at: usize) {
        self.layout.text(self.tokens.range(at));
    }

    pub(super) fn is(&self, at: usize, character: char) -> bool {
        matches!(self.tokens.kind(at), Some(Kind::Punct(found, _)) if found == character)
    }

    pub(super) fn is_joint(&self, at: usize, character: char) -> bool {
        self.tokens.kind(at) == Some(Kind::Punct(character, true))
    }

    pub(super) fn is_word(&self, at: usize, word: &str) -> bool {
        self.tokens.kind(at) == Some(Kind::Word) && self.tokens.word(at) == word
    }

    /// A list between delimiters: on one line, or each item on its own with a comma behind it.
    pub(super) fn list<T>(
        &mut self,
        [opens, closes]: [&'static str; 2],
        items: &[T],
        print: impl Fn(&mut Self, &T) -> Option<()>,
    ) -> Option<()> {
        self.layout.word(opens);
        self.layout.cbox(INDENT);
        self.layout.zero();
        for (index, item) in items.iter().enumerate() {
            print(self, item)?;
            self.layout.comma(index + 1 == items.len());
        }
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.word(closes);
        Some(())
    }

    /// A list between delimiters: on one line, or as many items on each as it has room for.
    pub(super) fn filled<T>(
        &mut self,
        [opens, closes]: [&'static str; 2],
        items: &[T],
        print: impl Fn(&mut Self, &T) -> Option<()>,
    ) -> Option<()> {
        self.layout.cbox(INDENT);
        self.layout.word(opens);
        self.layout.zero();
        self.layout.ibox(0);
        for (index, item) in items.iter().enumerate() {
            print(self, item)?;
            if index + 1 < items.len() {
                self.layout.word(",");
                self.layout.space();
            }
        }
        self.layout.end();
        self.layout.comma(true);
        self.layout.offset(-INDENT);
        self.layout.word(closes);
        self.layout.end();
        Some(())
    }

    /// A list in parentheses, the only item of which has its comma on one line too.
    pub(super) fn tuple<T>(
        &mut self,
        items: &[T],
        print: impl Fn(&mut Self, &T) -> Option<()>,
    ) -> Option<()> {
        let [only] = items else {
            return self.list(["(", ")"], items, print);
        };
        self.layout.word("(");
        self.layout.cbox(INDENT);
        self.layout.zero();
        print(self, only)?;
        self.layout.word(",");
        self.layout.zero();
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.word(")");
        Some(())
    }

    /// What commas separate between two places.
    pub(super) fn items(&self, from: usize, to: usize) -> Vec<Range<usize>> {
        let (mut items, mut angles) = (Vec::new(), 0_usize);
        let (mut begins, mut at) = (from, from);
        while at < to {
            match self.tokens.kind(at) {
                Some(Kind::Open(_)) => at = self.tokens.close(at),
                Some(Kind::Punct('<', _)) => angles += 1,
                Some(Kind::Punct('>', _)) => angles = angles.saturating_sub(1),
                Some(Kind::Punct(',', _)) if angles == 0 => {
                    items.push(begins..at);
                    begins = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        if begins < to {
            items.push(begins..to);
        }
        items
    }
}
