//! Automations: triggers within triggers, and actions of many kinds.

use prefect_client::models::{
    ActionSource, AutomationAction, AutomationCreate, AutomationFilter, AutomationFilterName,
    AutomationFilterTags, AutomationPartialUpdate, AutomationSort, AutomationTrigger,
    AutomationUpdate, CancelFlowRun, ChangeFlowRunState, CompoundTrigger,
    CompoundTriggerQuantifier, CompoundTriggerRequire, DoNothing, EventTrigger,
    EventTriggerPosture, PauseAutomation, ResourceSpecificationValue, RunDeployment,
    SequenceTrigger, StateType,
};
use prefect_client::requests::{CountAutomations, ReadAutomations};
use serde_json::json;

use crate::helpers::{NOBODY, map, object};

scenarios! {
    fn a_trigger_within_triggers_comes_back(live) {
        let first = event_trigger("prefect.flow-run.Failed").after(["prefect.flow-run.Running"]);
        let inner = SequenceTrigger::new([event_trigger("a"), event_trigger("b")], 60.0);
        let trigger = CompoundTrigger::new(
            [
                AutomationTrigger::from(first),
                AutomationTrigger::from(inner),
            ],
            90.5,
            CompoundTriggerQuantifier::All,
        );
        let actions = [
            AutomationAction::from(CancelFlowRun::new()),
            AutomationAction::from(ChangeFlowRunState::new(StateType::Failed).message("größe")),
            AutomationAction::from(PauseAutomation::new().source(ActionSource::Inferred)),
            AutomationAction::from(
                RunDeployment::new()
                    .deployment_id(NOBODY)
                    .source(ActionSource::Selected)
                    .parameters(object(json!({"a": [1]}))),
            ),
        ];
        let create = AutomationCreate::new(live.name("verbund"), trigger, actions)
            .description("eins")
            .actions_on_resolve([DoNothing::new()])
            .tags(["t"]);
        let made = call!(live.create_automation(&create));
        assert_eq!(
            (made.description.as_str(), made.enabled, &made.tags[..]),
            ("eins", true, &["t".to_owned()][..])
        );

        let AutomationTrigger::CompoundTrigger(trigger) = &made.trigger else {
            panic!("{:?}", made.trigger)
        };
        assert_eq!(
            trigger.require,
            CompoundTriggerRequire::from(CompoundTriggerQuantifier::All)
        );
        assert_eq!(trigger.within, Some(90.5));
        let [
            AutomationTrigger::EventTrigger(first),
            AutomationTrigger::SequenceTrigger(inner),
        ] = &trigger.triggers[..]
        else {
            panic!("{:?}", trigger.triggers)
        };
        assert_eq!(first.posture, EventTriggerPosture::Reactive);
        assert_eq!(
            first.after.as_deref(),
            Some(&["prefect.flow-run.Running".to_owned()][..])
        );
        let label = first
            .match_
            .as_ref()
            .and_then(|labels| labels.get("prefect.resource.id"));
        assert_eq!(
            label,
            Some(&ResourceSpecificationValue::from(
                "prefect.flow-run.*".to_owned()
            ))
        );
        assert_eq!(inner.triggers.len(), 2);

        let [
            AutomationAction::CancelFlowRun(_),
            AutomationAction::ChangeFlowRunState(change),
            AutomationAction::PauseAutomation(pause),
            AutomationAction::RunDeployment(run),
        ] = &made.actions[..]
        else {
            panic!("{:?}", made.actions)
        };
        assert_eq!(
            (&change.state, change.message.as_deref()),
            (&StateType::Failed, Some("größe"))
        );
        assert_eq!(pause.source, Some(ActionSource::Inferred));
        assert_eq!(
            (run.deployment_id, run.parameters.as_ref()),
            (Some(NOBODY), Some(&object(json!({"a": [1]}))))
        );
        assert!(matches!(
            &made.actions_on_resolve[..],
            [AutomationAction::DoNothing(_)]
        ));
        assert_eq!(call!(live.read_automation(made.id)), made);
    }

    fn an_automation_is_changed_and_deleted(live) {
        let create =
            AutomationCreate::new(live.name("change"), event_trigger("a"), [DoNothing::new()]);
        let id = call!(live.create_automation(&create)).id;
        let () = call!(live.patch_automation(id, &AutomationPartialUpdate::new().enabled(false)));
        let read = call!(live.read_automation(id));
        assert_eq!((read.enabled, read.name), (false, live.name("change")));

        let trigger = CompoundTrigger::new([event_trigger("a"), event_trigger("b")], None, 1);
        let update = AutomationUpdate::new(live.name("changed"), trigger, [CancelFlowRun::new()])
            .enabled(true);
        let () = call!(live.update_automation(id, &update));
        let read = call!(live.read_automation(id));
        assert_eq!((read.enabled, read.name), (true, live.name("changed")));
        let AutomationTrigger::CompoundTrigger(trigger) = &read.trigger else {
            panic!("{:?}", read.trigger)
        };
        assert_eq!(
            (&trigger.require, trigger.within),
            (&CompoundTriggerRequire::from(1), None)
        );

        let () = call!(live.delete_automation(id));
        assert!(refused!(live.read_automation(id)).is_not_found());
    }

    fn automations_are_filtered_counted_and_found_by_resource(live) {
        let owner = live.name("prefect.deployment.100% & <mehr>? ü#");
        let tag = live.name("tag");
        for name in ["find-a", "find-b"] {
            let create =
                AutomationCreate::new(live.name(name), event_trigger("a"), [DoNothing::new()])
                    .tags([tag.as_str()])
                    .owner_resource(owner.as_str());
            let _ = call!(live.create_automation(&create));
        }
        let tagged = AutomationFilter::new().tags(AutomationFilterTags::new().all([tag.as_str()]));
        let read = call!(
            live.read_automations_with(
                &ReadAutomations::new()
                    .automations(tagged.clone())
                    .sort(AutomationSort::NameDesc)
            )
        );
        let names: Vec<_> = read.into_iter().map(|automation| automation.name).collect();
        assert_eq!(names, [live.name("find-b"), live.name("find-a")]);
        assert_eq!(
            call!(live.count_automations_with(&CountAutomations::new().automations(tagged.clone()))),
            2
        );
        let one =
            AutomationFilter::new().name(AutomationFilterName::new().any([live.name("find-a")]));
        assert_eq!(
            call!(live.count_automations_with(&CountAutomations::new().automations(one))),
            1
        );

        assert_eq!(
            call!(live.read_automations_related_to_resource(&owner)).len(),
            2
        );
        // A slash stays within its segment, for which the server then has no route.
        assert!(refused!(live.read_automations_related_to_resource("a/b")).is_unserved());
        let _ = call!(live.delete_automations_owned_by_resource(&owner));
        assert_eq!(
            call!(live.count_automations_with(&CountAutomations::new().automations(tagged))),
            0
        );
    }
}

fn event_trigger(event: &str) -> EventTrigger {
    let labels = map([(
        "prefect.resource.id",
        ResourceSpecificationValue::from("prefect.flow-run.*".to_owned()),
    )]);
    EventTrigger::new(EventTriggerPosture::Reactive)
        .match_(labels)
        .expect([event])
        .threshold(1)
        .within(10.0)
}
