//! The last states of runs, as Python's engine makes them. No I/O.

use std::any::Any;
use std::time::Duration;

use prefect_client::models::{State, StateCreate, StateDetails, StateType};
use serde_json::Value;
use uuid::Uuid;

use super::{aggregate, task_state};
use crate::Error;
use crate::cancellation::{Cancellation, Why};
use crate::flow_runs::is_last;
use crate::signals::EndSignal;
pub(super) use crate::states::dropped;
use crate::states::{self, RunError};

/// The last state of a run that gave something; `data` says where that is, if it is kept.
pub(super) fn completed(data: Option<Value>) -> StateCreate {
    let mut state = states::completed();
    if data.is_none() {
        state = state.state_details(StateDetails::new().untrackable_result(true));
    }
    state.data = data;
    state
}

/// The last state of a run that gave this value: what they come to, if it is states. One that was not a run's is taken as it is.
pub(super) fn of_value(value: &dyn Any, data: Option<Value>) -> StateCreate {
    let Some(states) = aggregate::states_of(value) else {
        return completed(data);
    };
    let mut state = match aggregate::made_by_hand(value) {
        Some(state) => taken_over(state),
        None => aggregate::aggregate(states),
    };
    if data.is_none() && value.is::<State>() {
        let details = state.state_details.get_or_insert_default();
        details.untrackable_result = Some(true);
    }
    state.data = data;
    state
}

/// A state that is taken as it is. One without a name has that of its type, as Python's.
fn taken_over(state: &State) -> StateCreate {
    let name = state.name.clone();
    let mut same = StateCreate::new(state.type_.clone());
    same.name = name.or_else(|| Some(name_of_type(&state.type_)));
    same.message.clone_from(&state.message);
    same.state_details.clone_from(&state.state_details);
    same
}

fn name_of_type(type_: &StateType) -> String {
    let mut letters = type_.as_str().chars();
    let first = letters.next().into_iter();
    let rest = letters.flat_map(char::to_lowercase);
    first.flat_map(char::to_uppercase).chain(rest).collect()
}

/// The last state of a run that failed.
pub(super) fn failed(message: String, data: Option<Value>) -> StateCreate {
    let mut state = states::failed().message(message);
    state.data = data;
    state.state_details(StateDetails::new().retriable(false))
}

/// The last state of a run that took too long; `what` it is a run of.
pub(super) fn timed_out(what: &str, timeout: Duration) -> StateCreate {
    let seconds = timeout.as_secs_f64();
    let message = format!("{what} run exceeded timeout of {seconds:?} second(s)");
    states::failed().name("TimedOut").message(message)
}

/// The last state of a task run that has completed, and was rolled back after that.
pub(crate) fn rolled_back() -> StateCreate {
    let rolled_back = states::completed().name("RolledBack");
    rolled_back.message("Task rolled back as part of transaction")
}

/// The last state of a task run that can't run, as one that it depends on did not complete.
pub(super) fn not_ready(upstream: Uuid) -> StateCreate {
    states::pending()
        .name("NotReady")
        .message(not_ready_message(upstream))
}

pub(super) fn not_ready_message(upstream: Uuid) -> String {
    format!("Upstream task run '{upstream}' did not reach a 'COMPLETED' state.")
}

/// The last state of a run that the engine could not bring to another end.
pub(crate) fn crashed(why: &Error) -> StateCreate {
    let text = format!("Execution was interrupted by an unexpected exception: {why}");
    states::crashed().message(text)
}

/// The last state of a flow run whose future was dropped. A subflow is dropped with the function that called it, as the whole was
/// cancelled.
pub(super) fn dropped_within(enclosing: Option<&Cancellation>) -> StateCreate {
    match enclosing {
        Some(enclosing) if enclosing.is_requested() => {
            states::cancelled().message("Flow run was cancelled.")
        }
        _ => dropped(),
    }
}

/// The last state of a run that its engine leaves without an end of its own.
pub(super) fn left() -> StateCreate {
    if std::thread::panicking() {
        let text = "Execution was interrupted by an unexpected exception: something panicked";
        return states::crashed().message(text);
    }
    dropped()
}

/// What a run that crashed is forced into from the state that it is in, if into anything: a last state stays, and who is
/// being cancelled is cancelled.
pub(super) fn forced(now: Option<&StateType>, crashed: StateCreate) -> Option<StateCreate> {
    match now {
        Some(now) if is_last(now) => None,
        Some(StateType::Cancelling) => Some(states::cancelled()),
        _ => Some(crashed),
    }
}

/// A state that a run was forced into, as hooks see it: those of a cancellation are called, as Python's, when it begins.
pub(crate) fn as_hooks_see(forced: &StateCreate) -> State {
    let mut state = task_state::made(forced);
    if state.type_ == StateType::Cancelled {
        state.type_ = StateType::Cancelling;
    }
    state
}

/// What a run is forced into that was cancelled, or whose process is to end, one after the other: a last state stays, and who
/// is being cancelled is cancelled.
pub(super) fn stopped(now: Option<&StateType>, why: Why) -> Vec<StateCreate> {
    let message = "Flow run was cancelled.";
    let cancelled = || states::cancelled().message(message);
    match (now, why) {
        (Some(now), _) if is_last(now) => Vec::new(),
        (_, Why::LeftToParent | Why::LeftToRunner | Why::Left) => Vec::new(),
        (Some(StateType::Cancelling), _) => vec![cancelled()],
        (_, Why::Cancelled) => vec![states::cancelling().message(message), cancelled()],
        (_, Why::Signal(signal)) => {
            let signal = match signal {
                EndSignal::Interrupt => "an interrupt",
                EndSignal::Terminate => "a termination",
            };
            let text = format!("Execution was aborted by {signal} signal.");
            vec![states::crashed().message(text)]
        }
    }
}

/// The message of a run whose parameters don't fit.
pub(super) fn unfit_message(error: &RunError) -> String {
    let text = error.flow_message();
    let (_, what) = text.split_once(": ").unwrap_or_default();
    format!("Validation of flow parameters failed with error: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn last_states_say_what_python_s_say() {
        let details = completed(None).state_details.unwrap();
        assert_eq!(details.untrackable_result, Some(true));
        assert!(completed(Some(json!(1))).state_details.is_none());
        let error = RunError::new("ParameterTypeError", "x: no");
        let expected = "Validation of flow parameters failed with error: ParameterTypeError: x: no";
        assert_eq!(unfit_message(&error), expected);
    }

    #[test]
    fn a_state_made_by_hand_has_a_name() {
        let mut state = State::new(StateType::Cancelled, Uuid::nil());
        state.name = None;
        let last = of_value(&state, Some(json!(1)));
        assert_eq!(last.name.as_deref(), Some("Cancelled"));
        assert!(last.state_details.is_none());
        state.name = Some("Own".to_owned());
        let last = of_value(&state, None);
        assert_eq!(last.name.as_deref(), Some("Own"));
        assert_eq!(last.state_details.unwrap().untrackable_result, Some(true));
    }

    #[test]
    fn what_is_stopped_is_cancelled_or_has_crashed() {
        let stopped = |now: StateType, why| -> Vec<StateType> {
            let states = stopped(Some(&now), why).into_iter();
            states.map(|state| state.type_).collect()
        };
        let signal = Why::Signal(EndSignal::Terminate);
        for why in [Why::Cancelled, Why::LeftToParent, Why::Left, signal] {
            for last in [
                StateType::Completed,
                StateType::Failed,
                StateType::Cancelled,
                StateType::Crashed,
            ] {
                assert_eq!(stopped(last, why), []);
            }
        }
        assert_eq!(
            stopped(StateType::Running, Why::Cancelled),
            [StateType::Cancelling, StateType::Cancelled]
        );
        assert_eq!(stopped(StateType::Running, signal), [StateType::Crashed]);
        assert_eq!(stopped(StateType::Running, Why::LeftToParent), []);
        for why in [Why::Cancelled, signal] {
            assert_eq!(stopped(StateType::Cancelling, why), [StateType::Cancelled]);
        }
    }

    #[test]
    fn a_crash_overwrites_no_last_state_and_completes_a_cancellation() {
        let forced =
            |now: Option<StateType>| forced(now.as_ref(), dropped()).map(|state| state.type_);
        for last in [
            StateType::Completed,
            StateType::Failed,
            StateType::Cancelled,
            StateType::Crashed,
        ] {
            assert_eq!(forced(Some(last)), None);
        }
        assert_eq!(
            forced(Some(StateType::Cancelling)),
            Some(StateType::Cancelled)
        );
        for other in [StateType::Pending, StateType::Running, StateType::Paused] {
            assert_eq!(forced(Some(other)), Some(StateType::Crashed));
        }
        assert_eq!(forced(None), Some(StateType::Crashed));
    }
}
