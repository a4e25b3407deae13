//! Work pools, their queues and workers.

use prefect_client::ErrorExt as _;
use prefect_client::Patch;
use prefect_client::models::{
    DeploymentCreate, DeploymentFlowRunCreate, FlowCreate, StateType, WorkPoolCreate,
    WorkPoolFilter, WorkPoolFilterName, WorkPoolFilterType, WorkPoolStatus,
    WorkPoolStorageConfiguration, WorkPoolUpdate, WorkQueueCreate, WorkQueueFilter,
    WorkQueueFilterName, WorkQueueUpdate, WorkerFilter, WorkerFilterStatus, WorkerStatus,
};
use prefect_client::requests::{
    CountWorkPools, GetScheduledFlowRuns, ReadWorkPoolConcurrencyStatus, ReadWorkPools,
    ReadWorkQueuesInWorkPool, ReadWorkers, WorkerHeartbeat,
};
use serde_json::json;

use crate::helpers::{in_hours, object, state, status};

scenarios! {
    fn null_clears_and_absent_leaves(live) {
        let name = live.name("größe 池");
        let create = WorkPoolCreate::new(name.as_str())
            .type_("process")
            .description("bleibt")
            .concurrency_limit(3)
            .base_job_template(object(json!({
                "job_configuration": {"env": "{{ env }}"},
                "variables": {"properties": {"env": {"type": "object"}}},
            })))
            .storage_configuration(WorkPoolStorageConfiguration::new());
        let made = call!(live.create_work_pool(&create));
        assert_eq!(
            (made.name.as_str(), made.type_.as_str()),
            (name.as_str(), "process")
        );
        assert_eq!(
            (made.concurrency_limit, made.active_slots),
            (Some(3), Some(0))
        );

        let () = call!(
            live.update_work_pool(&name, &WorkPoolUpdate::new().concurrency_limit(Patch::Null))
        );
        let read = call!(live.read_work_pool(&name));
        assert_eq!(
            (read.concurrency_limit, read.description.as_deref()),
            (None, Some("bleibt"))
        );
        let () = call!(
            live.update_work_pool(
                &name,
                &WorkPoolUpdate::new()
                    .concurrency_limit(5)
                    .description(Patch::Null)
            )
        );
        let read = call!(live.read_work_pool(&name));
        assert_eq!((read.concurrency_limit, read.description), (Some(5), None));
        assert_eq!(read.base_job_template, made.base_job_template);

        let () = call!(live.update_work_pool(&name, &WorkPoolUpdate::new().is_paused(true)));
        let read = call!(live.read_work_pool(&name));
        assert_eq!(
            (read.is_paused, read.status),
            (true, Some(WorkPoolStatus::Paused))
        );
        let () = call!(live.delete_work_pool(&name));
        assert!(refused!(live.read_work_pool(&name)).is_not_found());
    }

    fn work_pools_are_filtered_and_counted(live) {
        let kind = live.name("type");
        for name in ["filter-a", "filter-b"] {
            let _ = call!(
                live.create_work_pool(&WorkPoolCreate::new(live.name(name)).type_(kind.as_str()))
            );
        }
        let typed = WorkPoolFilter::new().type_(WorkPoolFilterType::new().any([kind.as_str()]));
        assert_eq!(
            call!(live.read_work_pools_with(&ReadWorkPools::new().work_pools(typed.clone()).limit(10)))
                .len(),
            2
        );
        assert_eq!(
            call!(live.count_work_pools_with(&CountWorkPools::new().work_pools(typed.clone()))),
            2
        );
        let one = typed.name(WorkPoolFilterName::new().any([live.name("filter-b")]));
        let read = call!(live.read_work_pools_with(&ReadWorkPools::new().work_pools(one)));
        assert_eq!(
            read.into_iter().map(|pool| pool.name).collect::<Vec<_>>(),
            [live.name("filter-b")]
        );
    }

    fn queues_of_a_work_pool_are_made_read_changed_and_deleted(live) {
        let pool = call!(live.create_work_pool(&WorkPoolCreate::new(live.name("queues"))));
        let create = WorkQueueCreate::new("schnell & %")
            .description("eins")
            .concurrency_limit(1)
            .priority(2);

        let error = refused!(live.create_work_queue_in_work_pool(&pool.name, &create));
        assert_eq!(status(&error), Some(422));

        let create = WorkQueueCreate::new("schnell ü")
            .description("eins")
            .concurrency_limit(1)
            .priority(2);
        let made = call!(live.create_work_queue_in_work_pool(&pool.name, &create));
        assert_eq!(
            (made.work_pool_id, made.priority, made.active_slots),
            (Some(pool.id), 2, Some(0))
        );
        assert!(
            refused!(live.create_work_queue_in_work_pool(&pool.name, &create)).is_already_exists()
        );

        let update = WorkQueueUpdate::new()
            .concurrency_limit(Patch::Null)
            .priority(1);
        let () = call!(live.update_work_queue_in_work_pool(&pool.name, "schnell ü", &update));
        let read = call!(live.read_work_queue_in_work_pool(&pool.name, "schnell ü"));
        assert_eq!(
            (
                read.concurrency_limit,
                read.priority,
                read.description.as_deref()
            ),
            (None, 1, Some("eins"))
        );

        let filter =
            WorkQueueFilter::new().name(WorkQueueFilterName::new().startswith(["schnell"]));
        let request = ReadWorkQueuesInWorkPool::new().work_queues(filter).limit(5);
        let queues = call!(live.read_work_queues_in_work_pool_with(&pool.name, &request));
        assert_eq!(
            queues.iter().map(|queue| queue.id).collect::<Vec<_>>(),
            [made.id]
        );

        let () = call!(live.delete_work_queue_in_work_pool(&pool.name, "schnell ü"));
        assert!(
            refused!(live.read_work_queue_in_work_pool(&pool.name, "schnell ü")).is_not_found()
        );
    }

    fn workers_report_and_get_their_runs(live) {
        let pool = call!(
            live.create_work_pool(&WorkPoolCreate::new(live.name("workers")).type_("process"))
        );
        let request = WorkerHeartbeat::new().heartbeat_interval_seconds(30);
        let () = call!(live.worker_heartbeat_with(&pool.name, "arbeiter 1 % & ü", &request));
        let online =
            WorkerFilter::new().status(WorkerFilterStatus::new().any([WorkerStatus::Online]));
        let workers = call!(live.read_workers_with(&pool.name, &ReadWorkers::new().workers(online)));
        assert_eq!(workers.len(), 1);
        assert_eq!(
            (workers[0].name.as_str(), &workers[0].status),
            ("arbeiter 1 % & ü", &WorkerStatus::Online)
        );
        assert_eq!(
            (
                workers[0].work_pool_id,
                workers[0].heartbeat_interval_seconds
            ),
            (pool.id, Some(30))
        );

        let flow = call!(live.create_flow(&FlowCreate::new(live.name("workers"))));
        let create = DeploymentCreate::new("work", flow.id).work_pool_name(pool.name.as_str());
        let deployment = call!(live.create_deployment(&create));
        let run = call!(
            live.create_flow_run_from_deployment(deployment.id, &DeploymentFlowRunCreate::new())
        );
        let request = GetScheduledFlowRuns::new()
            .scheduled_before(in_hours(1))
            .work_queue_names(["default"]);
        let scheduled = call!(live.get_scheduled_flow_runs_with(&pool.name, &request));
        assert_eq!(scheduled.len(), 1);
        assert_eq!(
            (scheduled[0].work_pool_id, scheduled[0].flow_run.id),
            (pool.id, run.id)
        );
        assert_eq!(Some(scheduled[0].work_queue_id), pool.default_queue_id);

        let pending = state(StateType::Pending, "Pending");
        let _ = call!(live.set_flow_run_state(run.id, &pending));
        let request = ReadWorkPoolConcurrencyStatus::new()
            .limit(5)
            .page(1)
            .flow_run_limit(3);
        let status = call!(live.read_work_pool_concurrency_status_with(&pool.name, &request));
        assert_eq!((status.active_slots, status.count, status.page), (1, 1, 1));
        assert_eq!(status.queues[0].queue_name, "default");
        let holder = &status.queues[0].flow_runs[0];
        assert_eq!(
            (holder.id, holder.state_type.as_ref()),
            (run.id, Some(&StateType::Pending))
        );
        assert!(
            holder
                .time_in_current_state
                .is_some_and(|seconds| seconds >= 0.0)
        );

        let () = call!(live.delete_worker(&pool.name, "arbeiter 1 % & ü"));
        assert_eq!(
            call!(live.read_workers(&pool.name)),
            []
        );
    }
}
