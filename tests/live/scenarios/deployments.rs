//! Deployments: made, changed, paused, run and deleted.

use prefect_client::Patch;
use prefect_client::models::{
    ConcurrencyLimitStrategy, ConcurrencyOptions, DeploymentCreate, DeploymentFilter,
    DeploymentFilterId, DeploymentFilterPaused, DeploymentFilterTags, DeploymentFlowRunCreate,
    DeploymentSort, DeploymentUpdate, FlowCreate, LabelValue, QueueFilter, StateType, VersionInfo,
    WorkPoolCreate, WorkQueueCreate,
};
use prefect_client::requests::{
    BulkDeleteDeployments, CountDeployments, PaginateDeployments, ReadDeployments,
};
use serde_json::json;

use crate::helpers::{map, object, status};

scenarios! {
    fn a_deployment_is_made_and_read(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("deployed +"))));
        let pool = call!(live.create_work_pool(&WorkPoolCreate::new(live.name("deploy"))));
        let schema = object(json!({"type": "object", "properties": {"size": {"type": "integer"}}}));
        let create = DeploymentCreate::new("täglich + mehr", flow.id)
            .description("eins")
            .parameters(object(json!({"size": 1})))
            .parameter_openapi_schema(schema.clone())
            .enforce_parameter_schema(true)
            .pull_steps([object(
                json!({"prefect.deployments.steps.set_working_directory": {"directory": "/x"}}),
            )])
            .concurrency_limit(2)
            .concurrency_options(
                ConcurrencyOptions::new(ConcurrencyLimitStrategy::CancelNew)
                    .grace_period_seconds(90),
            )
            .labels(map([("a", LabelValue::from(0.5))]))
            .version_info(VersionInfo::new("own", "1"))
            .tags(["x"])
            .work_pool_name(pool.name.as_str());
        let made = call!(live.create_deployment(&create));
        assert_eq!(
            (made.flow_id, made.name.as_str()),
            (flow.id, "täglich + mehr")
        );
        assert_eq!(
            (
                made.work_pool_name.as_ref(),
                made.work_queue_name.as_deref()
            ),
            (Some(&pool.name), Some("default"))
        );
        let read = call!(live.read_deployment(made.id));
        assert_eq!(read.parameter_openapi_schema, Some(schema));
        assert_eq!(read.pull_steps.as_ref().map(Vec::len), Some(1));
        let options = read.concurrency_options.as_ref().expect("options");
        assert_eq!(
            options.collision_strategy,
            ConcurrencyLimitStrategy::CancelNew
        );
        assert_eq!(options.grace_period_seconds, Some(90));
        assert_eq!(
            read.global_concurrency_limit
                .as_ref()
                .map(|limit| limit.limit),
            Some(2)
        );
        assert_eq!(
            call!(live.read_deployment_by_name(&flow.name, &made.name)).id,
            made.id
        );

        let error = refused!(live.create_flow_run_from_deployment(
            made.id,
            &DeploymentFlowRunCreate::new().parameters(object(json!({"size": "large"})))
        ));
        assert_eq!(status(&error), Some(409));
        assert!(error.detail().expect("a detail").contains("large"));

        let () = call!(live.delete_deployment(made.id));
        assert!(refused!(live.read_deployment(made.id)).is_not_found());
    }

    fn an_update_clears_what_is_null_and_leaves_what_is_absent(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("update"))));
        let create = DeploymentCreate::new("update", flow.id)
            .description("bleibt")
            .entrypoint("a.py:b")
            .concurrency_limit(4);
        let id = call!(live.create_deployment(&create)).id;
        let update = DeploymentUpdate::new()
            .concurrency_limit(Patch::Null)
            .entrypoint("c.py:d")
            .tags(["neu"]);
        let () = call!(live.update_deployment(id, &update));
        let read = call!(live.read_deployment(id));
        assert_eq!(read.global_concurrency_limit, None);
        assert_eq!(
            (read.description.as_deref(), read.entrypoint.as_deref()),
            (Some("bleibt"), Some("c.py:d"))
        );
        assert_eq!(read.tags, ["neu"]);
        let () =
            call!(live.update_deployment(id, &DeploymentUpdate::new().description(Patch::Null)));
        assert_eq!(call!(live.read_deployment(id)).description, None);
    }

    fn a_deployment_is_paused_and_resumed(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("pause"))));
        let id = call!(live.create_deployment(&DeploymentCreate::new("pause", flow.id))).id;
        let _ = call!(live.pause_deployment(id));
        assert!(call!(live.read_deployment(id)).paused);
        let _ = call!(live.resume_deployment(id));
        assert!(!call!(live.read_deployment(id)).paused);
    }

    fn a_deployment_is_run(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("run"))));
        let create = DeploymentCreate::new("run", flow.id)
            .parameters(object(json!({"a": 1, "b": 2})))
            .tags(["d"]);
        let id = call!(live.create_deployment(&create)).id;
        let run = call!(
            live.create_flow_run_from_deployment(
                id,
                &DeploymentFlowRunCreate::new()
                    .parameters(object(json!({"b": 3})))
                    .tags(["r"])
            )
        );
        assert_eq!((run.deployment_id, run.flow_id), (Some(id), flow.id));
        assert_eq!(run.parameters, object(json!({"a": 1, "b": 3})));
        assert_eq!(run.state_type, Some(StateType::Scheduled));
        let mut tags = run.tags;
        tags.sort_unstable();
        assert_eq!(tags, ["d", "r"]);
    }

    fn deployments_are_filtered_counted_paged_and_deleted_in_bulk(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("many"))));
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            let create = DeploymentCreate::new(name, flow.id)
                .tags([live.name("many")])
                .paused(name == "a");
            ids.push(call!(live.create_deployment(&create)).id);
        }
        let all =
            DeploymentFilter::new().tags(DeploymentFilterTags::new().all([live.name("many")]));
        let read = call!(
            live.read_deployments_with(
                &ReadDeployments::new()
                    .deployments(all.clone())
                    .sort(DeploymentSort::NameDesc)
            )
        );
        assert_eq!(
            read.iter()
                .map(|deployment| deployment.name.as_str())
                .collect::<Vec<_>>(),
            ["c", "b", "a"]
        );
        let paused = all.clone().paused(DeploymentFilterPaused::new().eq(true));
        assert_eq!(
            call!(live.count_deployments_with(&CountDeployments::new().deployments(paused))),
            1
        );
        let page = call!(
            live.paginate_deployments_with(
                &PaginateDeployments::new()
                    .deployments(all)
                    .sort(DeploymentSort::NameAsc)
                    .limit(2)
                    .page(2)
            )
        );
        assert_eq!((page.count, page.pages, page.results[0].id), (3, 2, ids[2]));

        let two = DeploymentFilter::new().id(DeploymentFilterId::new().any([ids[0], ids[1]]));
        let deleted =
            call!(live.bulk_delete_deployments_with(&BulkDeleteDeployments::new().deployments(two)))
                .deleted;
        assert_eq!(deleted.len(), 2);
        assert!(deleted.contains(&ids[0]) && deleted.contains(&ids[1]));
    }

    #[expect(deprecated, reason = "it is an operation still")]
    fn the_queues_that_would_take_a_deployment_are_known(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("check"))));
        let tag = live.name("check");
        let deployment = call!(
            live.create_deployment(&DeploymentCreate::new("check", flow.id).tags([tag.as_str()]))
        );
        let filter = QueueFilter::new()
            .tags([tag.as_str()])
            .deployment_ids([deployment.id]);
        let queue =
            call!(live.create_work_queue(
                &WorkQueueCreate::new(live.name("check")).filter(filter.clone())
            ));
        let queues = call!(live.work_queue_check_for_deployment(deployment.id));
        let found = queues
            .iter()
            .find(|found| found.id == queue.id)
            .expect("the queue");
        assert_eq!(
            (&found.name, found.filter.as_ref()),
            (&queue.name, Some(&filter))
        );
    }
}
