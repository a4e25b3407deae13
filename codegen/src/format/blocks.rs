//! Blocks, and what has some: conditions, arms, statements.

use super::layout::{Break, INDENT};
use super::printer::Printer;
use super::syntax::{Arm, Branch, Expression, Otherwise, Statement};

impl Printer<'_> {
    pub(super) fn condition(&mut self, condition: &Expression) -> Option<()> {
        self.layout.cbox(0);
        self.expression(condition)?;
        if condition.breaks_alone() {
            self.layout.space();
        } else {
            self.layout.word(" ");
        }
        self.layout.end();
        Some(())
    }

    pub(super) fn branch(&mut self, branch: &Branch) -> Option<()> {
        self.layout.cbox(INDENT);
        self.begin_branch(branch)?;
        if branch.otherwise.is_none() {
            self.then(&branch.then)?;
            self.layout.end();
            return Some(());
        }
        self.small_block(&branch.then)?;
        let mut otherwise = branch.otherwise.as_ref();
        while let Some(next) = otherwise {
            self.layout.word(" else ");
            otherwise = match next {
                Otherwise::If(branch) => {
                    self.begin_branch(branch)?;
                    self.small_block(&branch.then)?;
                    branch.otherwise.as_ref()
                }
                Otherwise::Block(statements) => {
                    self.small_block(statements)?;
                    None
                }
            };
        }
        self.layout.end();
        Some(())
    }

    fn begin_branch(&mut self, branch: &Branch) -> Option<()> {
        self.layout.word("if ");
        self.layout.cbox(-INDENT);
        self.condition(&branch.condition)?;
        self.layout.end();
        Some(())
    }

    fn then(&mut self, statements: &[Statement]) -> Option<()> {
        if statements.is_empty() {
            self.layout.word("{}");
            return Some(());
        }
        self.layout.word("{");
        self.layout.hard();
        self.statements(statements)?;
        self.layout.offset(-INDENT);
        self.layout.word("}");
        Some(())
    }

    pub(super) fn matched(&mut self, value: &Expression, arms: &[Arm]) -> Option<()> {
        self.layout.ibox(0);
        self.layout.word("match ");
        self.condition(value)?;
        self.layout.word("{");
        self.layout.never();
        self.layout.cbox(INDENT);
        self.layout.hard_if_not_empty();
        for arm in arms {
            self.arm(arm)?;
            self.layout.hard();
        }
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.word("}");
        self.layout.end();
        Some(())
    }

    fn arm(&mut self, arm: &Arm) -> Option<()> {
        self.layout.ibox(0);
        self.pattern(arm.pattern.start, arm.pattern.end)?;
        self.layout.word(" => ");
        let mut body = &arm.body;
        while let Expression::Block(statements) = body
            && let [
                Statement::Expression {
                    value,
                    has_semicolon: false,
                },
            ] = statements.as_slice()
        {
            body = value;
        }
        match body {
            Expression::Block(statements) => self.body(statements)?,
            Expression::Tuple(items) if items.is_empty() => self.body(&[])?,
            body => {
                self.layout.never();
                self.layout.cbox(INDENT);
                let may_be_braced = body.may_be_braced();
                self.open_brace(may_be_braced);
                self.at_line(body, true)?;
                self.layout.place(Break {
                    offset: -INDENT,
                    before: (may_be_braced && body.takes_semicolon()).then_some(';'),
                    behind: if may_be_braced { "}" } else { ")," },
                    otherwise: (!body.ends_itself()).then_some(','),
                    ..Break::default()
                });
                self.layout.end();
            }
        }
        self.layout.end();
        Some(())
    }

    /// A block whose statements have lines of their own.
    pub(super) fn body(&mut self, statements: &[Statement]) -> Option<()> {
        self.layout.word("{");
        self.layout.never();
        self.layout.cbox(INDENT);
        self.layout.hard_if_not_empty();
        self.statements(statements)?;
        self.layout.offset(-INDENT);
        self.layout.end();
        self.layout.word("}");
        Some(())
    }

    /// A block that may stand on one line.
    pub(super) fn small_block(&mut self, statements: &[Statement]) -> Option<()> {
        self.layout.word("{");
        if !statements.is_empty() {
            self.layout.space();
            match statements {
                [
                    Statement::Expression {
                        value,
                        has_semicolon: false,
                    },
                ] => {
                    self.layout.ibox(0);
                    self.at_line(value, true)?;
                    self.layout.end();
                    self.layout.space();
                }
                statements => self.statements(statements)?,
            }
            self.layout.offset(-INDENT);
        }
        self.layout.word("}");
        Some(())
    }

    pub(super) fn statements(&mut self, statements: &[Statement]) -> Option<()> {
        for statement in statements {
            self.statement(statement)?;
        }
        Some(())
    }

    fn statement(&mut self, statement: &Statement) -> Option<()> {
        self.layout.ibox(0);
        match statement {
            Statement::Let { pattern, value } => {
                self.layout.word("let ");
                self.pattern(pattern.start, pattern.end)?;
                self.layout.word(" = ");
                self.layout.never();
                self.expression(value)?;
                self.layout.end();
                self.layout.word(";");
            }
            Statement::Expression {
                value,
                has_semicolon,
            } => {
                self.at_line(value, true)?;
                let is_ended = if *has_semicolon {
                    !value.drops_semicolon()
                } else {
                    value.takes_semicolon()
                };
                if is_ended {
                    self.layout.word(";");
                }
                self.layout.end();
            }
        }
        self.layout.hard();
        Some(())
    }
}
