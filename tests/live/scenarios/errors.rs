//! What the faces say when the server refuses.

use prefect_client::ErrorExt as _;
use prefect_client::models::{
    AutomationAction, AutomationCreate, EventTrigger, EventTriggerPosture, FlowRunFilter,
    FlowRunFilterState, FlowRunFilterStateType, StateType, VariableCreate, VariableValue,
    WorkPoolCreate,
};
use prefect_client::requests::{ReadFlowRuns, ReadFlows};
use serde_json::{Value, json};

use crate::helpers::{NOBODY, status};

scenarios! {
    fn what_is_not_there_is_not_found(live) {
        let error = refused!(live.read_flow(NOBODY));
        assert!(error.is_not_found() && !error.is_already_exists() && !error.is_retryable());
        assert_eq!(error.detail().as_deref(), Some("Flow not found"));
        let body: Value = serde_json::from_slice(error.body().expect("a body")).expect("JSON");
        assert_eq!(body["detail"], "Flow not found");
        assert!(
            error
                .headers()
                .is_some_and(|headers| headers.contains_key("content-type"))
        );
        assert!(error.to_string().contains("read_flow"), "{error}");

        // The server's handler of its own exceptions writes another body.
        let error = refused!(live.read_automation(NOBODY));
        assert!(error.is_not_found());
        assert!(error.detail().is_some());
    }

    fn what_is_there_is_not_made_again(live) {
        let create = VariableCreate::new(live.name("twice"), VariableValue::from(1));
        let _ = call!(live.create_variable(&create));
        let error = refused!(live.create_variable(&create));
        assert!(error.is_already_exists() && error.is_conflict() && !error.is_not_found());
        let name = live.name("twice");
        assert!(error.detail().is_some_and(|detail| detail.contains(&name)));
    }

    fn what_is_not_valid_is_told(live) {
        let error = refused!(live.read_flows_with(&ReadFlows::new().limit(-1)));
        assert_eq!(status(&error), Some(422));
        let detail = error.detail().expect("a detail");
        assert!(detail.contains("limit"), "{detail}");
        let body: Value = serde_json::from_slice(error.body().expect("a body")).expect("JSON");
        assert!(body.is_object(), "{body}");

        let error = refused!(live.create_work_pool(&WorkPoolCreate::new("a/b")));
        assert_eq!(status(&error), Some(422));
        assert!(error.detail().is_some_and(|detail| detail.contains("name")));
    }

    fn a_word_that_nobody_knows_is_sent_as_it_is(live) {
        let types =
            FlowRunFilterStateType::new().any([StateType::from("DREAMING"), StateType::Running]);
        let filter = FlowRunFilter::new().state(FlowRunFilterState::new().type_(types));
        let error = refused!(live.read_flow_runs_with(&ReadFlowRuns::new().flow_runs(filter)));
        assert_eq!(status(&error), Some(422));
        let body = String::from_utf8_lossy(error.body().expect("a body")).into_owned();
        assert!(body.contains("DREAMING"), "{body}");
        let dance = AutomationAction::Unknown(json!({"type": "dance"}));
        let trigger = EventTrigger::new(EventTriggerPosture::Reactive)
            .threshold(1)
            .within(0.0);
        let error =
            refused!(live.create_automation(&AutomationCreate::new("dance", trigger, [dance])));
        let body = String::from_utf8_lossy(error.body().expect("a body")).into_owned();
        assert!(body.contains(r#""input":"dance""#), "{body}");
        let error = refused!(live.read_flows_with(&ReadFlows::new().sort("SIDEWAYS")));
        assert!(error.detail().is_some_and(|detail| detail.contains("sort")));
    }
}
