//! Pickles of plain values, which is how Python's Prefect stores results unless told otherwise.
//!
//! A pickle is a program that may call anything. This reads its instructions, and calls nothing: what they make of known
//! classes becomes a value, and any other class is an error with its name. The crates that read pickles (serde-pickle,
//! pickled) know no dates, UUIDs and decimals, which are calls too.

mod known;
mod machine;
mod number;
mod time;

use super::Value;

/// Why a pickle is not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PickleError {
    /// It is of a class that is not known here.
    Class(String),
    /// It is no pickle, or one that no writer of today makes.
    Broken(String),
}

/// Reads one value.
pub(super) fn read(bytes: &[u8]) -> Result<Value, PickleError> {
    let (nodes, root) = machine::run(bytes)?;
    known::Reader::new(&nodes, bytes.len()).value(root, 0)
}

fn broken(text: impl Into<String>) -> PickleError {
    PickleError::Broken(text.into())
}

impl PickleError {
    /// Whether it can be read by Python alone.
    pub(crate) fn is_of_class(&self) -> bool {
        matches!(self, Self::Class(_))
    }
}

impl std::error::Error for PickleError {}

impl std::fmt::Display for PickleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Class(class) => write!(
                f,
                "it is of the Python class `{class}`, which can't be read outside of Python: give the flow or task \
                 `result_serializer=\"json\"`"
            ),
            Self::Broken(text) => write!(f, "it is not a pickle that can be read: {text}"),
        }
    }
}
