//! How a run ended that gave nothing.

use std::fmt::{self, Debug, Display};
use std::time::Duration;

use prefect_client::models::State;
use uuid::Uuid;

use super::last_state;
use crate::Error;
use crate::states::{Ending, RunError, StateException};

/// How the run of a flow or task ended that gave nothing. `E` is the error of its function, whichever that is: anything that
/// can be displayed.
///
/// It is an error itself, so that `?` makes an `anyhow::Error` or a `Box<dyn Error>` of it, or a [`prefect_sdk::Error`](Error).
///
/// ```
/// use prefect_sdk::flows::RunFailed;
///
/// let failed = RunFailed::Raised("it is full".to_owned());
/// assert_eq!(failed.to_string(), "it is full");
/// assert_eq!(failed.raised(), Some("it is full".to_owned()));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum RunFailed<E> {
    /// Its function gave this error.
    Raised(E),
    /// Its function panicked, and said this.
    Panicked(String),
    /// It took longer than its timeout.
    TimedOut(Duration),
    /// The parameters don't fit: the text says which, and why.
    Parameters(String),
    /// It was cancelled: what its function would have given is not known, or not taken.
    Cancelled,
    /// The task run did not run, as the one of this id, which it depends on, did not complete.
    NotReady(Uuid),
    /// The server put the run into this state, such as by a cancellation, and takes no other.
    Ended(Box<State>),
    /// The engine could not go on: a call failed, or the flow or task can't be run so. The run may be in any state.
    Engine(Error),
}

impl<E> RunFailed<E> {
    /// The error of the function, if that is why.
    #[must_use]
    pub fn raised(self) -> Option<E> {
        match self {
            Self::Raised(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: Display> RunFailed<E> {
    /// The error as it is persisted, and told in the message of the state.
    pub(crate) fn run_error(&self) -> RunError {
        match self {
            Self::Raised(error) => RunError::new(&type_name::<E>(), &error.to_string()),
            Self::Panicked(text) => RunError::new("panic", text),
            Self::Parameters(text) => RunError::new("ParameterTypeError", text),
            Self::NotReady(_) => RunError::new("UpstreamTaskError", &self.to_string()),
            other => RunError::new("Error", &other.to_string()),
        }
    }
}

/// The last part of the type's path; what has none worth telling, such as `Box<dyn Error>`, is an `Error`.
fn type_name<E>() -> String {
    let name = std::any::type_name::<E>();
    let name = name.split('<').next().unwrap_or_default();
    let name = name.rsplit("::").next().unwrap_or_default();
    let is_worthless = matches!(name, "Box" | "String" | "Arc") || name.starts_with(['&', '(']);
    if is_worthless { "Error" } else { name }.to_owned()
}

impl<E: Display> Display for RunFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raised(error) => Display::fmt(error, f),
            Self::Panicked(text) => write!(f, "panic: {text}"),
            Self::TimedOut(timeout) => {
                let seconds = timeout.as_secs_f64();
                write!(f, "it took longer than {seconds:?} second(s)")
            }
            Self::Parameters(text) => f.write_str(text),
            Self::Cancelled => f.write_str("the run was cancelled"),
            Self::NotReady(upstream) => f.write_str(&last_state::not_ready_message(*upstream)),
            Self::Ended(state) => {
                let name = state.name.as_deref().unwrap_or_default();
                write!(f, "the server put the run into the state {name}")?;
                match state.message.as_deref() {
                    None | Some("") => Ok(()),
                    Some(message) => write!(f, ": {message}"),
                }
            }
            Self::Engine(error) => Display::fmt(error, f),
        }
    }
}

impl<E: Display + Debug> std::error::Error for RunFailed<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Engine(error) => error.source(),
            _ => None,
        }
    }
}

impl<E> From<Error> for RunFailed<E> {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

/// What is not the engine's own error is the [exception](Error::exception) of a run.
impl<E: Display> From<RunFailed<E>> for Error {
    fn from(failed: RunFailed<E>) -> Self {
        match failed {
            RunFailed::Engine(error) => error,
            RunFailed::Ended(state) => Self::raised(StateException {
                ending: Ending::of_state(&state).unwrap_or(Ending::Failed),
                class: None,
                message: RunFailed::<E>::Ended(state).to_string(),
            }),
            RunFailed::Cancelled => Self::raised(StateException {
                ending: Ending::Cancelled,
                class: None,
                message: RunFailed::<E>::Cancelled.to_string(),
            }),
            other => Self::raised(StateException {
                ending: Ending::Failed,
                class: None,
                message: other.to_string(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<E: Display>(error: E) -> String {
        RunFailed::Raised(error).run_error().flow_message()
    }

    #[test]
    fn the_type_of_an_error_is_told_by_its_last_name() {
        let before = "Flow run encountered an exception:";
        let number = "x".parse::<u8>().unwrap_err();
        assert_eq!(
            told(number),
            format!("{before} ParseIntError: invalid digit found in string")
        );
        let boxed: Box<dyn std::error::Error + Send + Sync> = "no".into();
        assert_eq!(told(boxed), format!("{before} Error: no"));
        assert_eq!(told("no"), format!("{before} Error: no"));
        assert_eq!(told("no".to_owned()), format!("{before} Error: no"));
        let within = RunFailed::Raised("x".parse::<u8>().unwrap_err());
        assert_eq!(
            told(within),
            format!("{before} RunFailed: invalid digit found in string")
        );
    }

    #[test]
    fn it_becomes_any_other_error() {
        let failed = || RunFailed::<String>::Panicked("no".to_owned());
        let boxed: Box<dyn std::error::Error + Send + Sync> = failed().into();
        assert_eq!(boxed.to_string(), "panic: no");
        let error = Error::from(failed());
        assert_eq!(
            error.exception().map(|exception| &*exception.message),
            Some("panic: no")
        );
        let engine = Error::from(RunFailed::<String>::Engine(Error::invalid("x")));
        assert!(engine.is_invalid());
    }
}
