//! Types, paths and patterns, printed as they are read.

use proc_macro2::Delimiter;

use super::layout::INDENT;
use super::printer::Printer;
use super::tokens::Kind;

/// Where a path stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PathKind {
    /// Its arguments follow at once: `a::B<T>`.
    Type,
    /// It has none.
    Plain,
}

impl Printer<'_> {
    /// The type here. The result is what follows it.
    pub(super) fn ty(&mut self, at: usize) -> Option<usize> {
        match self.tokens.kind(at)? {
            Kind::Punct('&', _) => {
                self.layout.word("&");
                let mut at = at + 1;
                if self.is(at, '\'') {
                    at = self.lifetime(at);
                    self.layout.word(" ");
                }
                if self.is_word(at, "mut") {
                    self.layout.word("mut ");
                    at += 1;
                }
                self.ty(at)
            }
            Kind::Open(Delimiter::Bracket) => {
                self.layout.word("[");
                let end = self.ty(at + 1)?;
                self.layout.word("]");
                (end == self.tokens.close(at)).then_some(end + 1)
            }
            Kind::Open(Delimiter::Parenthesis) => {
                let close = self.tokens.close(at);
                let items = self.items(at + 1, close);
                self.tuple(&items, |printer, item| printer.ty(item.start).map(drop))?;
                Some(close + 1)
            }
            Kind::Word if self.tokens.word(at) == "impl" => {
                self.layout.word("impl ");
                self.bounds(at + 1)
            }
            Kind::Word => self.path(at, PathKind::Type),
            _ => None,
        }
    }

    /// `A + B`
    fn bounds(&mut self, at: usize) -> Option<usize> {
        let mut at = self.path(at, PathKind::Type)?;
        while self.is(at, '+') {
            self.layout.word(" + ");
            at = self.path(at + 1, PathKind::Type)?;
        }
        Some(at)
    }

    fn lifetime(&mut self, at: usize) -> usize {
        self.layout.word("'");
        self.text(at + 1);
        at + 2
    }

    pub(super) fn path(&mut self, at: usize, kind: PathKind) -> Option<usize> {
        let mut at = at;
        loop {
            if self.tokens.kind(at)? != Kind::Word {
                return None;
            }
            self.text(at);
            at += 1;
            if kind == PathKind::Type && self.is(at, '<') {
                at = self.arguments(at)?;
            }
            if !(self.is_joint(at, ':') && self.is(at + 1, ':')) {
                return Some(at);
            }
            self.layout.word("::");
            at += 2;
        }
    }

    /// `<'a, T, Item = U>`
    fn arguments(&mut self, at: usize) -> Option<usize> {
        self.angled(at, INDENT, |printer, at| {
            if printer.is(at, '\'') {
                return Some(printer.lifetime(at));
            }
            if printer.is(at + 1, '=') {
                printer.text(at);
                printer.layout.word(" = ");
                return printer.ty(at + 2);
            }
            printer.ty(at)
        })
    }

    /// The parameters of what is generic: `<'de, T: A<'de>>`.
    pub(super) fn generics(&mut self, at: usize) -> Option<usize> {
        if !self.is(at, '<') {
            return Some(at);
        }
        self.angled(at, 0, |printer, at| {
            if printer.is(at, '\'') {
                return Some(printer.lifetime(at));
            }
            printer.text(at);
            let mut at = at + 1;
            printer.layout.ibox(INDENT);
            if printer.is(at, ':') {
                printer.layout.word(": ");
                at = printer.path(at + 1, PathKind::Type)?;
            }
            printer.layout.end();
            Some(at)
        })
    }

    /// A list in angles, where only reading an item says where it ends.
    fn angled(
        &mut self,
        at: usize,
        indent: isize,
        print: impl Fn(&mut Self, usize) -> Option<usize>,
    ) -> Option<usize> {
        self.layout.word("<");
        self.layout.cbox(indent);
        self.layout.zero();
        let mut at = at + 1;
        loop {
            at = print(self, at)?;
            let has_comma = self.is(at, ',');
            at += usize::from(has_comma);
            let is_last = self.is(at, '>');
            self.layout.comma(is_last);
            if is_last {
                break;
            }
            if !has_comma {
                return None;
            }
        }
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.word(">");
        Some(at + 1)
    }

    /// The pattern between two places.
    pub(super) fn pattern(&mut self, at: usize, end: usize) -> Option<()> {
        let mut cases = vec![at];
        let mut index = at;
        while index < end {
            match self.tokens.kind(index) {
                Some(Kind::Open(_)) => index = self.tokens.close(index),
                Some(Kind::Punct('|', _)) => cases.push(index + 1),
                _ => {}
            }
            index += 1;
        }
        if cases.len() == 1 {
            return self.case(at, end);
        }
        let is_plain = |case: &usize| {
            self.tokens.kind(*case) == Some(Kind::Literal) || self.is_word(*case, "_")
        };
        if cases.iter().all(is_plain) {
            self.layout.ibox(0);
        } else {
            self.layout.cbox(0);
        }
        for (index, case) in cases.iter().enumerate() {
            if index > 0 {
                self.layout.space();
                self.layout.word("| ");
            }
            let end = cases.get(index + 1).map_or(end, |next| next - 1);
            self.case(*case, end)?;
        }
        self.layout.end();
        Some(())
    }

    fn case(&mut self, at: usize, end: usize) -> Option<()> {
        let next = match self.tokens.kind(at)? {
            Kind::Literal => {
                self.text(at);
                at + 1
            }
            Kind::Punct('&', _) => {
                self.layout.word("&");
                self.case(at + 1, end)?;
                end
            }
            Kind::Punct('-', _) => {
                self.layout.word("-");
                self.text(at + 1);
                at + 2
            }
            Kind::Word if self.is_word(at, "mut") => {
                self.layout.word("mut ");
                self.text(at + 1);
                at + 2
            }
            Kind::Word => {
                let next = self.path(at, PathKind::Plain)?;
                if self.tokens.kind(next) == Some(Kind::Open(Delimiter::Parenthesis)) {
                    self.cases(next)?
                } else {
                    next
                }
            }
            Kind::Open(Delimiter::Parenthesis) => self.cases(at)?,
            _ => return None,
        };
        if next == end {
            return Some(());
        }
        if !self.is(next, ':') {
            return None;
        }
        self.layout.word(": ");
        (self.ty(next + 1)? == end).then_some(())
    }

    /// `(a, b)`
    fn cases(&mut self, at: usize) -> Option<usize> {
        let close = self.tokens.close(at);
        let items = self.items(at + 1, close);
        self.list(["(", ")"], &items, |printer, item| {
            printer.pattern(item.start, item.end)
        })?;
        Some(close + 1)
    }
}
