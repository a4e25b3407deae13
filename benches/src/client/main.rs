//! `bench-client NAME CALLERS CALLS URL PROCESSORS`: makes calls in one way, and prints what they took of this process, as JSON.
//!
//! URL is that of the API. The calls that warm up are not counted.

mod api;
mod callers;
mod clock;
mod raw;

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use prefect_client::models::FlowRunResponse;
use prefect_client::{AsyncPrefectClient, PrefectClient};
use serde_json::json;

use crate::callers::{Plan, in_tasks, in_tasks_sharing, in_threads, in_threads_sharing};
use crate::clock::Cost;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().with_context(|| format!("no {what}"));
    let name = next("NAME")?;
    let plan = Plan::new(next("CALLERS")?.parse()?, next("CALLS")?.parse()?)?;
    let url = next("URL")?;
    prefect_benches::keep_to(&next("PROCESSORS")?)?;
    let cost = measure(&name, plan, &url)?;
    let (cpu_us, wall_us) = (cost.cpu_us / plan.counted(), cost.wall_us / plan.counted());
    println!(
        "{}",
        json!({ "cpu_us": cpu_us, "wall_us": wall_us, "calls": plan.counted(), "made": plan.made() })
    );
    Ok(())
}

fn measure(name: &str, plan: Plan, url: &str) -> Result<Cost> {
    match name {
        "raw" => in_threads(
            plan,
            || raw::Connection::open(url),
            raw::Connection::read_flow_run,
        ),
        "blocking" => in_threads_sharing(plan, &PrefectClient::new(url)?, read_with_blocking),
        "blocking_separate" => {
            in_threads(plan, || Ok(PrefectClient::new(url)?), read_with_blocking)
        }
        "ureq" => in_threads_sharing(plan, &api::ureq_agent(), |agent| {
            api::read_with_ureq(agent, url)
        }),
        "reqwest_blocking" => {
            in_threads_sharing(plan, &api::reqwest_blocking_client()?, |client| {
                api::read_with_reqwest_blocking(client, url)
            })
        }
        "block_on" => block_on(plan, url),
        "async" => in_tasks_sharing(plan, &AsyncPrefectClient::new(url)?, read_with_async),
        "async_separate" => in_tasks(plan, || Ok(AsyncPrefectClient::new(url)?), read_with_async),
        "reqwest" => {
            let caller = (api::reqwest_client()?, Arc::from(url));
            in_tasks_sharing(plan, &caller, api::read_with_reqwest)
        }
        other => bail!("nobody is called `{other}`"),
    }
}

/// What a program without an async runtime of its own would do with the async face.
fn block_on(plan: Plan, url: &str) -> Result<Cost> {
    let caller = (Arc::new(callers::runtime()?), AsyncPrefectClient::new(url)?);
    in_threads_sharing(plan, &caller, |(runtime, client)| {
        Ok(runtime.block_on(client.read_flow_run(api::FLOW_RUN))?)
    })
}

fn read_with_blocking(client: &mut PrefectClient) -> Result<FlowRunResponse> {
    Ok(client.read_flow_run(api::FLOW_RUN)?)
}

async fn read_with_async(client: AsyncPrefectClient) -> Result<FlowRunResponse> {
    Ok(client.read_flow_run(api::FLOW_RUN).await?)
}
