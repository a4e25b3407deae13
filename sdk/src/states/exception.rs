//! Exceptions: what a run ended with, in either language.

use std::fmt;

use prefect_client::models::{State, StateType};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// How a run ended that has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// What it ran said so.
    Failed,
    /// It ended, and what it ran could not say how.
    Crashed,
    /// It was ended.
    Cancelled,
}

impl Ending {
    /// How a state says that its run ended; `None` if it may have a result, or goes on.
    #[must_use]
    pub fn of_state(state: &State) -> Option<Self> {
        match state.type_ {
            StateType::Failed => Some(Self::Failed),
            StateType::Crashed => Some(Self::Crashed),
            StateType::Cancelled => Some(Self::Cancelled),
            _ => None,
        }
    }

    /// What is said where nothing else is.
    pub(super) fn usual_message(self) -> &'static str {
        match self {
            Self::Failed => "Run failed.",
            Self::Crashed => "Run crashed.",
            Self::Cancelled => "Run cancelled.",
        }
    }
}

/// What a run ended with in the place of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateException {
    /// How it ended.
    pub ending: Ending,
    /// The class of Python's exception, with its module. One of Rust has none in Python, and is a `builtins.RuntimeError`;
    /// what has no exception, or one that can't be read here, has no class.
    pub class: Option<String>,
    /// What it says.
    pub message: String,
}

impl fmt::Display for StateException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class.as_deref() {
            None | Some("builtins.RuntimeError") => f.write_str(&self.message),
            Some(class) => write!(f, "{class}: {}", self.message),
        }
    }
}

impl std::error::Error for StateException {}

/// An error of a run in Rust, as Python reads it: the record of a `builtins.RuntimeError`, since Python refuses a class that
/// it can't import.
///
/// ```
/// use prefect_sdk::states::RunError;
///
/// let error = RunError::new("ParseIntError", "invalid digit found in string");
/// assert_eq!(
///     error.flow_message(),
///     "Flow run encountered an exception: ParseIntError: invalid digit found in string",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunError {
    text: String,
}

impl RunError {
    /// Of a type, and what the error says.
    #[must_use]
    pub fn new(type_name: &str, text: &str) -> Self {
        Self {
            text: format!("{type_name}: {text}"),
        }
    }

    /// The message of the state of a flow run that ended with it.
    #[must_use]
    pub fn flow_message(&self) -> String {
        format!("Flow run encountered an exception: {}", self.text)
    }

    /// The message of the state of a task run that ended with it. Prefect has no colon there.
    #[must_use]
    pub fn task_message(&self) -> String {
        format!("Task run encountered an exception {}", self.text)
    }
}

/// What is persisted as the result of the run.
impl Serialize for RunError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("__exc_type__", "builtins.RuntimeError")?;
        map.serialize_entry("message", &self.text)?;
        map.end()
    }
}
