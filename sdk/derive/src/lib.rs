//! The derives of `prefect_sdk::input::RunInput` and `prefect_sdk::blocks::Block`, and the attributes `prefect_sdk::flow` and
//! `prefect_sdk::task`; that crate re-exports them.

mod block;
mod block_attributes;
#[cfg(test)]
mod block_tests;
mod function;
mod run_input;
mod slug;

use function::Kind;
use proc_macro::TokenStream;
use syn::{DeriveInput, Error, parse_macro_input};

/// Implements `RunInput` for a struct with named fields. It needs `Serialize`, `Deserialize` and `JsonSchema` too.
///
/// Flow runs know an input by the name of its type, and Python's class must have the same. It is the struct's, unless
/// `#[run_input(name = "…")]` says another: ASCII letters and digits, since Prefect's keys hold nothing else.
#[proc_macro_derive(RunInput, attributes(run_input))]
pub fn run_input(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    run_input::implement(&item)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Implements `Block` for a struct with named fields. It needs `Serialize`, `Deserialize` and `JsonSchema` too.
///
/// `#[block(…)]` says what the server knows of the type:
///
/// | | |
/// |---|---|
/// | `name = "…"` | the name that people see; without it, the struct's |
/// | `slug = "…"` | what documents are found by; without it, made of the name as Python makes it |
/// | `description = …` | what it is for; without it, what the docs of the struct say before the first heading |
/// | `logo_url = …`, `documentation_url = …`, `code_example = …` | what the UI shows |
/// | `capabilities("read-path", …)` | what blocks of this type can do |
/// | `version = …` | the version of the schema; without it, `non-versioned`, as of Python's classes in no package |
/// | `predefined` | the server brings the type: its schema is used where it has one |
///
/// What the docs of the struct and of its fields say is part of the schema, and so of its checksum.
#[proc_macro_derive(Block, attributes(block))]
pub fn block(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    block::implement(&item)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Makes a flow of a function. A plain `fn` makes a blocking flow, an `async fn` an async one.
///
/// The function stays what it is. Beside it stands a type of the same name, whose functions run it: `greet::call(&client, …)`
/// runs the flow now, with the parameters of the function in their order; `greet::call_with` has what is optional about the run
/// as well; `greet::visualize(…)` draws what it calls; and `greet::flow()` is the flow itself, with `greet::parameters(…)` for what takes them as one value.
///
/// A blocking flow is called in async programs, and as a subflow of async flows, by `greet::acall(&client, …)`, `greet::acall_with`
/// and `greet::areturn_state`: its function runs on a thread of its own then. `greet::async_flow()` is that flow itself.
///
/// The first argument is the run that the function is called for (`&FlowRun`, or `&AsyncFlowRun`). The others are the
/// parameters, by their names: types that serde writes and reads, and schemars describes (it stands in `flows`, too). `#[default(…)]` before one says what
/// it is where it is absent, and so does `#[default]` with the type's own default. What serde's and schemars' attributes say,
/// and docs, belongs to the field of that name. What the function gives is a `Result`.
///
/// `#[flow(…)]` says what is optional, by the names of the methods of `FlowOptions`; a number is so many seconds where a
/// `Duration` is asked for:
///
/// | | |
/// |---|---|
/// | `name = "…"` | without it, the function's, with dashes for underscores, as Python's |
/// | `description = "…"` | without it, what the docs say before the first heading |
/// | `version = "…"`, `flow_run_name = "…"` | |
/// | `max_workers = 8` | how many of its submitted tasks run at once |
/// | `log_level = tracing::Level::DEBUG` | from which level on what is said is shipped |
/// | `retries = 3`, `retry_delay = 10`, `timeout = 60` | |
/// | `persist_result = true`, `result_storage = …`, `result_serializer = …` | as of `FlowResultOptions` |
/// | `on_running = …`, `on_completion = …`, `on_failure = …`, `on_cancellation = …`, `on_crashed = …` | as of `Flow` |
#[proc_macro_attribute]
pub fn flow(settings: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(Kind::Flow, settings.into(), item.into()).into()
}

/// Makes a task of a function. A plain `fn` makes a blocking task, an `async fn` an async one.
///
/// The function stays what it is. Beside it stands a type of the same name, whose functions run it: `parse::call(run, …)` runs
/// the task now, within that run or, called with a client, outside of flows, with the parameters of the function in their order; `parse::submit(run, …)` takes values or
/// futures of other task runs and gives a future, and `parse::map(run, …)` takes iterables and gives one for each;
/// `parse::delay(client, …)`, `parse::delay_with` and `parse::delay_each` submit it to the background, where `parse::serve(client)`
/// executes what was submitted, if serde reads all of its parameters; and `parse::task()` is the task itself, with `parse::parameters(…)` for what takes them as one value.
///
/// A blocking task runs in async flows, on a thread of its own, by `parse::acall(run, …)`, `parse::areturn_state`, `parse::asubmit` and
/// `parse::amap`, which are awaited, or give futures that are. `parse::async_task()` is that task itself.
///
/// The first argument is the run that the function is called for (`&TaskRun`, or `&AsyncTaskRun`). The others are the
/// parameters, by their names: types that can be cloned, for retries, and that serde writes. What the function gives is a
/// `Result`.
///
/// `#[task(…)]` says what is optional, by the names of the methods of `TaskOptions`; a number is so many seconds where a
/// `Duration` is asked for:
///
/// | | |
/// |---|---|
/// | `name = "…"` | without it, the function's |
/// | `description = "…"` | without it, what the docs say before the first heading |
/// | `version = "…"`, `tags = ["…"]`, `task_run_name = "…"` | |
/// | `retries = 3`, `retry_delay = 10` or `[1, 10, 60]` or any `RetryDelay`, `retry_jitter_factor = 0.5`, `timeout = 60` | |
/// | `retry_condition = …` | as of `Task::retry_condition` |
/// | `log_level = tracing::Level::DEBUG` | from which level on what is said is shipped |
/// | `persist_result = true`, `result_storage = …`, `result_serializer = …` | as of `TaskResultOptions` |
/// | `result_storage_key = "…"`, `cache_policy = …`, `cache_key_fn = …`, `cache_expiration = 60`, `refresh_cache = true` | as of `Task` |
/// | `on_running = …`, `on_completion = …`, `on_failure = …` | as of `Task` |
/// | `task_key = "…"` | what it is known by in the background, as of `Task::with_key` |
/// | `viz_return_value = …` | what stands in for its value where a flow is drawn |
/// | `on_commit = …`, `on_rollback = …`, `isolation_level = …` | what its transaction calls, and whether others wait for it |
#[proc_macro_attribute]
pub fn task(settings: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(Kind::Task, settings.into(), item.into()).into()
}
