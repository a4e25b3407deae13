//! Functions of all kinds: that they compile, without a warning, is most of the test.

use std::num::ParseIntError;
use std::time::Duration;

use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowRun, RunFailed, RunName};
use prefect_sdk::results::Serializer;
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, RetryDelay, Task, TaskRun};
use prefect_sdk::{flow, task};
use serde::{Deserialize, Serialize};

/// An alias, as `anyhow::Result` is one.
type BoxedResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Clone, Debug, Serialize, Deserialize, prefect_sdk::input::schemars::JsonSchema)]
#[schemars(crate = "prefect_sdk::input::schemars")]
struct Order {
    number: u32,
}

/// Counts letters.
///
/// # Errors
///
/// Never.
#[flow(
    name = "letters of a name",
    version = "3",
    retries = 2,
    retry_delay = 1.5,
    timeout = Duration::from_mins(1),
    flow_run_name = "count-{name}",
    persist_result = false,
)]
pub(crate) fn count(
    run: &FlowRun,
    /// Whose letters.
    name: String,
    #[default(3)] times: usize,
    #[default("-")] separator: String,
    #[default] mut tags: Vec<String>,
    note: Option<String>,
    #[serde(rename = "kind")] r#type: u8,
) -> Result<usize, std::fmt::Error> {
    tags.push(separator);
    let _ = (run, note, r#type);
    Ok(times * name.len() + tags.len())
}

/// Names of parameters that the attribute's own code has as well.
#[flow]
fn same_names(
    run: &FlowRun,
    client: u32,
    options: u32,
    parameters: u32,
    same_names: u32,
) -> Result<u32, String> {
    let _ = run.id();
    Ok(client + options + parameters + same_names)
}

#[flow]
fn nothing(_: &FlowRun) -> Result<(), String> {
    Ok(())
}

#[flow]
async fn ordered(run: &AsyncFlowRun, order: Order) -> BoxedResult<u32> {
    Ok(doubled::call(run, order.number).await?)
}

#[task(
    tags = ["text", "numbers"],
    retries = 3,
    retry_delay = [1, 2.5],
    retry_jitter_factor = 0.5,
    retry_condition = is_worth_it,
    task_run_name = RunName::computed(|parameters| format!("{} things", parameters.len())),
    result_serializer = Serializer::Json,
    result_storage_key = "{parameters[text]}",
    description = "Reads a number.",
    timeout = 60,
    version = env!("CARGO_PKG_VERSION"),
)]
pub(crate) fn parse(_: &TaskRun, text: String) -> Result<u64, ParseIntError> {
    text.parse()
}

fn is_worth_it(failed: &RunFailed<ParseIntError>) -> bool {
    matches!(failed, RunFailed::TimedOut(_))
}

#[task(retry_delay = RetryDelay::Exponential(Duration::from_secs(1)), retries = 1)]
async fn doubled(run: &AsyncTaskRun, number: u32) -> Result<u32, String> {
    let name = run.name().to_owned();
    tokio::task::yield_now().await;
    if number > u32::MAX / 2 {
        return Err(name);
    }
    Ok(2 * number)
}

/// In a function of its own, with types that are seen nowhere else.
#[test]
fn functions_may_be_anywhere_and_are_called_as_locals_are() {
    #[derive(Clone, Serialize)]
    struct Local(u32);

    #[task]
    fn taken(_: &TaskRun, local: Local, pair: (u8, Option<u8>)) -> std::io::Result<u32> {
        Ok(local.0 + u32::from(pair.0))
    }

    fn called(run: &FlowRun) -> Result<u32, RunFailed<std::io::Error>> {
        // No pattern of a type: the function is what has this name.
        let taken = taken::call(run, Local(1), (2, None))?;
        Ok(taken)
    }

    let _ = called;
    let whole: &Task<_, u32, std::io::Error> = taken::task();
    assert_eq!(whole.name(), "taken");
}

#[test]
fn the_types_say_which_face_it_is_and_names_are_python_s() {
    let counting: &Flow<_, usize, std::fmt::Error> = count::flow();
    assert_eq!(counting.name(), "letters of a name");
    let same: &Flow<_, u32, String> = same_names::flow();
    assert_eq!(same.name(), "same-names");
    let parsing: &Task<_, u64, ParseIntError> = parse::task();
    assert_eq!(parsing.name(), "parse");
    let ordering: &AsyncFlow<_, u32, Box<dyn std::error::Error + Send + Sync>> = ordered::flow();
    assert_eq!(ordering.name(), "ordered");
    let doubling: &AsyncTask<_, u32, String> = doubled::task();
    assert_eq!(doubling.name(), "doubled");
    assert!(std::ptr::eq(parsing, parse::task()));
    let _ = nothing::flow();
}

#[test]
fn options_are_those_that_are_written() {
    let told = format!("{:?}", count::flow());
    for part in [
        "description: Some(\"Counts letters.\")",
        "version: Some(\"3\")",
        "retries: 2",
        "retry_delay: 1.5s",
        "timeout: Some(60s)",
        "RunName(\"count-{name}\")",
        "persist: Some(false)",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = format!("{:?}", parse::task());
    for part in [
        "description: Some(\"Reads a number.\")",
        "tags: [\"text\", \"numbers\"]",
        "retries: 3",
        "Each([1s, 2.5s])",
        "jitter: Some(0.5)",
        "timeout: Some(60s)",
        "serializer: Some(Json)",
        "storage_key: Some(\"{parameters[text]}\")",
        concat!("version: Some(\"", env!("CARGO_PKG_VERSION"), "\")"),
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn parameters_are_one_value_by_their_names() {
    let parameters = count::parameters("you".to_owned(), 1, "-".to_owned(), Vec::new(), None, 2);
    let told = serde_json::to_value(&parameters).unwrap();
    let expected = serde_json::json!({
        "name": "you", "times": 1, "separator": "-", "tags": [], "note": null, "kind": 2,
    });
    assert_eq!(told, expected);
    let schema = count::flow().parameter_openapi_schema();
    assert_eq!(schema["required"], serde_json::json!(["name", "kind"]));
    assert_eq!(schema["properties"]["separator"]["default"], "-");
    assert_eq!(schema["properties"]["times"]["position"], 1);
    assert_eq!(
        schema["properties"]["name"]["description"],
        "Whose letters."
    );
}
