//! A flow with tasks that are written in Rust. `cargo xtask demo` runs it against a real server; by hand it needs
//! `PREFECT_API_URL`.

use prefect_sdk::flows::{FlowRun, RunFailed};
use prefect_sdk::prelude::*;
use prefect_sdk::tasks::TaskRun;

/// Asks the weather of a day, which is not there at once.
#[task(retries = 2, retry_delay = 1, tags = ["weather"])]
fn ask(run: &TaskRun, day: String) -> Result<i32, String> {
    if run.run_count() == 1 && day == "tuesday" {
        return Err(format!("nothing is known of {day} yet"));
    }
    Ok(10 + i32::try_from(day.len()).unwrap_or_default())
}

#[task]
fn average(_: &TaskRun, degrees: Vec<i32>) -> Result<i32, String> {
    let days = i32::try_from(degrees.len()).map_err(|error| error.to_string())?;
    let sum: i32 = degrees.iter().sum();
    sum.checked_div(days).ok_or_else(|| "no day".to_owned())
}

/// The weather of some days, and where the run is to be seen.
#[flow(flow_run_name = "weather-of-{days}")]
fn weather(run: &FlowRun, days: Vec<String>) -> Result<(i32, String), RunFailed<String>> {
    // All are asked at once, and Prefect shows what the average stands on.
    let degrees = ask::map(run, days)?;
    let average = average::submit(run, degrees);
    Ok((average.result()?, run.id().to_string()))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = PrefectClient::from_env()?;
    let days = ["monday", "tuesday", "wednesday"].map(str::to_owned);
    let (average, id) = weather::call(&client, days.into())?;
    println!("a flow written in Rust: {average} degrees on average");
    let api_url = client.config().base_url();
    let page = api_url.trim_end_matches("/api");
    println!("\n{page}/runs/flow-run/{id}");
    Ok(())
}
