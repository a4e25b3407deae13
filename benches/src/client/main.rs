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

use crate::callers::{Plan, in_tasks, in_threads};
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
    let id = api::FLOW_RUN;
    match name {
        "raw" => in_threads(
            plan,
            || raw::Connection::open(url),
            raw::Connection::read_flow_run,
        ),
        "blocking" => {
            let client = PrefectClient::new(url)?;
            in_threads(
                plan,
                || Ok(client.clone()),
                |client| Ok(client.read_flow_run(id)?),
            )
        }
        "blocking_separate" => in_threads(
            plan,
            || Ok(PrefectClient::new(url)?),
            |client| Ok(client.read_flow_run(id)?),
        ),
        "ureq" => {
            let agent = api::ureq_agent();
            in_threads(
                plan,
                || Ok(agent.clone()),
                |agent| api::read_with_ureq(agent, url),
            )
        }
        "reqwest_blocking" => {
            let client = api::reqwest_blocking_client()?;
            in_threads(
                plan,
                || Ok(client.clone()),
                |client| api::read_with_reqwest_blocking(client, url),
            )
        }
        "block_on" => block_on(plan, url),
        "async" => {
            let client = AsyncPrefectClient::new(url)?;
            in_tasks(plan, || Ok(client.clone()), read_with_async)
        }
        "async_separate" => in_tasks(plan, || Ok(AsyncPrefectClient::new(url)?), read_with_async),
        "reqwest" => {
            let (client, url) = (api::reqwest_client()?, Arc::from(url));
            in_tasks(
                plan,
                || Ok((client.clone(), Arc::clone(&url))),
                api::read_with_reqwest,
            )
        }
        other => bail!("nobody is called `{other}`"),
    }
}

/// What a program without an async runtime of its own would do with the async face.
fn block_on(plan: Plan, url: &str) -> Result<Cost> {
    let runtime = Arc::new(callers::runtime()?);
    let client = AsyncPrefectClient::new(url)?;
    in_threads(
        plan,
        || Ok((Arc::clone(&runtime), client.clone())),
        |(runtime, client)| Ok(runtime.block_on(client.read_flow_run(api::FLOW_RUN))?),
    )
}

async fn read_with_async(client: AsyncPrefectClient) -> Result<FlowRunResponse> {
    Ok(client.read_flow_run(api::FLOW_RUN).await?)
}
