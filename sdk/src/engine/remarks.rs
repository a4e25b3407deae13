//! What the engine itself says in the logs of a run: where each has got to, in the words of Python's engine.

use std::fmt::{self, Display};

use prefect_client::models::{State, StateCreate, StateType};
use tracing::Span;

use super::retry::Retry;
use super::voice::{Voice, say};
use super::{On, RunFailed, aggregate};
use crate::results::quoted;

/// A run of a flow has begun, or has begun anew.
pub(super) fn flow_run_begins(of: &Span, kind: &str, run: &str, flow: &str) {
    of.in_scope(|| {
        tracing::info!(
            target: "prefect.flow_runs",
            "Beginning {kind} run {} for flow {}", quoted(run), quoted(flow)
        );
    });
}

/// Its parameters don't fit, so that it never runs.
pub(super) fn flow_run_is_refused<E: Display>(failed: &RunFailed<E>) {
    say!(
        &Voice::Engine,
        error,
        "prefect.flow_runs",
        "Validation of flow parameters failed with error: {failed}"
    );
}

/// Its function gave nothing.
pub(super) fn flow_run_failed<E: Display>(of: &Span, failed: &RunFailed<E>) {
    of.in_scope(|| {
        tracing::error!(target: "prefect.flow_runs", "Encountered exception during execution: {failed}");
    });
}

/// The server has it run once more instead of that state.
pub(super) fn flow_run_is_tried_again(of: &Span, proposed: &StateCreate) {
    of.in_scope(|| {
        let proposed = proposed.name.as_deref().unwrap_or_default();
        tracing::info!(
            target: "prefect.flow_runs",
            "Received non-final state 'AwaitingRetry' when proposing final state {} and will attempt to run again...",
            quoted(proposed)
        );
    });
}

/// The server has its last state.
pub(super) fn flow_run_finished<'a>(by: &Voice, state: impl Into<Shown<'a>>) {
    let state = state.into();
    say!(by, info, "prefect.flow_runs", "Finished in state {state}");
}

/// The engine could not go on with it.
pub(super) fn flow_run_crashed(by: &Voice, state: &StateCreate) {
    let message = state.message.as_deref().unwrap_or_default();
    say!(by, error, "prefect.flow_runs", "Crash detected! {message}");
}

/// What is wrong with how an attempt of a task run ended, if anything is.
pub(super) fn fault<T: 'static, E: Display>(ended: &Result<T, RunFailed<E>>) -> Option<String> {
    match ended {
        Ok(value) => {
            aggregate::gone_wrong(value).map(|state| format!("state: {}", Shown::from(state)))
        }
        Err(failed) => Some(format!("exception: {failed}")),
    }
}

/// An attempt of it had that fault, and so it goes on, after so many of its retries before.
pub(super) fn task_run_failed(of: &Span, fault: &str, next: &Retry, before: u32, retries: u32) {
    let delay = match next {
        Retry::Now(_) => Some("immediately".to_owned()),
        Retry::After(delay, _) => Some(format!("{} second(s) from now", delay.as_secs_f64())),
        Retry::Never => None,
    };
    of.in_scope(|| match delay {
        Some(delay) => {
            let retry = before + 1;
            tracing::info!(
                target: "prefect.task_runs",
                "Task run failed with {fault} - Retry {retry}/{retries} will start {delay}"
            );
        }
        None if retries > 0 && before >= retries => {
            tracing::error!(target: "prefect.task_runs", "Task run failed with {fault} - Retries are exhausted");
        }
        None => tracing::error!(target: "prefect.task_runs", "Task run failed with {fault}"),
    });
}

/// It is in its last state.
pub(super) fn task_run_finished(of: &Span, state: &StateCreate) {
    of.in_scope(|| {
        let shown = Shown::from(state);
        if state.type_ == StateType::Completed {
            tracing::info!(target: "prefect.task_runs", "Finished in state {shown}");
        } else {
            tracing::error!(target: "prefect.task_runs", "Finished in state {shown}");
        }
    });
}

/// The engine could not go on with it.
pub(super) fn task_run_crashed(of: &Span, state: &StateCreate) {
    of.in_scope(|| {
        let message = state.message.as_deref().unwrap_or_default();
        tracing::error!(target: "prefect.task_runs", "Crash detected! {message}");
    });
}

/// A hook is called, as the run has entered a state.
pub(super) fn hook_runs(by: &Voice, hook: &str, state: &State) {
    let state = state.name.as_deref().unwrap_or(state.type_.as_str());
    say!(
        by,
        info,
        "prefect",
        "Running hook {} in response to entering state {}",
        quoted(hook),
        quoted(state)
    );
}

pub(super) fn hook_ended(by: &Voice, hook: &str) {
    say!(
        by,
        info,
        "prefect",
        "Hook {} finished running successfully",
        quoted(hook)
    );
}

pub(super) fn hook_failed(by: &Voice, hook: &str, failed: &RunFailed<String>) {
    say!(
        by,
        error,
        "prefect",
        "An error was encountered while running hook {}: {failed}",
        quoted(hook)
    );
}

/// A hook is called, as its transaction is committed or rolled back.
pub(super) fn transaction_hook_runs(of: &Span, on: On, hook: &str) {
    of.in_scope(|| {
        tracing::info!(target: "prefect", "Running {} hook {}", on.as_str(), quoted(hook));
    });
}

pub(super) fn transaction_hook_ended(of: &Span, on: On, hook: &str) {
    of.in_scope(|| {
        let kind = if on == On::Commit { "Commit" } else { "Rollback" };
        tracing::info!(target: "prefect", "{kind} hook {} finished running successfully", quoted(hook));
    });
}

pub(super) fn transaction_hook_failed(of: &Span, on: On, hook: &str) {
    of.in_scope(|| {
        tracing::error!(
            target: "prefect",
            "An error was encountered while running {} hook {}", on.as_str(), quoted(hook)
        );
    });
}

/// A state as Python's logs show it: its name, with its message, and its type where that is not its name.
pub(super) struct Shown<'a> {
    name: Option<&'a str>,
    message: Option<&'a str>,
    type_: &'a StateType,
}

impl<'a> From<&'a State> for Shown<'a> {
    fn from(state: &'a State) -> Self {
        Self {
            name: state.name.as_deref(),
            message: state.message.as_deref(),
            type_: &state.type_,
        }
    }
}

impl<'a> From<&'a StateCreate> for Shown<'a> {
    fn from(state: &'a StateCreate) -> Self {
        Self {
            name: state.name.as_deref(),
            message: state.message.as_deref(),
            type_: &state.type_,
        }
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let type_ = self.type_.as_str();
        let name = self.name.unwrap_or(type_);
        let message = self.message.filter(|message| !message.is_empty());
        let type_ = (!name.eq_ignore_ascii_case(type_)).then(|| format!("type={type_}"));
        let shown: Vec<String> = message.map(quoted).into_iter().chain(type_).collect();
        write!(f, "{name}({})", shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::states;

    #[test]
    fn states_are_shown_as_python_shows_them() {
        let shown = |state: StateCreate| Shown::from(&state).to_string();
        assert_eq!(shown(states::completed()), "Completed()");
        assert_eq!(
            shown(states::failed().message("it's \"full\"")),
            r#"Failed('it\'s "full"')"#
        );
        assert_eq!(
            shown(states::pending().name("NotReady").message("It isn't.")),
            r#"NotReady("It isn't.", type=PENDING)"#
        );
        assert_eq!(shown(StateCreate::new(StateType::Crashed)), "CRASHED()");
        assert_eq!(
            shown(states::completed().name("Cached").message("")),
            "Cached(type=COMPLETED)"
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        type Ended<T> = Result<T, RunFailed<String>>;
        assert_eq!(fault::<_, String>(&Ok(3)), None);
        let failed: Ended<u32> = Err(RunFailed::Raised("it is full".to_owned()));
        assert_eq!(fault(&failed).unwrap(), "exception: it is full");
        let state: Ended<State> = Ok(super::super::task_state::made(
            &states::failed().message("no"),
        ));
        assert_eq!(fault(&state).unwrap(), "state: Failed('no')");
    }
}
