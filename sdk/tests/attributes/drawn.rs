//! Flows that are drawn: their functions are called, and nothing else is.

use diptych_macros::dual;
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowRun, RunFailed};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, CallTaskOptions, Task, TaskRun};
use prefect_sdk::{flow, task};

use crate::faces;

#[task]
fn load(_: &TaskRun, day: String) -> Result<Vec<u32>, String> {
    panic!("{day} is not loaded")
}

#[task(viz_return_value = vec![1, 2, 3])]
fn pages(_: &TaskRun, source: String) -> Result<Vec<u32>, String> {
    panic!("{source} is not read")
}

#[task]
fn page(_: &TaskRun, number: u32, source: Vec<u32>) -> Result<String, String> {
    panic!("{number} of {source:?} is not read")
}

#[task]
fn tell(_: &TaskRun, texts: Vec<String>) -> Result<(), String> {
    panic!("{texts:?} are not told")
}

/// What it gives comes of what its tasks give.
#[flow(name = "how many")]
fn how_many(run: &FlowRun) -> Result<usize, RunFailed<String>> {
    Ok(pages::call(run, "all".to_owned())?.len())
}

#[flow]
fn report(run: &FlowRun, day: String) -> Result<usize, RunFailed<String>> {
    let source = load::submit(run, day);
    let numbers = pages::call(run, "one".to_owned())?;
    let texts = page::map(run, numbers, source.unmapped())?;
    let told = tell::submit(run, &texts);
    let after = CallTaskOptions::new().wait_for([&told]);
    let parameters = tell::parameters(Vec::new());
    tell::task().call_with(run, parameters, &after)?;
    assert_eq!(
        load::return_state(run, "later".to_owned()).name.as_deref(),
        Some("Completed")
    );
    how_many::call(run).map_err(|failed| RunFailed::Panicked(failed.to_string()))
}

#[test]
fn a_flow_is_drawn_with_what_depends_on_what_and_no_task_is_run() {
    let graph = report::visualize("monday".to_owned()).unwrap();
    let nodes: Vec<&str> = graph.nodes().collect();
    let called = [
        "load-0",
        "pages-0",
        "page-0",
        "page-1",
        "page-2",
        "tell-0",
        "tell-1",
        "load-1",
        "how many-0",
    ];
    assert_eq!(nodes, called);
    let edges: Vec<_> = graph.edges().collect();
    let expected = [
        ("load-0", "page-0"),
        ("load-0", "page-1"),
        ("load-0", "page-2"),
        ("page-0", "tell-0"),
        ("page-1", "tell-0"),
        ("page-2", "tell-0"),
        ("tell-0", "tell-1"),
    ];
    assert_eq!(edges, expected);
}

#[flow]
fn hasty(run: &FlowRun, #[default] is_careful: bool) -> Result<usize, RunFailed<String>> {
    // Nobody asks what this gives.
    page::submit(run, 1, vec![2]).wait();
    let loaded = load::submit(run, "monday".to_owned());
    if is_careful {
        loaded.result().map(|loaded| loaded.len())
    } else {
        Ok(loaded.result().unwrap().len())
    }
}

#[test]
fn a_value_that_nothing_stands_in_for_is_an_error_that_names_the_task() {
    for is_careful in [true, false] {
        let error = hasty::visualize(is_careful).unwrap_err();
        assert!(error.is_invalid());
        let text = error.to_string();
        assert!(
            text.contains("what the task `load` gives") && text.contains("`viz_return_value`"),
            "{text}"
        );
    }
}

#[flow]
fn greedy(run: &FlowRun, way: String) -> Result<(), prefect_sdk::Error> {
    match &*way {
        "ask" => run.client().read_variables().map(drop).map_err(Into::into),
        "panic" => panic!("it is what it does"),
        _ => prefect_sdk::artifacts::create_markdown_artifact(run.client(), "# Hello").map(drop),
    }
}

#[test]
fn what_the_function_fails_with_is_told_and_nothing_is_sent() {
    let refused = |way: &str| greedy::visualize(way.to_owned()).unwrap_err().to_string();
    for way in ["ask", "tell"] {
        let text = refused(way);
        assert!(
            text.contains("a flow that is drawn sends nothing"),
            "{text}"
        );
    }
    assert!(refused("panic").contains("it is what it does"));
}

#[dual(faces)]
fn adoubled() -> AsyncFlow<u32, u32, String> {
    let double = AsyncTask::new("double", |_: AsyncTaskRun, n: u32| async move {
        Ok::<_, String>(2 * n)
    });
    let double = double.viz_return_value(2);
    let inner = AsyncFlow::new("inner", move |run: AsyncFlowRun, n: u32| {
        let double = double.clone();
        async move {
            let doubled = double.submit(&run, n);
            let first = double
                .call(&run, &doubled)
                .await
                .map_err(|failed| failed.to_string())?;
            let all = double
                .map(&run, [&doubled, &doubled])
                .map_err(|error| error.to_string())?;
            Ok::<_, String>(first + u32::try_from(all.len()).unwrap_or_default())
        }
    });
    AsyncFlow::new("outer", move |run: AsyncFlowRun, n: u32| {
        let inner = inner.clone();
        async move {
            let drawn = inner
                .visualize(&n)
                .await
                .map_err(|error| error.to_string())?;
            assert_eq!(drawn.edges().count(), 3);
            let given = inner
                .call(&run, &n)
                .await
                .map_err(|failed| failed.to_string())?;
            assert_eq!(given, 4);
            inner
                .call(&run, &given)
                .await
                .map_err(|failed| failed.to_string())
        }
    })
}

#[test]
fn both_faces_draw_the_same() {
    let drawn = doubled().visualize(&1).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let adrawn = runtime
        .unwrap()
        .block_on(async { adoubled().visualize(&1).await });
    assert_eq!(drawn, adrawn.unwrap());
    assert_eq!(
        drawn.to_mermaid(),
        "flowchart TD\n    n0[\"inner-0\"]\n    n1[\"inner-1\"]\n"
    );
}
