//! Flow runs: made, changed, asked about; their inputs, labels, graph and history.

use chrono::TimeDelta;
use prefect_client::ErrorExt as _;
use prefect_client::Patch;
use prefect_client::models::{
    FlowCreate, FlowRunCreate, FlowRunPolicy, FlowRunSort, FlowRunUpdate, LabelValue, NodeKind,
    StateType, TaskRunCreate,
};
use prefect_client::requests::{
    AverageFlowRunLateness, CountFlowRuns, CreateFlowRunInput, FilterFlowRunInput, FlowRunHistory,
    PaginateFlowRuns, ReadFlowRunGraphV2, ReadFlowRunHistory, ReadFlowRuns,
};
use serde_json::json;

use crate::helpers::{NOBODY, flow_runs, in_hours, map, now, object, state};

scenarios! {
    fn a_flow_run_is_made_read_changed_and_deleted(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("runs"))));
        let parameters = object(json!({"größe": 1.5, "list": [null, true], "deep": {"a": "b"}}));
        let create = FlowRunCreate::new(flow.id)
            .name("läufer / 1")
            .parameters(parameters.clone())
            .tags(["one", "two"])
            .idempotency_key(live.name("key"))
            .empirical_policy(FlowRunPolicy::new().retries(3).retry_delay(5))
            .state(state(StateType::Scheduled, "Wartet"));
        let made = call!(live.create_flow_run(&create));
        assert_eq!(made.name.as_deref(), Some("läufer / 1"));
        assert_eq!((made.flow_id, &made.parameters), (flow.id, &parameters));
        assert_eq!(
            (made.state_type.as_ref(), made.state_name.as_deref()),
            (Some(&StateType::Scheduled), Some("Wartet"))
        );
        let policy = made.empirical_policy.as_ref().expect("a policy");
        assert_eq!((policy.retries, policy.retry_delay), (Some(3), Some(5)));
        assert_eq!(
            call!(live.create_flow_run(&create)).id,
            made.id,
            "the same key is the same run"
        );

        let update = FlowRunUpdate::new()
            .name("neu")
            .parameters(object(json!({"size": 2})));
        let () = call!(live.update_flow_run(made.id, &update));
        let read = call!(live.read_flow_run(made.id));
        assert_eq!(
            (read.name.as_deref(), &read.tags[..]),
            (Some("neu"), &["one".to_owned(), "two".to_owned()][..])
        );
        assert_eq!(read.parameters, object(json!({"size": 2})));
        let () = call!(live.update_flow_run(
            made.id,
            &FlowRunUpdate::new().flow_version(Patch::from("7"))
        ));
        let () =
            call!(live.update_flow_run(made.id, &FlowRunUpdate::new().flow_version(Patch::Null)));
        let read = call!(live.read_flow_run(made.id));
        assert_eq!(
            (read.flow_version, read.name.as_deref()),
            (None, Some("neu"))
        );

        let () = call!(live.delete_flow_run(made.id));
        assert!(refused!(live.read_flow_run(made.id)).is_not_found());
    }

    fn labels_are_added(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("labels"))));
        let run = call!(live.create_flow_run(
            &FlowRunCreate::new(flow.id).labels(map([("a", LabelValue::from(1))]))
        ));
        let () = call!(
            live.update_flow_run_labels(run.id, &object(json!({"b": "zwei", "c": true, "d": 0.5})))
        );
        let labels = call!(live.read_flow_run(run.id)).labels;
        assert_eq!(labels.get("a"), Some(&LabelValue::from(1)));
        assert_eq!(labels.get("b"), Some(&LabelValue::from("zwei".to_owned())));
        assert_eq!(labels.get("c"), Some(&LabelValue::from(true)));
        assert_eq!(labels.get("d"), Some(&LabelValue::from(0.5)));
    }

    fn flow_runs_are_filtered_counted_and_paged(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("pages"))));
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            ids.push(call!(live.create_flow_run(&FlowRunCreate::new(flow.id).name(name))).id);
        }
        let all = flow_runs([ids[0], ids[1], ids[2]]);
        let read = call!(
            live.read_flow_runs_with(
                &ReadFlowRuns::new()
                    .flow_runs(all.clone())
                    .sort(FlowRunSort::NameDesc)
                    .limit(2)
            )
        );
        assert_eq!(
            read.iter().map(|run| run.id).collect::<Vec<_>>(),
            [ids[2], ids[1]]
        );
        assert_eq!(
            call!(live.count_flow_runs_with(&CountFlowRuns::new().flow_runs(all.clone()))),
            3
        );
        let page = call!(
            live.paginate_flow_runs_with(
                &PaginateFlowRuns::new()
                    .flow_runs(all)
                    .sort(FlowRunSort::NameAsc)
                    .limit(2)
                    .page(2)
            )
        );
        assert_eq!((page.count, page.pages, page.page), (3, 2, 2));
        assert_eq!(page.results[0].id, ids[2]);
    }

    fn inputs_are_text_as_it_was_given(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("inputs"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id;
        let given = [
            ("in-plain", "text"),
            ("in-json", "{\"a\": \"größe\"}\n"),
            ("in-number", "12"),
        ];
        for (key, value) in given {
            let _ = call!(live.create_flow_run_input_with(
                run,
                key,
                value,
                &CreateFlowRunInput::new().sender("someone")
            ));
            assert_eq!(call!(live.read_flow_run_input(run, key)), value);
        }
        let error = refused!(live.create_flow_run_input(
            run,
            "in-plain",
            "again"));
        assert!(error.is_already_exists());

        let rest = call!(
            live.filter_flow_run_input_with(
                run,
                "in",
                &FilterFlowRunInput::new()
                    .limit(10)
                    .exclude_keys(["in-plain"])
            )
        );
        assert_eq!(rest.len(), 2);
        assert!(rest.iter().all(|input| input.flow_run_id == run && input.sender.as_deref() == Some("someone")));

        let () = call!(live.delete_flow_run_input(run, "in-json"));
        assert!(refused!(live.read_flow_run_input(run, "in-json")).is_not_found());
    }

    fn the_graph_shows_tasks_and_what_they_wait_for(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("graph"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id;
        let _ = call!(live.set_flow_run_state(
            run,
            &state(StateType::Running, "Running")));
        let mut tasks = Vec::new();
        for key in ["first", "second"] {
            let upstream: Vec<_> = tasks.iter().copied().map(task_input).collect();
            let create = TaskRunCreate::new(key, "0")
                .name(key)
                .flow_run_id(run)
                .state(state(StateType::Running, "Running"))
                .task_inputs(map([("x", upstream)]));
            tasks.push(call!(live.create_task_run(&create)).id);
        }

        let graph = call!(live.read_flow_run_graph_v1(run));
        assert_eq!(graph.len(), 2);
        let second = graph
            .iter()
            .find(|node| node.id == tasks[1])
            .expect("the second");
        assert_eq!(second.name, "second");
        assert_eq!(
            second
                .upstream_dependencies
                .iter()
                .map(|task| task.id)
                .collect::<Vec<_>>(),
            [tasks[0]]
        );

        let graph = call!(live.read_flow_run_graph_v2_with(run, &ReadFlowRunGraphV2::new()));
        assert_eq!(graph.root_node_ids, [tasks[0]]);
        let (id, node) = graph
            .nodes
            .iter()
            .find(|(id, _)| *id == tasks[1])
            .expect("the second");
        assert_eq!(
            (node.id, &node.kind, node.label.as_str()),
            (*id, &NodeKind::TaskRun, "second")
        );
        assert_eq!(
            node.parents.iter().map(|edge| edge.id).collect::<Vec<_>>(),
            [tasks[0]]
        );
        assert_eq!(
            graph
                .states
                .iter()
                .filter(|state| state.type_ == StateType::Running)
                .count(),
            1
        );

        let counts = call!(live.count_task_runs_by_flow_run(&[run, NOBODY]));
        assert_eq!(counts.get(&run.to_string()), Some(&2));
    }

    fn history_and_lateness_are_counted(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("history"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id;
        for (type_, name) in [
            (StateType::Pending, "Pending"),
            (StateType::Running, "Running"),
            (StateType::Completed, "Fertig"),
        ] {
            let _ =
                call!(live.set_flow_run_state(run, &state(type_, name)));
        }
        let request = FlowRunHistory::new().flow_runs(flow_runs([run]));
        let history = call!(live.flow_run_history_with(in_hours(-1), in_hours(1), 1800.0, &request));
        assert!(history.len() >= 4);
        assert_eq!(
            history[0].interval_end - history[0].interval_start,
            TimeDelta::minutes(30)
        );
        let states: Vec<_> = history
            .iter()
            .flat_map(|interval| &interval.states)
            .collect();
        assert_eq!(states.len(), 1);
        assert_eq!(
            (
                &states[0].state_type,
                states[0].state_name.as_str(),
                states[0].count_runs
            ),
            (&StateType::Completed, "Fertig", 1)
        );

        let read = call!(
            live.read_flow_run_history_with(&ReadFlowRunHistory::new().flow_runs(flow_runs([run])))
        );
        assert_eq!(read.len(), 1);
        assert_eq!(
            (read[0].id, &read[0].state_type),
            (run, &StateType::Completed)
        );
        assert!(read[0].duration >= 0.0 && read[0].timestamp <= now() + TimeDelta::minutes(1));

        let late = AverageFlowRunLateness::new().flow_runs(flow_runs([run]));
        assert!(call!(live.average_flow_run_lateness_with(&late)).is_some());
        let nobody = AverageFlowRunLateness::new().flow_runs(flow_runs([NOBODY]));
        assert_eq!(call!(live.average_flow_run_lateness_with(&nobody)), None);
    }
}

fn task_input(id: uuid::Uuid) -> prefect_client::models::TaskInput {
    prefect_client::models::TaskRunResult::new(id).into()
}
