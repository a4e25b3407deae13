//! Task runs: inputs of every kind, states, counts and history.

use prefect_client::models::{
    Constant, FlowCreate, FlowRunCreate, FlowRunResult, LabelValue, OrchestrationDetails,
    Parameter, SetStateStatus, StateType, TaskInput, TaskRunCreate, TaskRunFilter,
    TaskRunFilterFlowRunId, TaskRunFilterId, TaskRunFilterStartTime, TaskRunPolicy,
    TaskRunPolicyRetryDelay, TaskRunResult, TaskRunSort, TaskRunUpdate,
};
use prefect_client::requests::{
    CountTaskRuns, PaginateTaskRuns, ReadDashboardTaskRunCounts, ReadTaskRunCountsByState,
    ReadTaskRuns, TaskRunHistory,
};
use uuid::Uuid;

use crate::helpers::{NOBODY, flow_runs, in_hours, map, state};

scenarios! {
    fn a_task_run_is_made_read_changed_and_deleted(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("task"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id).name("eltern"))).id;
        let inputs = map([
            ("task", vec![TaskInput::from(TaskRunResult::new(NOBODY))]),
            ("flow", vec![TaskInput::from(FlowRunResult::new(run))]),
            ("parameter", vec![TaskInput::from(Parameter::new("größe"))]),
            (
                "constant",
                vec![
                    TaskInput::from(Constant::new("int")),
                    TaskInput::from(Parameter::new("b")),
                ],
            ),
            ("none", Vec::new()),
        ]);
        let id = Uuid::new_v4();
        let create = TaskRunCreate::new(live.name("key"), "0")
            .id(id)
            .name("aufgabe ✓")
            .flow_run_id(run)
            .task_inputs(inputs.clone())
            .tags(["t"])
            .labels(map([("a", LabelValue::from(true))]))
            .empirical_policy(TaskRunPolicy::new().retries(2).retry_delay(vec![1, 2]));
        let made = call!(live.create_task_run(&create));
        assert_eq!(
            (made.id, made.name.as_deref(), made.flow_run_id),
            (id, Some("aufgabe ✓"), Some(run))
        );
        assert_eq!(made.task_inputs, inputs);
        let policy = made.empirical_policy.as_ref().expect("a policy");
        assert_eq!(
            policy.retry_delay,
            Some(TaskRunPolicyRetryDelay::from(vec![1, 2]))
        );

        let read = call!(live.read_task_run(id));
        assert_eq!(
            (read.id, &read.task_inputs, &read.tags),
            (id, &inputs, &made.tags)
        );
        let shown = call!(live.read_task_run_with_flow_run_name(id));
        assert_eq!(
            (shown.id, shown.flow_run_name.as_deref()),
            (id, Some("eltern"))
        );
        assert_eq!(shown.task_inputs, inputs);

        let () = call!(live.update_task_run(id, &TaskRunUpdate::new().name("neu")));
        assert_eq!(call!(live.read_task_run(id)).name.as_deref(), Some("neu"));
        let () = call!(live.delete_task_run(id));
        assert!(refused!(live.read_task_run(id)).is_not_found());
    }

    fn states_of_a_task_run_are_set_and_read(live) {
        let create = TaskRunCreate::new(live.name("states"), "0");
        let task = call!(live.create_task_run(&create)).id;
        let mut last = None;
        for (type_, name) in [(StateType::Running, "Läuft"), (StateType::Failed, "Failed")] {
            let result = call!(live.set_task_run_state(
                task,
                &state(type_.clone(), name)));
            assert_eq!(result.status, SetStateStatus::Accept);
            assert!(matches!(
                result.details,
                OrchestrationDetails::StateAcceptDetails(_)
            ));
            let state = result.state.expect("a state");
            assert_eq!(state.type_, type_);
            last = Some(state.id);
        }
        let states = call!(live.read_task_run_states(task));
        let names: Vec<_> = states
            .iter()
            .filter_map(|state| state.name.as_deref())
            .collect();
        assert_eq!(names, ["Pending", "Läuft", "Failed"]);
        let read = call!(live.read_task_run_state(last.expect("a state")));
        assert_eq!(read.type_, StateType::Failed);
        assert_eq!(read.state_details.expect("details").task_run_id, Some(task));
    }

    fn task_runs_are_filtered_counted_and_paged(live) {
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            let create = TaskRunCreate::new(live.name("pages"), name)
                .name(name)
                .state(state(StateType::Pending, "Pending"));
            ids.push(call!(live.create_task_run(&create)).id);
        }
        let all = TaskRunFilter::new().id(TaskRunFilterId::new().any(ids.clone()));
        let read = call!(
            live.read_task_runs_with(
                &ReadTaskRuns::new()
                    .task_runs(all.clone())
                    .sort(TaskRunSort::NameDesc)
                    .limit(2)
            )
        );
        assert_eq!(
            read.iter().map(|run| run.id).collect::<Vec<_>>(),
            [ids[2], ids[1]]
        );
        let alone = all
            .clone()
            .flow_run_id(TaskRunFilterFlowRunId::new().is_null(true));
        assert_eq!(
            call!(live.count_task_runs_with(&CountTaskRuns::new().task_runs(alone))),
            3
        );
        let page = call!(
            live.paginate_task_runs_with(
                &PaginateTaskRuns::new()
                    .task_runs(all.clone())
                    .sort(TaskRunSort::NameAsc)
                    .limit(2)
                    .page(2)
            )
        );
        assert_eq!((page.count, page.pages, page.page), (3, 2, 2));
        assert_eq!(
            (page.results[0].id, page.results[0].name.as_deref()),
            (ids[2], Some("c"))
        );
        let counts = call!(
            live.read_task_run_counts_by_state_with(&ReadTaskRunCountsByState::new().task_runs(all))
        );
        assert_eq!((counts.pending, counts.completed), (3, 0));
    }

    fn history_of_task_runs_is_counted(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("task-history"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id;
        let create = TaskRunCreate::new("key", "0").flow_run_id(run);
        let task = call!(live.create_task_run(&create)).id;
        for (type_, name) in [
            (StateType::Running, "Running"),
            (StateType::Completed, "Fertig"),
        ] {
            let _ =
                call!(live.set_task_run_state(task, &state(type_, name)));
        }
        let only = TaskRunFilter::new().id(TaskRunFilterId::new().any([task]));
        let history = call!(live.task_run_history_with(
            in_hours(-1),
            in_hours(1),
            3600.0,
            &TaskRunHistory::new().task_runs(only.clone())
        ));
        assert!(history.len() >= 2);
        let states: Vec<_> = history
            .iter()
            .flat_map(|interval| &interval.states)
            .collect();
        assert_eq!(states.len(), 1);
        assert_eq!(
            (states[0].state_name.as_str(), states[0].count_runs),
            ("Fertig", 1)
        );

        let recent = only.start_time(TaskRunFilterStartTime::new().after(in_hours(-1)));
        let request = ReadDashboardTaskRunCounts::new().flow_runs(flow_runs([run]));
        let counts = call!(live.read_dashboard_task_run_counts_with(&recent, &request));
        assert_eq!(counts.len(), 20);
        assert_eq!(
            counts.iter().map(|count| count["completed"]).sum::<i64>(),
            1
        );
        let error = refused!(live.read_dashboard_task_run_counts_with(&TaskRunFilter::new(), &request));
        assert_eq!(
            error.detail().as_deref(),
            Some("task_runs.start_time.after_ is required")
        );
    }
}
