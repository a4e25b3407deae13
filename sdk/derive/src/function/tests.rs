//! What is refused, and what it says to do instead.

use quote::quote;

use super::{Kind, Tokens, expand};

/// What is wrong with an item, all of it.
fn refusals(kind: Kind, settings: Tokens, item: Tokens) -> String {
    let whole = expand(kind, settings, item).to_string();
    let said: Vec<&str> = whole.split("compile_error !").skip(1).collect();
    said.join("\n")
}

fn of_flow(item: Tokens) -> String {
    refusals(Kind::Flow, quote!(), item)
}

fn of_task(item: Tokens) -> String {
    refusals(Kind::Task, quote!(), item)
}

#[test]
fn what_is_right_is_not_refused() {
    let item = quote!(
        fn f(run: &FlowRun, a: u8) -> Result<(), E> {
            Ok(())
        }
    );
    assert_eq!(of_flow(item), "");
    let item = quote!(
        async fn f(_: &prefect_sdk::tasks::AsyncTaskRun) -> anyhow::Result<()> {
            Ok(())
        }
    );
    assert_eq!(of_task(item), "");
    // An alias of the run's type is the compiler's business.
    let item = quote!(
        fn f(_: &Run) -> Result<(), E> {
            Ok(())
        }
    );
    assert_eq!(of_task(item), "");
}

#[test]
fn the_run_is_the_first_argument_and_of_the_right_kind() {
    let cases = [
        (
            quote!(
                fn f() -> Result<(), E> {}
            ),
            "`run: &FlowRun`",
        ),
        (
            quote!(
                fn f(name: String) -> Result<(), E> {}
            ),
            "`run: &FlowRun`",
        ),
        (
            quote!(
                fn f(name: &str) -> Result<(), E> {}
            ),
            "`run: &FlowRun`",
        ),
        (
            quote!(
                async fn f() -> Result<(), E> {}
            ),
            "`run: &AsyncFlowRun`",
        ),
        (
            quote!(
                fn f(run: FlowRun) -> Result<(), E> {}
            ),
            "write `&FlowRun`",
        ),
        (
            quote!(
                fn f(run: &mut FlowRun) -> Result<(), E> {}
            ),
            "write `&FlowRun`",
        ),
        (
            quote!(
                fn f(run: &AsyncFlowRun) -> Result<(), E> {}
            ),
            "`async fn` for an async flow",
        ),
        (
            quote!(
                async fn f(run: &FlowRun) -> Result<(), E> {}
            ),
            "a plain `fn` for a blocking flow",
        ),
        (
            quote!(
                fn f(run: &TaskRun) -> Result<(), E> {}
            ),
            "the run of a `#[task]`",
        ),
        (
            quote!(
                fn f(&self) -> Result<(), E> {}
            ),
            "no method",
        ),
        (
            quote!(
                fn f(run: &FlowRun, other: &FlowRun) -> Result<(), E> {}
            ),
            "the only one",
        ),
    ];
    for (item, expected) in cases {
        let said = of_flow(item.clone());
        assert!(said.contains(expected), "{item}: {said}");
    }
    let said = of_task(quote!(
        async fn f(run: &FlowRun) -> Result<(), E> {}
    ));
    assert!(said.contains("a task's is `&AsyncTaskRun`"), "{said}");
}

#[test]
fn parameters_are_owned_and_have_names() {
    let cases = [
        (quote!(a: &str), "write `String`"),
        (quote!(a: Option<&str>), "write `String`"),
        (quote!(a: &[u8]), "write `Vec<…>`"),
        (quote!(a: &Order), "write `Order`"),
        (quote!(a: (u8, &Path)), "write `PathBuf`"),
        (quote!(a: impl Display), "name that type"),
        (quote!((a, b): (u8, u8)), "by their names"),
        (quote!(_: u8), "by their names"),
        (quote!(#[cfg(test)] a: u8), "on the function"),
        (quote!(#[default = 3] a: u8), "`#[default(…)]`"),
    ];
    for (parameter, expected) in cases {
        let said = of_flow(quote!(fn f(run: &FlowRun, #parameter) -> Result<(), E> {}));
        assert!(said.contains(expected), "{parameter}: {said}");
    }
    let said = of_task(quote!(
        fn f(run: &TaskRun, #[default(3)] a: u8) -> Result<(), E> {}
    ));
    assert!(said.contains("none has a default"), "{said}");
}

#[test]
fn it_is_a_plain_function_that_gives_a_result() {
    let cases = [
        (
            quote!(
                fn f<T>(run: &FlowRun, a: T) -> Result<(), E> {}
            ),
            "no generics",
        ),
        (
            quote!(
                unsafe fn f(run: &FlowRun) -> Result<(), E> {}
            ),
            "a plain `fn`",
        ),
        (
            quote!(
                const fn f(run: &FlowRun) -> Result<(), E> {}
            ),
            "a plain `fn`",
        ),
        (
            quote!(
                extern "C" fn f(run: &FlowRun) -> Result<(), E> {}
            ),
            "a plain `fn`",
        ),
        (
            quote!(
                fn f(run: &FlowRun) {}
            ),
            "gives a `Result`",
        ),
        (
            quote!(
                fn f(run: &FlowRun) -> u64 {}
            ),
            "gives a `Result`",
        ),
        (
            quote!(
                struct Flow;
            ),
            "are functions",
        ),
        (
            quote!(
                fn f(run: &FlowRun) -> Result<(), E>;
            ),
            "has a body",
        ),
    ];
    for (item, expected) in cases {
        let said = of_flow(item.clone());
        assert!(said.contains(expected), "{item}: {said}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let item = quote!(
        fn f<T>(a: &str, b: &str, _: u8) -> u64 {}
    );
    let said = refusals(Kind::Flow, quote!(colour = 3), item);
    for expected in [
        "no generics",
        "`run: &FlowRun`",
        "write `String`",
        "by their names",
        "known here",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn names_of_runs_are_filled_in_with_what_travels() {
    for (name, parameter) in [
        (
            "{kind}-{n:03}-{{day}}",
            quote!(#[serde(rename = "kind")] type_: u8),
        ),
        ("{shop}", quote!(#[serde(flatten)] order: Order)),
        ("{type}", quote!(r#type: u8)),
    ] {
        let item = quote!(
            fn f(run: &FlowRun, n: u8, #parameter) -> Result<(), E> {}
        );
        assert_eq!(
            refusals(Kind::Flow, quote!(flow_run_name = #name), item),
            ""
        );
    }
}

#[test]
fn settings_are_those_of_the_options() {
    let cases = [
        (Kind::Flow, quote!(colour = 3), "`flow_run_name`"),
        (Kind::Flow, quote!(tags = ["a"]), "RunFlowOptions::tags"),
        (Kind::Flow, quote!(retry_jitter_factor = 3), "known here"),
        (Kind::Flow, quote!(name = ""), "not empty"),
        (Kind::Flow, quote!(name = "a/b"), "Prefect refuses them"),
        (Kind::Flow, quote!(retries = 3, retries = 4), "given twice"),
        (
            Kind::Flow,
            quote!(timeout_seconds = 3),
            "it is `timeout` here",
        ),
        (
            Kind::Flow,
            quote!(flow_run_name = "{day}"),
            "no parameter `day`: the flow has none",
        ),
        (
            Kind::Task,
            quote!(task_run_name = "{day!r}"),
            "no parameter `day`: the task has none",
        ),
        (Kind::Flow, quote!(timeout = "3s"), "a number of seconds"),
        (Kind::Flow, quote!(timeout = 1e300), "more seconds"),
        (Kind::Flow, quote!(persist_result), "expected `=`"),
        (Kind::Task, quote!(flow_run_name = "a"), "`task_run_name`"),
        (
            Kind::Task,
            quote!(retry_delay_seconds = 3),
            "it is `retry_delay` here",
        ),
    ];
    for (kind, settings, expected) in cases {
        let item = match kind {
            Kind::Flow => quote!(
                fn f(run: &FlowRun) -> Result<(), E> {}
            ),
            Kind::Task => quote!(
                fn f(run: &TaskRun) -> Result<(), E> {}
            ),
        };
        let said = refusals(kind, settings.clone(), item);
        assert!(said.contains(expected), "{settings}: {said}");
    }
}
