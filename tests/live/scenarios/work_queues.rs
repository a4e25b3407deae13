//! Work queues outside of a named work pool.

use prefect_client::Patch;
use prefect_client::models::{
    DeploymentCreate, DeploymentFlowRunCreate, FlowCreate, QueueFilter, StateType, WorkQueueCreate,
    WorkQueueFilter, WorkQueueFilterId, WorkQueueUpdate,
};
use prefect_client::requests::{ReadWorkQueueConcurrencyStatus, ReadWorkQueueRuns, ReadWorkQueues};

use crate::helpers::{in_hours, now, state};

scenarios! {
    fn a_queue_is_made_read_changed_and_deleted(live) {
        let name = live.name("schlange ü");
        let create = WorkQueueCreate::new(name.as_str())
            .description("eins")
            .concurrency_limit(2);
        let made = call!(live.create_work_queue(&create));
        assert_eq!(
            (made.concurrency_limit, made.active_slots),
            (Some(2), Some(0))
        );
        assert_eq!(call!(live.read_work_queue(made.id)).name, name);
        assert_eq!(call!(live.read_work_queue_by_name(&name)).id, made.id);

        let polled = now();
        let update = WorkQueueUpdate::new()
            .concurrency_limit(Patch::Null)
            .last_polled(polled);
        let () = call!(live.update_work_queue(made.id, &update));
        let read = call!(live.read_work_queue(made.id));
        assert_eq!(
            (read.concurrency_limit, read.description.as_deref()),
            (None, Some("eins"))
        );
        assert_eq!(read.last_polled, Some(polled));
        let status = call!(live.read_work_queue_status(made.id));
        assert!(status.healthy);
        assert_eq!(
            (status.late_runs_count, status.last_polled),
            (0, Some(polled))
        );
        assert_eq!(status.health_check_policy.maximum_late_runs, Some(0));

        let () = call!(
            live.update_work_queue(made.id, &WorkQueueUpdate::new().last_polled(Patch::Null))
        );
        assert_eq!(call!(live.read_work_queue(made.id)).last_polled, None);

        let filter = WorkQueueFilter::new().id(WorkQueueFilterId::new().any([made.id]));
        let queues = call!(live.read_work_queues_with(&ReadWorkQueues::new().work_queues(filter)));
        assert_eq!(
            queues.iter().map(|queue| queue.id).collect::<Vec<_>>(),
            [made.id]
        );
        let () = call!(live.delete_work_queue(made.id));
        assert!(refused!(live.read_work_queue(made.id)).is_not_found());
    }

    fn a_description_that_is_null_is_another_than_none(live) {
        let absent = call!(live.create_work_queue(&WorkQueueCreate::new(live.name("absent"))));
        assert_eq!(absent.description.as_deref(), Some(""));
        let given =
            WorkQueueCreate::new(live.name("filter")).filter(QueueFilter::new().tags(["a"]));
        let made = call!(live.create_work_queue(&given));
        assert_eq!(made.filter, Some(QueueFilter::new().tags(["a"])));
    }

    fn a_queue_gives_its_runs(live) {
        let queue = call!(
            live.create_work_queue(&WorkQueueCreate::new(live.name("runs")).concurrency_limit(5))
        );
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("queued"))));
        let create = DeploymentCreate::new("queued", flow.id).work_queue_name(queue.name.as_str());
        let deployment = call!(live.create_deployment(&create));
        let run = call!(
            live.create_flow_run_from_deployment(deployment.id, &DeploymentFlowRunCreate::new())
        );
        for ui in [true, false] {
            let request = ReadWorkQueueRuns::new()
                .scheduled_before(in_hours(1))
                .limit(5)
                .x_prefect_ui(ui);
            let runs = call!(live.read_work_queue_runs_with(queue.id, &request));
            assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [run.id]);
        }

        let _ = call!(live.set_flow_run_state(
            run.id,
            &state(StateType::Pending, "Pending")));
        let request = ReadWorkQueueConcurrencyStatus::new().limit(5).page(1);
        let status = call!(live.read_work_queue_concurrency_status_with(queue.id, &request));
        assert_eq!(
            (status.active_slots, status.count, status.concurrency_limit),
            (1, 1, Some(5))
        );
        assert_eq!(status.flow_runs[0].id, run.id);
        assert_eq!(status.flow_runs[0].state_name.as_deref(), Some("Pending"));
    }
}
