//! States and the orchestration's answers: accepted, rejected, aborted, told to wait.

use prefect_client::models::{
    FlowCreate, FlowRunCreate, ObservedStateSort, OrchestrationDetails, SetStateStatus,
    StateCreate, StateDetails, StateType,
};
use prefect_client::requests::{ReadObservedStates, SetFlowRunState};
use serde_json::json;
use uuid::Uuid;

use crate::helpers::{in_hours, state};

scenarios! {
    fn states_of_a_flow_run_are_kept_in_order(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("states"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id;
        let running = state(StateType::Running, "Läuft");
        let result = call!(live.set_flow_run_state(run, &running));
        assert_eq!(result.status, SetStateStatus::Accept);
        assert!(matches!(
            result.details,
            OrchestrationDetails::StateAcceptDetails(_)
        ));
        assert_eq!(result.state.expect("a state").type_, StateType::Running);
        let done = state(StateType::Completed, "Done")
            .message("fertig: ✓")
            .data(json!({"type": "own", "größe": [1, null]}))
            .state_details(StateDetails::new().transition_id(Uuid::from_u128(7)));
        let last = call!(live.set_flow_run_state(run, &done))
            .state
            .expect("a state");
        assert_eq!(last.message.as_deref(), Some("fertig: ✓"));

        let states = call!(live.read_flow_run_states(run));
        let names: Vec<_> = states
            .iter()
            .filter_map(|state| state.name.as_deref())
            .collect();
        assert_eq!(names, ["Pending", "Läuft", "Done"]);
        let read = call!(live.read_flow_run_state(last.id));
        assert_eq!(
            (read.id, &read.type_, &read.data),
            (
                last.id,
                &StateType::Completed,
                &Some(json!({"type": "own", "größe": [1, null]}))
            )
        );
        let details = read.state_details.expect("details");
        assert_eq!(details.flow_run_id, Some(run));
        assert_eq!(details.transition_id, Some(Uuid::from_u128(7)));
    }

    fn states_that_runs_were_in_are_found_by_their_names(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("observed"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id;
        let name = live.name("Übersehen");
        let _ = call!(live.set_flow_run_state(run, &state(StateType::Running, &name)));
        let named = ReadObservedStates::new().query(&name).order_by(ObservedStateSort::NameAsc);
        let found = call!(live.read_observed_states_with(&named));
        let [observed] = &found[..] else {
            panic!("not one state: {found:?}")
        };
        assert_eq!((&observed.state_name, observed.state_type.as_str()), (&name, "RUNNING"));
        assert_eq!(observed.first_seen, observed.last_seen);
    }

    fn a_finished_run_does_not_start_again(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("finished"))));
        let create = FlowRunCreate::new(flow.id).state(state(StateType::Completed, "Completed"));
        let run = call!(live.create_flow_run(&create)).id;
        let result = call!(live.set_flow_run_state(
            run,
            &state(StateType::Paused, "Paused")));
        assert_eq!(result.status, SetStateStatus::Abort);
        let OrchestrationDetails::StateAbortDetails(details) = result.details else {
            panic!("no details of an abort: {:?}", result.details)
        };
        assert!(details.reason.is_some());
        let forced = SetFlowRunState::new().force(true);
        let result =
            call!(live.set_flow_run_state_with(run, &state(StateType::Pending, "Pending"), &forced));
        assert_eq!(result.status, SetStateStatus::Accept);
    }

    fn a_run_that_is_due_later_has_to_wait(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("later"))));
        let later = StateCreate::new(StateType::Scheduled)
            .state_details(StateDetails::new().scheduled_time(in_hours(2)));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id).state(later))).id;
        let result = call!(live.set_flow_run_state(
            run,
            &state(StateType::Running, "Running")));
        assert_eq!(result.status, SetStateStatus::Wait);
        let OrchestrationDetails::StateWaitDetails(details) = result.details else {
            panic!("no details of a wait: {:?}", result.details)
        };
        assert!(
            (1..=7200).contains(&details.delay_seconds),
            "{}",
            details.delay_seconds
        );
    }

    fn a_paused_run_goes_on(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("paused"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id;
        let result = call!(live.resume_flow_run(run));
        assert_eq!((result.status, result.state), (SetStateStatus::Abort, None));

        let _ = call!(live.set_flow_run_state(
            run,
            &state(StateType::Running, "Running")));
        let details = StateDetails::new()
            .pause_timeout(in_hours(1))
            .pause_key("here")
            .pause_reschedule(false);
        let paused = state(StateType::Paused, "Paused").state_details(details);
        let result = call!(live.set_flow_run_state(run, &paused));
        assert_eq!(result.status, SetStateStatus::Accept);
        let result = call!(live.resume_flow_run(run));
        assert_eq!(result.status, SetStateStatus::Accept);
        assert_eq!(result.state.expect("a state").type_, StateType::Running);
    }
}
