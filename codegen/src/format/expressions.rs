//! Expressions.

use super::layout::{Break, INDENT};
use super::printer::Printer;
use super::syntax::{Closure, Expression, FieldValue};
use super::tokens::Kind;
use super::types::PathKind;

impl Printer<'_> {
    pub(super) fn expression(&mut self, expression: &Expression) -> Option<()> {
        self.at_line(expression, false)
    }

    /// An expression; a short name at the beginning of a line stays with the first call on it.
    pub(super) fn at_line(&mut self, expression: &Expression, begins: bool) -> Option<()> {
        match expression {
            Expression::Path(path) => {
                self.path(path.start, PathKind::Plain)?;
            }
            Expression::Literal(at) => self.text(*at),
            Expression::Macro(path, open) => self.macro_call(path.start, *open)?,
            Expression::Call(function, arguments) => {
                self.at_line(function, false)?;
                self.call(arguments)?;
            }
            Expression::Method { receiver, .. } => {
                self.layout.cbox(INDENT);
                let unindent = begins && self.is_short(receiver);
                self.method(expression, begins, unindent)?;
                self.layout.end();
            }
            Expression::Field(..) | Expression::Await(_) => {
                self.layout.cbox(INDENT);
                self.chained(expression, begins)?;
                self.layout.end();
            }
            Expression::Try(inner) => {
                self.at_line(inner, begins)?;
                self.layout.word("?");
            }
            Expression::Unary(operator, inner) => {
                self.layout.word(operator);
                self.expression(inner)?;
            }
            Expression::Reference(words, inner) => {
                self.layout.word(words);
                self.expression(inner)?;
            }
            other => self.written_out(other)?,
        }
        Some(())
    }

    /// What is no step of a chain.
    fn written_out(&mut self, expression: &Expression) -> Option<()> {
        match expression {
            Expression::Binary(left, operator, right) => self.binary(left, operator, right)?,
            Expression::Let(pattern, value) => {
                self.layout.ibox(0);
                self.layout.word("let ");
                self.layout.ibox(0);
                self.pattern(pattern.start, pattern.end)?;
                self.layout.end();
                self.layout.word(" = ");
                self.layout.never();
                self.layout.ibox(0);
                self.expression(value)?;
                self.layout.end();
                self.layout.end();
            }
            Expression::Assign(left, right) => {
                self.layout.ibox(0);
                self.expression(left)?;
                self.layout.word(" = ");
                self.layout.never();
                self.expression(right)?;
                self.layout.end();
            }
            Expression::Closure(closure) => self.closure(closure)?,
            Expression::If(branch) => self.branch(branch)?,
            Expression::Match(value, arms) => self.matched(value, arms)?,
            Expression::While(condition, body) => {
                self.layout.word("while ");
                self.condition(condition)?;
                self.body(body)?;
            }
            Expression::For {
                pattern,
                iterator,
                body,
            } => {
                self.layout.ibox(0);
                self.layout.word("for ");
                self.pattern(pattern.start, pattern.end)?;
                self.layout.word(" in ");
                self.layout.never();
                self.condition(iterator)?;
                self.body(body)?;
                self.layout.end();
            }
            Expression::Block(statements) => {
                self.layout.cbox(INDENT);
                self.small_block(statements)?;
                self.layout.end();
            }
            Expression::Struct(path, fields) => self.structure_of(path.start, fields)?,
            Expression::Array(items) => self.array(items)?,
            Expression::Tuple(items) => self.tuple(items, Self::expression)?,
            Expression::Paren(inner) => {
                self.layout.word("(");
                self.expression(inner)?;
                self.layout.word(")");
            }
            Expression::Return(value) => {
                self.layout.word("return");
                if let Some(value) = value {
                    self.layout.word(" ");
                    self.expression(value)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// What stands before the next step of a chain.
    fn prefix(&mut self, expression: &Expression, begins: bool) -> Option<()> {
        match expression {
            Expression::Await(_) | Expression::Field(..) => self.chained(expression, begins),
            Expression::Call(function, arguments) => {
                self.prefix(function, false)?;
                self.call(arguments)
            }
            Expression::Method { .. } => self.method(expression, begins, false),
            Expression::Try(inner) => {
                self.prefix(inner, begins)?;
                self.layout.word("?");
                Some(())
            }
            _ => {
                self.layout.cbox(-INDENT);
                self.expression(expression)?;
                self.layout.end();
                Some(())
            }
        }
    }

    fn method(&mut self, expression: &Expression, begins: bool, unindent: bool) -> Option<()> {
        let Expression::Method {
            receiver,
            name,
            arguments,
        } = expression
        else {
            return None;
        };
        self.step(receiver, begins)?;
        self.layout.word(".");
        self.text(*name);
        self.layout.cbox(if unindent { -INDENT } else { 0 });
        self.call(arguments)?;
        self.layout.end();
        Some(())
    }

    fn chained(&mut self, expression: &Expression, begins: bool) -> Option<()> {
        match expression {
            Expression::Field(inner, name) => {
                self.step(inner, begins)?;
                self.layout.word(".");
                self.text(*name);
            }
            Expression::Await(inner) => {
                self.step(inner, begins)?;
                self.layout.word(".await");
            }
            _ => return None,
        }
        Some(())
    }

    fn step(&mut self, inner: &Expression, begins: bool) -> Option<()> {
        self.prefix(inner, begins)?;
        if !(begins && self.is_short(inner)) {
            self.layout.zero();
        }
        Some(())
    }

    fn is_short(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Path(path) => {
                path.len() == 1 && self.tokens.word(path.start).len() <= INDENT.unsigned_abs()
            }
            _ => false,
        }
    }

    fn call(&mut self, arguments: &[Expression]) -> Option<()> {
        match arguments {
            [only] if only.is_blocklike() => {
                self.layout.word("(");
                self.expression(only)?;
                self.layout.word(")");
                Some(())
            }
            arguments => self.list(["(", ")"], arguments, Self::expression),
        }
    }

    fn binary(
        &mut self,
        left: &Expression,
        operator: &'static str,
        right: &Expression,
    ) -> Option<()> {
        self.layout.ibox(INDENT);
        self.layout.ibox(-INDENT);
        self.expression(left)?;
        self.layout.end();
        self.layout.space();
        self.layout.word(operator);
        self.layout.word(" ");
        self.expression(right)?;
        self.layout.end();
        Some(())
    }

    fn array(&mut self, items: &[Expression]) -> Option<()> {
        let tokens = self.tokens;
        let is_number = |item: &Expression| match item {
            Expression::Literal(at) => {
                let text = tokens.word(*at);
                !text.starts_with('"') && !text.contains('.') && !text.contains("f64")
            }
            _ => false,
        };
        if items.is_empty() {
            self.layout.word("[]");
            return Some(());
        }
        if items.iter().all(is_number) {
            return self.filled(["[", "]"], items, Self::expression);
        }
        self.list(["[", "]"], items, Self::expression)
    }

    fn structure_of(&mut self, path: usize, fields: &[FieldValue]) -> Option<()> {
        self.layout.cbox(INDENT);
        self.layout.ibox(-INDENT);
        self.path(path, PathKind::Plain)?;
        self.layout.end();
        self.layout.word(" {");
        self.layout.place(Break {
            blank: 1,
            if_not_empty: true,
            ..Break::default()
        });
        for (index, field) in fields.iter().enumerate() {
            self.text(field.name);
            if let Some(value) = &field.value {
                self.layout.word(": ");
                self.layout.ibox(0);
                self.expression(value)?;
                self.layout.end();
            }
            self.layout.comma_or_space(index + 1 == fields.len());
        }
        self.layout.offset(-INDENT);
        self.layout.end_with_width(34);
        self.layout.word("}");
        Some(())
    }

    fn closure(&mut self, closure: &Closure) -> Option<()> {
        self.layout.ibox(0);
        if closure.is_move {
            self.layout.word("move ");
        }
        self.layout.cbox(INDENT);
        self.layout.word("|");
        for (index, input) in closure.inputs.iter().enumerate() {
            if index == 0 {
                self.layout.zero();
            }
            self.pattern(input.start, input.end)?;
            if index + 1 < closure.inputs.len() {
                self.layout.word(",");
                self.layout.space();
            }
        }
        self.layout.word("|");
        self.layout.space();
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.never();
        let body = &closure.body;
        let is_wrapped =
            !body.is_blocklike() && !matches!(**body, Expression::Match(..) | Expression::Call(..));
        if is_wrapped {
            let may_be_braced = body.may_be_braced();
            self.layout.cbox(INDENT);
            self.open_brace(may_be_braced);
            self.expression(body)?;
            self.layout.place(Break {
                offset: -INDENT,
                before: (may_be_braced && body.takes_semicolon()).then_some(';'),
                behind: if may_be_braced { "}" } else { ")" },
                ..Break::default()
            });
            self.layout.end();
        } else {
            self.expression(body)?;
        }
        self.layout.end();
        Some(())
    }

    /// A brace that is there where the line breaks behind it.
    pub(super) fn open_brace(&mut self, may_be_braced: bool) {
        self.layout.place(Break {
            before: Some(if may_be_braced { '{' } else { '(' }),
            ..Break::default()
        });
    }

    fn macro_call(&mut self, path: usize, open: usize) -> Option<()> {
        self.path(path, PathKind::Plain)?;
        self.layout.word("!");
        let Kind::Open(delimiter) = self.tokens.kind(open)? else {
            return None;
        };
        let (opens, closes) = match delimiter {
            proc_macro2::Delimiter::Parenthesis => ("(", ")"),
            proc_macro2::Delimiter::Bracket => ("[", "]"),
            _ => return None,
        };
        let close = self.tokens.close(open);
        self.layout.word(opens);
        if open + 1 < close {
            self.layout.cbox(INDENT);
            self.layout.zero();
            self.layout.ibox(0);
            self.macro_tokens(open + 1, close)?;
            self.layout.end();
            self.layout.zero();
            self.layout.offset(-INDENT);
            self.layout.end();
        }
        self.layout.word(closes);
        Some(())
    }
}
