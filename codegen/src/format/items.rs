//! Items: what stands at the level of a module or of an `impl`.

use proc_macro2::Delimiter;

use super::cursor::Cursor;
use super::layout::INDENT;
use super::printer::Printer;
use super::tokens::Kind;
use super::types::PathKind;

impl Printer<'_> {
    /// Every item of a file.
    pub(super) fn file(&mut self) -> Option<()> {
        self.layout.cbox(0);
        let mut at = self.attributes(0, true)?;
        while self.tokens.kind(at).is_some() {
            at = self.item(at)?;
        }
        self.layout.end();
        Some(())
    }

    /// The item here. The result is what follows it.
    fn item(&mut self, at: usize) -> Option<usize> {
        let at = self.attributes(at, false)?;
        let is_public = self.is_word(at, "pub");
        let word = at + usize::from(is_public);
        match self.tokens.word(word) {
            "use" => self.import(at, word + 1),
            "mod" => self.module(at, word + 1),
            "const" | "static" => self.constant(at, word),
            "type" => self.alias(at, word + 1, false),
            "struct" => self.structure(at, word + 1),
            "enum" => self.enumeration(at, word + 1),
            "impl" => self.implementation(at + 1),
            "fn" | "async" => self.function(at),
            _ => None,
        }
    }

    /// `pub `, `pub(crate) ` or nothing. The result is what follows it.
    fn visibility(&mut self, at: usize) -> usize {
        if !self.is_word(at, "pub") {
            return at;
        }
        if self.tokens.kind(at + 1) != Some(Kind::Open(Delimiter::Parenthesis)) {
            self.layout.word("pub ");
            return at + 1;
        }
        self.layout.word("pub(");
        self.text(at + 2);
        self.layout.word(") ");
        self.tokens.close(at + 1) + 1
    }

    fn import(&mut self, at: usize, tree: usize) -> Option<usize> {
        self.visibility(at);
        self.layout.word("use ");
        let end = self.use_tree(tree)?;
        self.layout.word(";");
        self.layout.hard();
        self.is(end, ';').then_some(end + 1)
    }

    fn use_tree(&mut self, at: usize) -> Option<usize> {
        let mut at = at;
        loop {
            match self.tokens.kind(at)? {
                Kind::Word => self.text(at),
                Kind::Punct('*', _) => self.layout.word("*"),
                Kind::Open(Delimiter::Brace) => return self.use_group(at),
                _ => return None,
            }
            at += 1;
            if !self.is(at, ':') {
                return Some(at);
            }
            self.layout.word("::");
            at += 2;
        }
    }

    fn use_group(&mut self, open: usize) -> Option<usize> {
        let close = self.tokens.close(open);
        let items = self.items(open + 1, close);
        if let [only] = items.as_slice()
            && !self.is_word(only.start, "self")
        {
            self.use_tree(only.start)?;
            return Some(close + 1);
        }
        self.filled(["{", "}"], &items, |printer, item| {
            printer.use_tree(item.start).map(|_| ())
        })?;
        Some(close + 1)
    }

    fn module(&mut self, at: usize, name: usize) -> Option<usize> {
        self.layout.cbox(INDENT);
        self.visibility(at);
        self.layout.word("mod ");
        self.text(name);
        self.layout.word(";");
        self.layout.end();
        self.layout.hard();
        self.is(name + 1, ';').then_some(name + 2)
    }

    /// A constant or a static.
    fn constant(&mut self, at: usize, word: usize) -> Option<usize> {
        self.layout.cbox(0);
        self.visibility(at);
        self.text(word);
        self.layout.word(" ");
        self.text(word + 1);
        self.layout.word(": ");
        if !self.is(word + 2, ':') {
            return None;
        }
        let equals = self.ty(word + 3)?;
        self.layout.word(" = ");
        self.layout.never();
        let mut cursor = Cursor::new(self.tokens, equals + 1);
        let value = cursor.expression(true)?;
        let end = cursor.at;
        self.expression(&value)?;
        self.layout.word(";");
        self.layout.end();
        self.layout.hard();
        self.is(end, ';').then_some(end + 1)
    }

    fn alias(&mut self, at: usize, name: usize, associated: bool) -> Option<usize> {
        self.layout.cbox(INDENT);
        self.visibility(at);
        self.layout.word("type ");
        self.text(name);
        let equals = self.generics(name + 1)?;
        if associated {
            self.layout.word(" = ");
        } else {
            self.layout.word(" ");
            self.layout.word("= ");
        }
        self.layout.never();
        self.layout.ibox(-INDENT);
        let end = self.ty(equals + 1)?;
        self.layout.end();
        self.layout.word(";");
        self.layout.end();
        self.layout.hard();
        self.is(end, ';').then_some(end + 1)
    }

    fn structure(&mut self, at: usize, name: usize) -> Option<usize> {
        self.layout.cbox(INDENT);
        self.visibility(at);
        self.layout.word("struct ");
        self.text(name);
        let open = self.generics(name + 1)?;
        let close = self.opened(open)?;
        let mut field = open + 1;
        while field < close {
            field = self.attributes(field, false)?;
            field = self.visibility(field);
            self.text(field);
            self.layout.word(": ");
            field = self.ty(field + 2)?;
            self.layout.word(",");
            self.layout.hard();
            field += usize::from(self.is(field, ','));
        }
        Some(self.closed(close))
    }

    fn enumeration(&mut self, at: usize, name: usize) -> Option<usize> {
        self.layout.cbox(INDENT);
        self.visibility(at);
        self.layout.word("enum ");
        self.text(name);
        let open = self.generics(name + 1)?;
        let close = self.opened(open)?;
        let mut variant = open + 1;
        while variant < close {
            variant = self.attributes(variant, false)?;
            self.text(variant);
            variant += 1;
            if self.tokens.kind(variant) == Some(Kind::Open(Delimiter::Parenthesis)) {
                variant = self.unnamed_fields(variant)?;
            }
            self.layout.word(",");
            self.layout.hard();
            variant += usize::from(self.is(variant, ','));
        }
        Some(self.closed(close))
    }

    fn unnamed_fields(&mut self, open: usize) -> Option<usize> {
        let close = self.tokens.close(open);
        let items = self.items(open + 1, close);
        self.layout.cbox(INDENT);
        self.layout.word("(");
        self.layout.zero();
        for (index, item) in items.iter().enumerate() {
            self.ty(item.start)?;
            self.layout.comma(index + 1 == items.len());
        }
        self.layout.offset(-INDENT);
        self.layout.word(")");
        self.layout.end();
        Some(close + 1)
    }

    /// The brace that opens a body. The result is where it is closed.
    fn opened(&mut self, open: usize) -> Option<usize> {
        if self.tokens.kind(open) != Some(Kind::Open(Delimiter::Brace)) {
            return None;
        }
        self.layout.word(" ");
        self.layout.word("{");
        self.layout.hard_if_not_empty();
        Some(self.tokens.close(open))
    }

    fn closed(&mut self, close: usize) -> usize {
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.word("}");
        self.layout.hard();
        close + 1
    }

    fn implementation(&mut self, at: usize) -> Option<usize> {
        self.layout.cbox(INDENT);
        self.layout.ibox(-INDENT);
        self.layout.cbox(INDENT);
        self.layout.word("impl");
        let at = self.generics(at)?;
        self.layout.end();
        self.layout.word(" ");
        let mut open = self.path(at, PathKind::Type)?;
        if self.is_word(open, "for") {
            self.layout.space();
            self.layout.word("for ");
            open = self.ty(open + 1)?;
        }
        self.layout.end();
        let close = self.opened(open)?;
        let mut member = open + 1;
        while member < close {
            member = self.member(member)?;
        }
        Some(self.closed(close))
    }

    fn member(&mut self, at: usize) -> Option<usize> {
        let at = self.attributes(at, false)?;
        match self.tokens.word(at) {
            "const" => self.constant(at, at),
            "type" => self.alias(at, at + 1, true),
            _ => self.function(at),
        }
    }

    fn function(&mut self, at: usize) -> Option<usize> {
        self.layout.cbox(INDENT);
        let mut at = self.visibility(at);
        if self.is_word(at, "async") {
            self.layout.word("async ");
            at += 1;
        }
        if !self.is_word(at, "fn") {
            return None;
        }
        self.layout.word("fn ");
        self.text(at + 1);
        let open = self.generics(at + 2)?;
        let end = self.parameters(open)?;
        self.layout.cbox(-INDENT);
        let body = if self.is_joint(end, '-') {
            self.layout.word(" -> ");
            self.ty(end + 2)?
        } else {
            end
        };
        self.layout.end();
        let close = self.opened(body)?;
        let mut cursor = Cursor::new(self.tokens, body);
        let statements = cursor.block()?;
        self.statements(&statements)?;
        Some(self.closed(close))
    }

    fn parameters(&mut self, open: usize) -> Option<usize> {
        if self.tokens.kind(open) != Some(Kind::Open(Delimiter::Parenthesis)) {
            return None;
        }
        let close = self.tokens.close(open);
        let items = self.items(open + 1, close);
        self.layout.word("(");
        self.layout.never();
        self.layout.cbox(0);
        self.layout.zero();
        for (index, item) in items.iter().enumerate() {
            self.parameter(item.start, item.end)?;
            self.layout.comma(index + 1 == items.len());
        }
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.word(")");
        Some(close + 1)
    }

    fn parameter(&mut self, at: usize, end: usize) -> Option<()> {
        if self.is_word(end - 1, "self") {
            if self.is(at, '&') {
                self.layout.word("&");
            }
            let name = at + usize::from(self.is(at, '&'));
            if self.is_word(name, "mut") {
                self.layout.word("mut ");
            }
            self.layout.word("self");
            return Some(());
        }
        self.pattern(at, end)
    }
}
