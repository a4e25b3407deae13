//! Flows: names of every kind, tags, labels, filters, pages.

use prefect_client::models::DeploymentFlowRunCreate;
use prefect_client::models::{
    DeploymentCreate, FlowCreate, FlowFilter, FlowFilterId, FlowFilterName, FlowFilterTags,
    FlowSort, FlowUpdate, LabelValue, Operator, StateCreate, StateDetails, StateType,
};
use prefect_client::requests::{BulkDeleteFlows, CountFlows, PaginateFlows, ReadFlows};
use uuid::Uuid;

use crate::helpers::{NOBODY, in_hours, map};

scenarios! {
    fn a_flow_is_made_read_changed_and_deleted(live) {
        let labels = map([
            ("text", LabelValue::from("größe".to_owned())),
            ("count", LabelValue::from(3)),
            ("share", LabelValue::from(0.5)),
            ("ready", LabelValue::from(true)),
        ]);
        let create = FlowCreate::new(live.name("流れ"))
            .tags(["a", "b c"])
            .labels(labels.clone());
        let flow = call!(live.create_flow(&create));
        assert_eq!(flow.name, live.name("流れ"));
        assert_eq!(flow.tags, ["a", "b c"]);
        let kept = flow.labels.clone().expect("labels");
        for (name, value) in &labels {
            assert_eq!(kept.get(name), Some(value), "label {name}");
        }
        assert!(flow.created.is_some());

        assert_eq!(call!(live.read_flow(flow.id)), flow);
        assert_eq!(
            call!(live.create_flow(&create)).id,
            flow.id,
            "the same name is the same flow"
        );

        let () = call!(live.update_flow(flow.id, &FlowUpdate::new().tags(["c"])));
        assert_eq!(call!(live.read_flow(flow.id)).tags, ["c"]);
        let () = call!(live.update_flow(flow.id, &FlowUpdate::new()));
        assert_eq!(
            call!(live.read_flow(flow.id)).tags,
            ["c"],
            "what is absent stays"
        );

        let () = call!(live.delete_flow(flow.id));
        assert!(refused!(live.read_flow(flow.id)).is_not_found());
    }

    fn a_name_in_a_path_is_one_segment(live) {
        for what in [
            "plain",
            "with space",
            "a+b ?c=d #e",
            "ünïcode 流れ 🚀",
            "\"quoted\" 'x' ~!*()",
            "a\\b",
            "semi;colon=x",
            ".hidden",
        ] {
            let name = live.name(what);
            let flow = call!(live.create_flow(&FlowCreate::new(name.as_str())));
            assert_eq!(flow.name, name);
            assert_eq!(call!(live.read_flow_by_name(&name)).id, flow.id, "{name}");
        }
    }

    fn a_slash_in_a_name_reaches_no_other_route(live) {
        // No flow has a slash in its name, but any text can be asked for.
        let name = live.name("a/b");
        assert!(
            refused!(live.create_flow(&FlowCreate::new(name.as_str())))
                .detail()
                .is_some()
        );
        // The server decodes the path before it looks for the route, and the route has one segment.
        let error = refused!(live.read_flow_by_name(&name));
        assert!(error.is_unserved() && !error.is_not_found());
        assert_eq!(error.detail().as_deref(), Some("Not Found"));
        // Such a name would be read as a step up; it is refused before anything is sent.
        assert!(refused!(live.read_flow_by_name("..")).is_request());
    }

    fn flows_are_filtered_sorted_and_counted(live) {
        let tag = live.name("tag");
        let mut ids = Vec::new();
        for what in ["filter-a", "filter-b", "filter-c"] {
            let create = FlowCreate::new(live.name(what)).tags([tag.as_str(), what]);
            ids.push(call!(live.create_flow(&create)).id);
        }
        let tagged = FlowFilter::new().tags(FlowFilterTags::new().all([tag.as_str()]));
        let flows = call!(
            live.read_flows_with(
                &ReadFlows::new()
                    .flows(tagged.clone())
                    .sort(FlowSort::NameDesc)
            )
        );
        assert_eq!(
            names(&flows, &live.name("")),
            ["filter-c", "filter-b", "filter-a"]
        );
        let flows = call!(
            live.read_flows_with(
                &ReadFlows::new()
                    .flows(tagged.clone())
                    .sort(FlowSort::NameAsc)
                    .limit(1)
                    .offset(1)
            )
        );
        assert_eq!(names(&flows, &live.name("")), ["filter-b"]);
        assert_eq!(
            call!(live.count_flows_with(&CountFlows::new().flows(tagged.clone()))),
            3
        );

        let either = FlowFilter::new()
            .operator(Operator::Or)
            .id(FlowFilterId::new().any([ids[0]]))
            .name(FlowFilterName::new().any([live.name("filter-c")]));
        assert_eq!(call!(live.count_flows_with(&CountFlows::new().flows(either))), 2);
        let but = tagged.clone().id(FlowFilterId::new().not_any([ids[0]]));
        assert_eq!(call!(live.count_flows_with(&CountFlows::new().flows(but))), 2);
        assert!(call!(live.count_flows()) >= 3);

        let page = call!(
            live.paginate_flows_with(
                &PaginateFlows::new()
                    .flows(tagged)
                    .sort(FlowSort::NameAsc)
                    .limit(2)
                    .page(2)
            )
        );
        assert_eq!(
            (page.count, page.pages, page.page, page.limit),
            (3, 2, 2, 2)
        );
        assert_eq!(names(&page.results, &live.name("")), ["filter-c"]);
    }

    fn flows_are_deleted_in_bulk(live) {
        let mut ids = Vec::new();
        for what in ["bulk-a", "bulk-b"] {
            ids.push(call!(live.create_flow(&FlowCreate::new(live.name(what)))).id);
        }
        let filter = FlowFilter::new().id(FlowFilterId::new().any(ids.clone()));
        let answer = call!(live.bulk_delete_flows_with(&BulkDeleteFlows::new().flows(filter.clone())));
        let mut deleted = answer.deleted;
        deleted.sort_unstable();
        ids.sort_unstable();
        assert_eq!(deleted, ids);
        let again = call!(live.bulk_delete_flows_with(&BulkDeleteFlows::new().flows(filter)));
        assert_eq!(again.deleted, Vec::<Uuid>::new());
    }

    fn the_pages_ask_for_deployments_and_next_runs(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("next"))));
        let idle = call!(live.create_flow(&FlowCreate::new(live.name("idle"))));
        let deployment = call!(live.create_deployment(&DeploymentCreate::new("one", flow.id)));
        let later = in_hours(3);
        let scheduled = StateCreate::new(StateType::Scheduled)
            .state_details(StateDetails::new().scheduled_time(later));
        let run = call!(live.create_flow_run_from_deployment(
            deployment.id,
            &DeploymentFlowRunCreate::new().state(scheduled)
        ));

        let counts = call!(live.count_deployments_by_flow(&[flow.id, idle.id]));
        assert_eq!(counts.get(&flow.id.to_string()), Some(&1));
        assert_eq!(counts.get(&idle.id.to_string()), Some(&0));

        let next = call!(live.next_runs_by_flow(&[flow.id, idle.id, NOBODY]));
        let found = next[&flow.id.to_string()].as_ref().expect("a next run");
        assert_eq!((found.id, found.flow_id), (run.id, flow.id));
        assert_eq!(found.state_type, StateType::Scheduled);
        assert_eq!(found.next_scheduled_start_time, later);
        assert_eq!(next[&idle.id.to_string()], None);
    }
}

/// The names without what makes them unique.
fn names<'f>(flows: &'f [prefect_client::models::Flow], unique: &str) -> Vec<&'f str> {
    flows
        .iter()
        .map(|flow| flow.name.trim_end_matches(unique))
        .collect()
}
