//! What the states of several runs come to. No I/O.

use std::any::Any;

use prefect_client::models::{State, StateCreate, StateType};

use crate::states;

/// The states that a function gave, if that is what it gave: one, or a list of them.
pub(super) fn states_of(value: &dyn Any) -> Option<&[State]> {
    if let Some(state) = value.downcast_ref::<State>() {
        return Some(std::slice::from_ref(state));
    }
    let states = value.downcast_ref::<Vec<State>>()?;
    (!states.is_empty()).then_some(states)
}

/// The one state that a function gave, if that is no run's, and nothing that a run can't end in: Python's engine would run for ever.
pub(super) fn made_by_hand(value: &dyn Any) -> Option<&State> {
    let state = value.downcast_ref::<State>()?;
    let details = state.state_details.as_ref();
    let is_of_run = details
        .is_some_and(|details| details.flow_run_id.is_some() || details.task_run_id.is_some());
    (!is_of_run && state.type_ != StateType::Running).then_some(state)
}

/// The one state that a function gave, if it says that something went wrong.
pub(super) fn gone_wrong(value: &dyn Any) -> Option<&State> {
    let state = value.downcast_ref::<State>()?;
    let wrong = [StateType::Failed, StateType::Crashed, StateType::Cancelled];
    wrong.contains(&state.type_).then_some(state)
}

/// The state of a run whose function gave these, as Python's engine has it.
pub(super) fn aggregate(given: &[State]) -> StateCreate {
    let all = given.len();
    let count = |is: &dyn Fn(&State) -> bool| given.iter().filter(|state| is(state)).count();
    let completed = count(&|state| state.type_ == StateType::Completed);
    let cancelled = count(&|state| state.type_ == StateType::Cancelled);
    let paused = count(&|state| state.type_ == StateType::Paused);
    let ends_badly = [StateType::Failed, StateType::Crashed];
    let failed = count(&|state| ends_badly.contains(&state.type_));
    let of_type = |type_: StateType, name: &str| StateCreate::new(type_).name(name);
    if completed == all {
        states::completed().message("All states completed.")
    } else if cancelled > 0 {
        states::cancelled().message(format!("{cancelled}/{all} states cancelled."))
    } else if paused > 0 {
        let paused_state = of_type(StateType::Paused, "Paused");
        paused_state.message(format!("{paused}/{all} states paused."))
    } else if failed > 0 {
        states::failed().message(format!("{failed}/{all} states failed."))
    } else {
        let open = all - completed;
        states::failed().message(format!("{open}/{all} states are not final."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn come_to(types: &[&str]) -> (String, String) {
        let state = |type_: &&str| -> State {
            serde_json::from_value(json!({"type": type_, "id": uuid::Uuid::nil()})).unwrap()
        };
        let states: Vec<State> = types.iter().map(state).collect();
        let state = aggregate(states_of(&states).unwrap());
        (state.type_.to_string(), state.message.unwrap())
    }

    #[test]
    fn states_come_to_what_python_says() {
        for (types, type_, message) in [
            (
                &["COMPLETED", "COMPLETED"][..],
                "COMPLETED",
                "All states completed.",
            ),
            (&["COMPLETED", "FAILED"], "FAILED", "1/2 states failed."),
            (&["PENDING"], "FAILED", "1/1 states are not final."),
            (
                &["CANCELLED", "FAILED"],
                "CANCELLED",
                "1/2 states cancelled.",
            ),
            (&["PAUSED", "FAILED"], "PAUSED", "1/2 states paused."),
            (&["COMPLETED", "CRASHED"], "FAILED", "1/2 states failed."),
        ] {
            assert_eq!(come_to(types), (type_.to_owned(), message.to_owned()));
        }
    }

    #[test]
    fn a_run_does_not_end_by_running() {
        let state = |type_: &str| -> State {
            serde_json::from_value(json!({"type": type_, "id": uuid::Uuid::nil()})).unwrap()
        };
        assert!(made_by_hand(&state("PAUSED")).is_some());
        assert!(made_by_hand(&state("RUNNING")).is_none());
        let not_final = ("FAILED".to_owned(), "1/1 states are not final.".to_owned());
        assert_eq!(come_to(&["RUNNING"]), not_final);
    }

    #[test]
    fn what_is_no_state_is_a_value() {
        assert!(states_of(&1_u8).is_none());
        assert!(states_of(&Vec::<State>::new()).is_none());
    }
}
