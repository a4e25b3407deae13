//! Attributes, documentation, and what stands in macros.

use proc_macro2::Delimiter;

use super::layout::{Break, INDENT};
use super::printer::Printer;
use super::tokens::Kind;
use super::types::PathKind;
use crate::naming::turns;

impl Printer<'_> {
    /// The attributes here, those of what encloses them (`#!`) or of what follows. The result is what follows.
    pub(super) fn attributes(&mut self, at: usize, inner: bool) -> Option<usize> {
        let mut at = at;
        loop {
            let open = at + 1 + usize::from(inner);
            let is_here = self.is(at, '#')
                && self.is(at + 1, '!') == inner
                && self.tokens.kind(open) == Some(Kind::Open(Delimiter::Bracket));
            if !is_here {
                return Some(at);
            }
            self.attribute(open, inner)?;
            at = self.tokens.close(open) + 1;
        }
    }

    fn attribute(&mut self, open: usize, inner: bool) -> Option<()> {
        let close = self.tokens.close(open);
        if self.is_word(open + 1, "doc") && self.is(open + 2, '=') && open + 4 == close {
            return self.documentation(open + 3, inner);
        }
        self.layout.word(if inner { "#!" } else { "#" });
        self.layout.word("[");
        let next = self.path(open + 1, PathKind::Plain)?;
        if self.is(next, '=') {
            self.layout.word(" = ");
            self.text(next + 1);
        } else if next < close {
            self.arguments_of_attribute(next)?;
        }
        self.layout.word("]");
        self.layout.space();
        Some(())
    }

    /// A line of documentation, whose literal is in the language's own form.
    fn documentation(&mut self, literal: usize, inner: bool) -> Option<()> {
        let text = self.tokens.word(literal);
        let (quoted, is_raw) = match text.strip_prefix('r') {
            Some(raw) => (raw.trim_matches('#'), true),
            None => (text, false),
        };
        let said = quoted.strip_prefix('"')?.strip_suffix('"')?;
        self.layout.word(if inner { "//!" } else { "///" });
        if !said.contains(turns) && (is_raw || !said.contains('\\')) {
            is_one_line(said)?;
            let begins = self.tokens.range(literal).start + text.find('"')? + 1;
            let end = begins + said.trim_end_matches(' ').len();
            self.layout.text(begins..end);
        } else {
            let said = if is_raw {
                said.to_owned()
            } else {
                unescaped(said)?
            };
            is_one_line(&said)?;
            self.layout
                .owned(said.replace(turns, "").trim_end_matches(' '));
        }
        self.layout.hard();
        Some(())
    }

    fn arguments_of_attribute(&mut self, open: usize) -> Option<()> {
        let close = self.tokens.close(open);
        self.layout.word("(");
        self.layout.cbox(INDENT);
        self.layout.zero();
        let (mut after_word, mut ends_in_comma) = (false, false);
        for at in open + 1..close {
            match self.tokens.kind(at)? {
                Kind::Word | Kind::Literal => {
                    if after_word {
                        self.layout.space();
                    }
                    self.text(at);
                    after_word = true;
                }
                Kind::Punct(',', _) if at + 1 == close => {
                    self.layout.comma(true);
                    ends_in_comma = true;
                    after_word = false;
                }
                Kind::Punct(character, _) => {
                    if after_word && character == '=' {
                        self.layout.word(" ");
                    }
                    self.punct(character)?;
                    match character {
                        '=' => self.layout.word(" "),
                        ',' => self.layout.space(),
                        _ => {}
                    }
                    after_word = false;
                }
                Kind::Open(_) | Kind::Close(_) => return None,
            }
        }
        if !ends_in_comma {
            self.layout.zero();
        }
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.word(")");
        Some(())
    }

    fn punct(&mut self, character: char) -> Option<()> {
        let found = PUNCTUATION.iter().find(|one| one.starts_with(character));
        self.layout.word(found?);
        Some(())
    }

    /// The tokens of a macro, whose grammar is its own.
    pub(super) fn macro_tokens(&mut self, from: usize, to: usize) -> Option<()> {
        let mut state = State::Start;
        let mut is_joined = true;
        let mut at = from;
        while at < to {
            let kind = self.tokens.kind(at)?;
            let (spaced, next) = self.follows(state, at, kind);
            if !is_joined {
                if spaced {
                    self.layout.space();
                } else if kind_is(kind, '.') {
                    self.layout.zero();
                }
            }
            is_joined = matches!(kind, Kind::Punct(_, true));
            match kind {
                Kind::Word | Kind::Literal => self.text(at),
                Kind::Punct(character, _) => self.punct(character)?,
                Kind::Open(delimiter) => {
                    self.group(at, delimiter)?;
                    at = self.tokens.close(at);
                }
                Kind::Close(_) => return None,
            }
            state = next;
            at += 1;
        }
        Some(())
    }

    fn group(&mut self, open: usize, delimiter: Delimiter) -> Option<()> {
        let (opens, closes) = match delimiter {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => return None,
        };
        let close = self.tokens.close(open);
        self.layout.word(opens);
        if open + 1 < close {
            let is_braced = delimiter == Delimiter::Brace;
            if is_braced {
                self.layout.place(Break {
                    blank: 1,
                    ..Break::default()
                });
            }
            self.macro_tokens(open + 1, close)?;
            if is_braced {
                self.layout.space();
            }
        }
        self.layout.word(closes);
        Some(())
    }

    /// Whether a space stands before a token, and what it is to the next one.
    fn follows(&self, state: State, at: usize, kind: Kind) -> (bool, State) {
        let is_round = matches!(
            kind,
            Kind::Open(Delimiter::Parenthesis | Delimiter::Bracket)
        );
        match kind {
            Kind::Open(_) if is_round && state == State::Word => (false, State::Delimiter),
            Kind::Open(_) if is_round && state == State::Bang => (false, State::Other),
            Kind::Punct('!', false) if state == State::Word => (false, State::Bang),
            Kind::Punct(':', _) if state == State::Colon => (false, State::Colons),
            Kind::Open(_) if is_round => (true, State::Delimiter),
            Kind::Word if !is_keyword(self.tokens.word(at)) => {
                (state != State::Dot && state != State::Colons, State::Word)
            }
            Kind::Literal => (state != State::Dot, State::Word),
            Kind::Punct(',' | ';', _) => (false, State::Other),
            Kind::Punct('.', _) => (
                state != State::Word && state != State::Delimiter,
                State::Dot,
            ),
            Kind::Punct(':', true) => (state != State::Word, State::Colon),
            _ => (true, State::Other),
        }
    }
}

/// What the token before was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Dot,
    Colon,
    Colons,
    Word,
    Bang,
    Delimiter,
    Other,
}

const PUNCTUATION: &[&str] = &[
    "!", "#", "&", "'", "*", "+", ",", "-", ".", "/", ":", ";", "<", "=", ">", "?", "|", "%", "^",
    "@", "$", "~",
];

fn kind_is(kind: Kind, character: char) -> bool {
    matches!(kind, Kind::Punct(found, _) if found == character)
}

fn is_keyword(word: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else",
        "enum", "extern", "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
        "move", "mut", "pub", "ref", "return", "static", "struct", "trait", "type", "unsafe",
        "use", "where", "while", "yield",
    ];
    KEYWORDS.contains(&word)
}

/// More than a line, or a slash at its beginning, would be another comment.
fn is_one_line(said: &str) -> Option<()> {
    (!said.contains('\n') && !said.starts_with('/')).then_some(())
}

/// What a literal says.
fn unescaped(said: &str) -> Option<String> {
    let mut out = String::with_capacity(said.len());
    let mut letters = said.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        out.push(match letters.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            'u' => {
                let rest = letters.as_str().strip_prefix('{')?;
                let (digits, rest) = rest.split_once('}')?;
                letters = rest.chars();
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            other @ ('\\' | '"' | '\'') => other,
            _ => return None,
        });
    }
    Some(out)
}
