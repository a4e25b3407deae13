//! The expressions that emitters write, read from tokens: just what decides where lines end.

use std::ops::Range;

/// An expression; what stands in it by its place among the tokens.
pub(super) enum Expression {
    /// `a::b::<C>`
    Path(Range<usize>),
    Literal(usize),
    /// `a::b!(…)`: the path, and the delimiter behind it.
    Macro(Range<usize>, usize),
    Call(Box<Self>, Vec<Self>),
    Method {
        receiver: Box<Self>,
        name: usize,
        arguments: Vec<Self>,
    },
    Field(Box<Self>, usize),
    Try(Box<Self>),
    Await(Box<Self>),
    Unary(&'static str, Box<Self>),
    /// With the words before the value: `&`, or `&mut `.
    Reference(&'static str, Box<Self>),
    Binary(Box<Self>, &'static str, Box<Self>),
    /// `let pattern = expression` in a condition.
    Let(Range<usize>, Box<Self>),
    Assign(Box<Self>, Box<Self>),
    Closure(Closure),
    If(Box<Branch>),
    Match(Box<Self>, Vec<Arm>),
    While(Box<Self>, Vec<Statement>),
    For {
        pattern: Range<usize>,
        iterator: Box<Self>,
        body: Vec<Statement>,
    },
    Block(Vec<Statement>),
    Struct(Range<usize>, Vec<FieldValue>),
    Array(Vec<Self>),
    Tuple(Vec<Self>),
    Paren(Box<Self>),
    Return(Option<Box<Self>>),
}

pub(super) struct Closure {
    pub(super) is_move: bool,
    /// Each pattern, with its type.
    pub(super) inputs: Vec<Range<usize>>,
    pub(super) body: Box<Expression>,
}

/// `if condition { … } else …`
pub(super) struct Branch {
    pub(super) condition: Expression,
    pub(super) then: Vec<Statement>,
    pub(super) otherwise: Option<Otherwise>,
}

pub(super) enum Otherwise {
    If(Box<Branch>),
    Block(Vec<Statement>),
}

pub(super) struct Arm {
    pub(super) pattern: Range<usize>,
    pub(super) body: Expression,
}

pub(super) struct FieldValue {
    pub(super) name: usize,
    pub(super) value: Option<Expression>,
}

pub(super) enum Statement {
    Let {
        pattern: Range<usize>,
        value: Expression,
    },
    Expression {
        value: Expression,
        has_semicolon: bool,
    },
}

impl Expression {
    /// Whether it ends a statement without a semicolon, and an arm without a comma.
    pub(super) fn ends_itself(&self) -> bool {
        matches!(
            self,
            Self::If(_) | Self::Match(..) | Self::Block(_) | Self::While(..) | Self::For { .. }
        )
    }

    /// Whether its own delimiters show where it begins and ends.
    pub(super) fn is_blocklike(&self) -> bool {
        matches!(
            self,
            Self::Array(_) | Self::Block(_) | Self::Closure(_) | Self::Struct(..) | Self::Tuple(_)
        )
    }

    /// Whether what follows a condition moves to a line of its own where the condition breaks.
    pub(super) fn breaks_alone(&self) -> bool {
        match self {
            Self::Assign(..)
            | Self::Await(_)
            | Self::Binary(..)
            | Self::Field(..)
            | Self::Method { .. } => true,
            Self::Call(inner, _)
            | Self::Let(_, inner)
            | Self::Paren(inner)
            | Self::Reference(_, inner)
            | Self::Try(inner)
            | Self::Unary(_, inner) => inner.breaks_alone(),
            Self::Return(inner) => inner.as_ref().is_some_and(|inner| inner.breaks_alone()),
            _ => false,
        }
    }

    /// Whether braces around it change nothing.
    pub(super) fn may_be_braced(&self) -> bool {
        let ends = |inner: &Self| !inner.ends_itself() && inner.may_be_braced();
        match self {
            Self::Let(..) => false,
            Self::Assign(inner, _) | Self::Binary(inner, ..) | Self::Call(inner, _) => ends(inner),
            Self::Await(inner)
            | Self::Field(inner, _)
            | Self::Method {
                receiver: inner, ..
            }
            | Self::Try(inner) => inner.may_be_braced(),
            _ => true,
        }
    }

    /// Whether it has a semicolon where it stands alone in braces.
    pub(super) fn takes_semicolon(&self) -> bool {
        matches!(self, Self::Assign(..) | Self::Return(_))
    }

    /// Whether a semicolon behind it says nothing.
    pub(super) fn drops_semicolon(&self) -> bool {
        match self {
            Self::For { .. } | Self::While(..) => true,
            Self::If(branch) => branch.drops_semicolon(),
            _ => false,
        }
    }
}

impl Branch {
    fn drops_semicolon(&self) -> bool {
        match &self.otherwise {
            None => true,
            Some(Otherwise::If(next)) => next.drops_semicolon(),
            Some(Otherwise::Block(_)) => false,
        }
    }
}
