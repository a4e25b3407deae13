//! Reads the expressions that emitters write.

use proc_macro2::Delimiter;

use super::cursor::Cursor;
use super::syntax::{Arm, Branch, Closure, Expression, FieldValue, Otherwise, Statement};
use super::tokens::Kind;

/// Operators between two expressions, by how close they bind.
const OPERATORS: &[(&str, u8)] = &[
    ("||", 1),
    ("&&", 2),
    ("==", 3),
    ("!=", 3),
    ("<=", 3),
    (">=", 3),
    ("<", 3),
    (">", 3),
    ("+", 4),
    ("-", 4),
    ("*", 5),
];

impl Cursor<'_> {
    fn list(&mut self) -> Option<Vec<Expression>> {
        self.within(Self::items)
    }

    fn items(&mut self) -> Option<Vec<Expression>> {
        let mut items = Vec::new();
        while !self.is_closed() {
            items.push(self.expression(true)?);
            if !self.takes_operator(",") {
                break;
            }
        }
        Some(items)
    }

    /// The statements of the block here.
    pub(super) fn block(&mut self) -> Option<Vec<Statement>> {
        if !self.opens(Delimiter::Brace) {
            return None;
        }
        self.within(|cursor| {
            let mut statements = Vec::new();
            while !cursor.is_closed() {
                statements.push(cursor.statement()?);
            }
            Some(statements)
        })
    }

    fn statement(&mut self) -> Option<Statement> {
        if self.takes_word("let") {
            let pattern = self.until(&["="])?;
            self.at += 1;
            let value = self.expression(true)?;
            return self
                .takes_operator(";")
                .then_some(Statement::Let { pattern, value });
        }
        let value = self.alone()?;
        let has_semicolon = self.takes_operator(";");
        Some(Statement::Expression {
            value,
            has_semicolon,
        })
    }

    /// An expression; before a block, `structs` are none.
    pub(super) fn expression(&mut self, structs: bool) -> Option<Expression> {
        let left = self.binary(structs, 0)?;
        let is_assigned =
            self.is_operator("=") && !self.is_operator("==") && !self.is_operator("=>");
        if !is_assigned {
            return Some(left);
        }
        self.at += 1;
        let right = self.expression(structs)?;
        Some(Expression::Assign(Box::new(left), Box::new(right)))
    }

    fn binary(&mut self, structs: bool, least: u8) -> Option<Expression> {
        let mut left = self.unary(structs)?;
        loop {
            let found = OPERATORS
                .iter()
                .find(|(operator, binds)| *binds > least && self.is_operator(operator));
            let Some((operator, binds)) = found else {
                return Some(left);
            };
            self.at += operator.len();
            let right = self.binary(structs, *binds)?;
            left = Expression::Binary(Box::new(left), operator, Box::new(right));
        }
    }

    fn unary(&mut self, structs: bool) -> Option<Expression> {
        for operator in ["*", "!", "-"] {
            if self.takes_operator(operator) {
                return Some(Expression::Unary(operator, Box::new(self.unary(structs)?)));
            }
        }
        if self.takes_operator("&") {
            let words = if self.takes_word("mut") { "&mut " } else { "&" };
            return Some(Expression::Reference(words, Box::new(self.unary(structs)?)));
        }
        if self.takes_word("let") {
            let pattern = self.until(&["="])?;
            self.at += 1;
            // What follows `&&` is the next condition.
            let value = self.binary(structs, 2)?;
            return Some(Expression::Let(pattern, Box::new(value)));
        }
        let value = self.primary(structs)?;
        self.trailed(value)
    }

    /// What is done with a value, one after the other.
    fn trailed(&mut self, mut value: Expression) -> Option<Expression> {
        loop {
            if self.takes_operator("?") {
                value = Expression::Try(Box::new(value));
            } else if self.is_operator(".") {
                self.at += 1;
                value = self.member(value)?;
            } else if self.opens(Delimiter::Parenthesis) && !value.ends_itself() {
                value = Expression::Call(Box::new(value), self.list()?);
            } else {
                return Some(value);
            }
        }
    }

    fn member(&mut self, value: Expression) -> Option<Expression> {
        let name = self.at;
        if !matches!(self.kind()?, Kind::Word | Kind::Literal) {
            return None;
        }
        self.at += 1;
        if self.tokens.word(name) == "await" {
            return Some(Expression::Await(Box::new(value)));
        }
        if self.opens(Delimiter::Parenthesis) {
            return Some(Expression::Method {
                receiver: Box::new(value),
                name,
                arguments: self.list()?,
            });
        }
        Some(Expression::Field(Box::new(value), name))
    }

    fn primary(&mut self, structs: bool) -> Option<Expression> {
        match self.kind()? {
            Kind::Literal => {
                self.at += 1;
                Some(Expression::Literal(self.at - 1))
            }
            Kind::Open(Delimiter::Parenthesis) => self.in_parentheses(),
            Kind::Open(Delimiter::Bracket) => Some(Expression::Array(self.list()?)),
            Kind::Open(Delimiter::Brace) => Some(Expression::Block(self.block()?)),
            Kind::Punct('|', _) => self.closure(false),
            Kind::Word => self.by_word(structs),
            _ => None,
        }
    }

    fn in_parentheses(&mut self) -> Option<Expression> {
        let close = self.tokens.close(self.at);
        let ends_in_comma = matches!(self.tokens.kind(close - 1), Some(Kind::Punct(',', _)));
        let mut items = self.list()?;
        if items.len() == 1 && !ends_in_comma {
            return Some(Expression::Paren(Box::new(items.remove(0))));
        }
        Some(Expression::Tuple(items))
    }

    fn by_word(&mut self, structs: bool) -> Option<Expression> {
        match self.tokens.word(self.at) {
            "move" => {
                self.at += 1;
                self.closure(true)
            }
            "return" => {
                self.at += 1;
                let is_bare = self.is_closed() || self.is_operator(";") || self.is_operator(",");
                let value = if is_bare {
                    None
                } else {
                    Some(Box::new(self.expression(structs)?))
                };
                Some(Expression::Return(value))
            }
            "if" => Some(Expression::If(Box::new(self.branch()?))),
            "match" => self.matched(),
            "while" => {
                self.at += 1;
                let condition = Box::new(self.expression(false)?);
                Some(Expression::While(condition, self.block()?))
            }
            "for" => {
                self.at += 1;
                let begins = self.at;
                while !self.is_word("in") {
                    self.kind()?;
                    self.at += 1;
                }
                let pattern = begins..self.at;
                self.at += 1;
                Some(Expression::For {
                    pattern,
                    iterator: Box::new(self.expression(false)?),
                    body: self.block()?,
                })
            }
            _ => self.path_or_more(structs),
        }
    }

    fn path_or_more(&mut self, structs: bool) -> Option<Expression> {
        let path = self.path()?;
        let is_macro =
            self.is_operator("!") && matches!(self.tokens.kind(self.at + 1), Some(Kind::Open(_)));
        if is_macro {
            let open = self.at + 1;
            self.at = self.tokens.close(open) + 1;
            return Some(Expression::Macro(path, open));
        }
        if structs && self.opens(Delimiter::Brace) {
            let fields = self.within(Self::fields)?;
            return Some(Expression::Struct(path, fields));
        }
        Some(Expression::Path(path))
    }

    fn fields(&mut self) -> Option<Vec<FieldValue>> {
        let mut fields = Vec::new();
        while !self.is_closed() {
            let name = self.at;
            if self.kind()? != Kind::Word {
                return None;
            }
            self.at += 1;
            let value = if self.takes_operator(":") {
                Some(self.expression(true)?)
            } else {
                None
            };
            fields.push(FieldValue { name, value });
            if !self.takes_operator(",") {
                break;
            }
        }
        Some(fields)
    }

    fn closure(&mut self, is_move: bool) -> Option<Expression> {
        let mut inputs = Vec::new();
        if !self.takes_operator("||") {
            self.at += 1;
            while !self.is_operator("|") {
                inputs.push(self.until(&[",", "|"])?);
                self.takes_operator(",");
            }
            self.at += 1;
        }
        Some(Expression::Closure(Closure {
            is_move,
            inputs,
            body: Box::new(self.expression(true)?),
        }))
    }

    fn branch(&mut self) -> Option<Branch> {
        self.at += 1;
        let condition = self.expression(false)?;
        let then = self.block()?;
        let otherwise = if !self.takes_word("else") {
            None
        } else if self.is_word("if") {
            Some(Otherwise::If(Box::new(self.branch()?)))
        } else {
            Some(Otherwise::Block(self.block()?))
        };
        Some(Branch {
            condition,
            then,
            otherwise,
        })
    }

    fn matched(&mut self) -> Option<Expression> {
        self.at += 1;
        let value = Box::new(self.expression(false)?);
        if !self.opens(Delimiter::Brace) {
            return None;
        }
        let arms = self.within(|cursor| {
            let mut arms = Vec::new();
            while !cursor.is_closed() {
                let pattern = cursor.until(&["=>"])?;
                cursor.at += 2;
                arms.push(Arm {
                    pattern,
                    body: cursor.alone()?,
                });
                cursor.takes_operator(",");
            }
            Some(arms)
        })?;
        Some(Expression::Match(value, arms))
    }

    /// An expression that stands alone, as a statement or behind an arm: what ends itself is all of it.
    fn alone(&mut self) -> Option<Expression> {
        let is_block = match self.kind()? {
            Kind::Open(delimiter) => delimiter == Delimiter::Brace,
            Kind::Word => ["if", "match", "while", "for"].contains(&self.tokens.word(self.at)),
            _ => false,
        };
        if !is_block {
            return self.expression(true);
        }
        let begins = self.at;
        let value = self.primary(true)?;
        if !self.is_operator(".") && !self.is_operator("?") {
            return Some(value);
        }
        self.at = begins;
        self.expression(true)
    }
}
