//! How a run ended that gave nothing.

use std::fmt::{self, Debug, Display, Write as _};
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

impl<E> RunFailed<RunFailed<E>> {
    /// How the run within ended, if its error is why: what a subflow failed with whose tasks fail with the same type of error, as if
    /// the tasks were this flow's.
    ///
    /// ```
    /// use prefect_sdk::flows::RunFailed;
    ///
    /// let of_subflow = RunFailed::Raised(RunFailed::Raised("it is full".to_owned()));
    /// let failed: RunFailed<String> = of_subflow.flatten();
    /// assert_eq!(failed.raised(), Some("it is full".to_owned()));
    /// ```
    #[must_use]
    pub fn flatten(self) -> RunFailed<E> {
        match self {
            Self::Raised(failed) => failed,
            Self::Panicked(text) => RunFailed::Panicked(text),
            Self::TimedOut(timeout) => RunFailed::TimedOut(timeout),
            Self::Parameters(text) => RunFailed::Parameters(text),
            Self::Cancelled => RunFailed::Cancelled,
            Self::NotReady(upstream) => RunFailed::NotReady(upstream),
            Self::Ended(state) => RunFailed::Ended(state),
            Self::Engine(error) => RunFailed::Engine(error),
        }
    }
}

impl<E: Display + Debug> RunFailed<E> {
    /// The error as it is persisted, and told in the message of the state.
    pub(crate) fn run_error(&self) -> RunError {
        match self {
            Self::Raised(error) => RunError::new(&class(error), &error.to_string()),
            Self::Panicked(text) => RunError::new("panic", text),
            Self::Parameters(text) => RunError::new("ParameterTypeError", text),
            Self::NotReady(_) => RunError::new("UpstreamTaskError", &self.to_string()),
            other => RunError::new("Error", &other.to_string()),
        }
    }
}

/// The type of an error, by which its message begins. What another run's function gave, and this one's gives on, is told by its
/// own type, as in Python it is the same exception.
fn class<E: Debug>(error: &E) -> String {
    let whole = std::any::type_name::<E>();
    let own = std::any::type_name::<RunFailed<()>>();
    let own = own.strip_suffix("()>").unwrap_or(own);
    let (mut name, mut depth) = (whole, 0);
    while let Some(within) = name.strip_prefix(own) {
        (name, depth) = (within, depth + 1);
    }
    let is_raised = || {
        let mut first = First {
            text: String::new(),
            left: depth * RAISED.len(),
        };
        // It ends where there is enough.
        let _ = write!(first, "{error:?}");
        first.text == RAISED.repeat(depth)
    };
    short(if depth == 0 || is_raised() {
        name
    } else {
        whole
    })
}

/// What the variant is shown by.
const RAISED: &str = "Raised(";

/// The first bytes of what is written: no more than that is asked for.
struct First {
    text: String,
    left: usize,
}

impl fmt::Write for First {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            if self.left == 0 {
                return Err(fmt::Error);
            }
            self.text.push(letter);
            self.left = self.left.saturating_sub(letter.len_utf8());
        }
        if self.left == 0 {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

/// The last part of a type's path; what has none worth telling, such as `Box<dyn Error>`, is an `Error`.
fn short(name: &str) -> String {
    let name = name.split(['<', '>']).next().unwrap_or_default();
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

    fn told<E: Display + Debug>(error: E) -> String {
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
    }

    type Two = RunFailed<RunFailed<std::num::ParseIntError>>;

    #[test]
    fn an_error_that_is_given_on_is_told_by_its_own_type() {
        let before = "Flow run encountered an exception:";
        let number = || "x".parse::<u8>().unwrap_err();
        let expected = format!("{before} ParseIntError: invalid digit found in string");
        let one = RunFailed::Raised(number());
        assert_eq!(told(one), expected);
        let two = RunFailed::Raised(RunFailed::Raised(number()));
        assert_eq!(told(two), expected);
        let texts = RunFailed::Raised("no".to_owned());
        assert_eq!(told(texts), format!("{before} Error: no"));
        // What says something else is of its type.
        for other in [Two::Cancelled, Two::Raised(RunFailed::Cancelled)] {
            let expected = format!("{before} RunFailed: the run was cancelled");
            assert_eq!(told(other), expected);
        }
    }

    #[test]
    fn what_a_subflow_failed_with_is_as_if_it_was_the_own() {
        let raised = Two::Raised(RunFailed::TimedOut(Duration::from_secs(1)));
        assert!(matches!(raised.flatten(), RunFailed::TimedOut(_)));
        assert_eq!(
            Two::Panicked("no".to_owned()).flatten().to_string(),
            "panic: no"
        );
        let upstream = Uuid::from_u128(1);
        assert!(
            matches!(Two::NotReady(upstream).flatten(), RunFailed::NotReady(id) if id == upstream)
        );
    }

    #[test]
    fn nothing_of_an_error_is_shown_for_its_type() {
        struct Loud;
        impl Display for Loud {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no")
            }
        }
        impl Debug for Loud {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("nobody asks for this")
            }
        }
        let before = "Flow run encountered an exception:";
        assert_eq!(told(Loud), format!("{before} Loud: no"));
        assert_eq!(told(RunFailed::Raised(Loud)), format!("{before} Loud: no"));
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
