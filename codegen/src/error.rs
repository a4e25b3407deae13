//! What can be wrong with a description, and where.

use std::fmt;

use crate::pointer::Pointer;

/// One thing that stops the generator: the place, and the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Problem {
    /// The place in the description.
    pub pointer: Pointer,
    /// The rule that is broken there, and what to do.
    pub rule: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.rule)
    }
}

/// Why a description could not be turned into a client. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    problems: Vec<Problem>,
}

/// The result of a stage of the generator.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// One problem at one place.
    pub fn at(pointer: Pointer, rule: impl Into<String>) -> Self {
        Self {
            problems: vec![Problem {
                pointer,
                rule: rule.into(),
            }],
        }
    }

    /// Everything that is wrong, in the order in which it was found.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// Collects problems so that one run names them all.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        Self(problems)
    }
}

impl Problems {
    pub(crate) fn add(&mut self, pointer: Pointer, rule: impl Into<String>) {
        self.0.push(Problem {
            pointer,
            rule: rule.into(),
        });
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    pub(crate) fn into_result(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Error { problems: self.0 })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}: {}", problem.pointer, problem.rule)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
