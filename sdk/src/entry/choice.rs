//! Which flow a run is of, and whether it is due. No I/O.

use prefect_client::models::{FlowRunResponse, StateType};

/// Whether a run that is named is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It runs now.
    Now,
    /// It was cancelled before it ran.
    Cancelled,
    /// It has ended, or waits for somebody who resumes it.
    Never,
}

impl Due {
    pub(super) fn of(run: &FlowRunResponse) -> Self {
        match run.state_type {
            Some(
                StateType::Completed
                | StateType::Failed
                | StateType::Crashed
                | StateType::Cancelled
                | StateType::Paused,
            ) => Self::Never,
            Some(StateType::Cancelling) => Self::Cancelled,
            _ => Self::Now,
        }
    }
}

/// The name of a flow in an entrypoint: what follows the last colon.
pub(super) fn name_in(entrypoint: &str) -> &str {
    entrypoint.rsplit(':').next().unwrap_or(entrypoint)
}

/// What a run whose flow isn't here ends with.
pub(super) fn missing(wanted: &str, here: &[&str]) -> String {
    let here = match here {
        [] => "it has none".to_owned(),
        names => format!("it has `{}`", names.join("`, `")),
    };
    format!("The program has no flow `{wanted}`: {here}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entrypoint_ends_with_the_flow() {
        assert_eq!(name_in("shop:nightly load"), "nightly load");
        assert_eq!(name_in("c:\\shop.exe:load"), "load");
        assert_eq!(name_in("load"), "load");
        assert_eq!(name_in(""), "");
    }

    #[test]
    fn what_is_missing_is_told_with_what_is_there() {
        assert_eq!(
            missing("x", &["a", "b"]),
            "The program has no flow `x`: it has `a`, `b`."
        );
        assert_eq!(
            missing("x", &[]),
            "The program has no flow `x`: it has none."
        );
    }
}
